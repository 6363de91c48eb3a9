//! The servers that are measured, as processes.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use crate::floor::Copying;
use proctor::stage::program;
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The core that servers run on; the client takes another.
pub const CORE: usize = 0;

/// What this program is told to be the server on hyper.
pub const HYPER: &str = "--minimal-hyper";
/// And the one that does the least.
pub const FLOOR: &str = "--floor";
/// And, with a way to do that, the one that does the least to send a large file.
pub const COPYING: &str = "--copying";

/// How nginx keeps connections, and sends what is there in another coding.
const STAYS: &str = "keepalive_timeout 75s; keepalive_requests 1000000000;
                 sendfile on; tcp_nodelay on; gzip_static on;";

/// What nginx is to keep.
#[derive(Clone, Copy)]
pub enum Keeps {
    /// A line for each request, as Part 5.5 does.
    Log,
    /// Connections.
    Connections,
    /// Both.
    Both,
}

/// A server that listens in the clear and over TLS.
pub struct Server {
    /// What it is.
    pub name: &'static str,
    /// Where it listens in the clear.
    pub clear: SocketAddr,
    /// Where it listens for TLS.
    pub tls: SocketAddr,
    child: Child,
}

impl Server {
    /// A part, logging to a file if it does log, with a certificate that it mints in
    /// `folder`; told the options that are its own.
    pub fn part(
        part: &'static str,
        folder: &Path,
        options: &[&str],
    ) -> io::Result<Server> {
        Server::started(part, Command::new(path_of(part)), folder, options)
    }

    /// A part that is started by a command, which is given its options.
    pub fn started(
        part: &'static str,
        mut command: Command,
        folder: &Path,
        options: &[&str],
    ) -> io::Result<Server> {
        command.args(["--host", "127.0.0.1", "--port", "0"]);
        let has_tls = program(part).part.tls.is_some();
        if has_tls {
            command.args(["--tls-port", "0"]);
        }
        let help = Command::new(path_of(part)).arg("--help").output()?;
        if String::from_utf8_lossy(&help.stdout).contains("--log") {
            command.args(["--log", "ours.log"]);
        }
        command.args(options);
        Server::greeted(part, &mut command, folder, has_tls)
    }

    /// A part that may have so many descriptors, told the options that are its own.
    pub fn short(
        part: &'static str,
        folder: &Path,
        descriptors: usize,
        options: &[&str],
    ) -> io::Result<Server> {
        let mut command = Command::new("sh");
        let limited = format!("ulimit -n {descriptors}; exec \"$0\" \"$@\"");
        command.args(["-c", &limited]).arg(path_of(part));
        command.args(["--host", "127.0.0.1", "--port", "0", "--tls-port", "0"]);
        command.args(options);
        Server::greeted(part, &mut command, folder, true)
    }

    /// The verse on hyper, with the certificate that is in `folder`.
    pub fn hyper(folder: &Path) -> io::Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(HYPER);
        Server::greeted("hyper", &mut command, folder, true)
    }

    /// A server that says where it listens, once it does.
    pub fn greeted(
        name: &'static str,
        command: &mut Command,
        folder: &Path,
        has_tls: bool,
    ) -> io::Result<Server> {
        let mut child = command
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut address = || {
            let line = lines.next().unwrap_or_else(|| Ok(String::new()))?;
            let address = line.rsplit('/').next().unwrap_or_default();
            address.parse().map_err(io::Error::other)
        };
        let clear = address()?;
        let tls = if has_tls { address()? } else { clear };
        Ok(Server { name, clear, tls, child })
    }

    /// The server that does the least, in the clear.
    pub fn floor(folder: &Path) -> io::Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(FLOOR);
        Server::greeted("floor", &mut command, folder, false)
    }

    /// One that does the least to send the film, in a way of its own.
    pub fn copying(folder: &Path, copying: Copying) -> io::Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([COPYING, &copying.to_string()]);
        Server::greeted("copying", &mut command, folder, false)
    }

    /// The server by another name.
    pub fn named(mut self, name: &'static str) -> Server {
        self.name = name;
        self
    }

    /// nginx, with the same certificate and text. It keeps a log and no connection, or
    /// the other way round.
    pub fn nginx(folder: &Path, keeps: Keeps) -> io::Result<Server> {
        let (clear, tls) = (free_address()?, free_address()?);
        let path = folder.display();
        let habits = match keeps {
            Keeps::Log => {
                format!("access_log {path}/access.log; keepalive_timeout 0;")
            }
            Keeps::Connections => format!("access_log off; {STAYS}"),
            Keeps::Both => format!("access_log {path}/access.log; {STAYS}"),
        };
        let conf = folder.join(format!("nginx-{}.conf", clear.port()));
        fs::write(
            &conf,
            format!(
                "daemon off; worker_processes 1; pid {path}/nginx.pid;
                 error_log {path}/error.log;
                 events {{ worker_connections 8192; multi_accept off; }}
                 http {{
                   {habits}
                   types {{ text/plain txt; }} default_type text/plain;
                   ssl_certificate {path}/certs/cert.pem;
                   ssl_certificate_key {path}/certs/key.pem;
                   ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519;
                   client_body_temp_path {path}/body; proxy_temp_path {path}/proxy;
                   fastcgi_temp_path {path}/fcgi; uwsgi_temp_path {path}/uwsgi;
                   scgi_temp_path {path}/scgi;
                   server {{ listen {clear}; listen {tls} ssl; root {path}/html;
                             index index.txt; }}
                 }}"
            ),
        )?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(conf).arg("-e").arg(folder.join("error.log"));
        Server::awaited("nginx", &mut command, clear, tls)
    }

    /// h2o, with the same certificate and text, and no log.
    pub fn h2o(folder: &Path) -> io::Result<Server> {
        let (clear, tls) = (free_address()?, free_address()?);
        let path = folder.display();
        let user = match rustix::process::geteuid().is_root() {
            true => "user: root",
            false => "",
        };
        let conf = folder.join("h2o.conf");
        let (clear_port, tls_port) = (clear.port(), tls.port());
        fs::write(
            &conf,
            format!(
                "num-threads: 1
{user}
listen:
  host: 127.0.0.1
  port: {clear_port}
listen:
  host: 127.0.0.1
  port: {tls_port}
  ssl:
    certificate-file: {path}/certs/cert.pem
    key-file: {path}/certs/key.pem
hosts:
  default:
    paths:
      /:
        file.dir: {path}/html
        file.index: [index.txt]
"
            ),
        )?;
        let mut command = Command::new("h2o");
        command.arg("-c").arg(conf).stdout(Stdio::null());
        Server::awaited("h2o", &mut command, clear, tls)
    }

    /// A server that does not say when it listens.
    fn awaited(
        name: &'static str,
        command: &mut Command,
        clear: SocketAddr,
        tls: SocketAddr,
    ) -> io::Result<Server> {
        let child = command.stderr(Stdio::null()).spawn()?;
        let server = Server { name, clear, tls, child };
        for _ in 0..500 {
            if std::net::TcpStream::connect(tls).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("it does not listen"))
    }

    /// Stops it for a while.
    pub fn stand_still(&self, time: Duration) {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            let _ = kill_process(pid, Signal::STOP);
            thread::sleep(time);
            let _ = kill_process(pid, Signal::CONT);
        }
    }

    /// The CPU time of the server so far, in nanoseconds.
    ///
    /// A process's own account has the threads that are gone in it, and comes in ticks
    /// of 10 ms; that of the threads that are there is exact. The larger is nearer.
    pub fn cpu_nanos(&self) -> u64 {
        let processes = self.processes();
        let ticks: u64 = processes.iter().filter_map(ticks).sum();
        let nanos: u64 = processes.iter().map(nanos_of_threads).sum();
        nanos.max(ticks * 10_000_000)
    }

    /// Resident memory of all of the server's processes, in bytes.
    pub fn resident(&self) -> f64 {
        let of_process = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = text.lines().find(|line| line.starts_with("VmRSS"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        self.processes().iter().filter_map(of_process).sum::<f64>() * 1024.0
    }

    /// Whether a library is loaded into it.
    pub fn has_loaded(&self, library: &str) -> bool {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.child.id()));
        maps.is_ok_and(|maps| maps.contains(library))
    }

    /// The process and its children.
    fn processes(&self) -> Vec<u32> {
        let pid = self.child.id();
        let children = format!("/proc/{pid}/task/{pid}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        let children =
            children.split_whitespace().filter_map(|pid| pid.parse().ok());
        std::iter::once(pid).chain(children).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// Where a part's program is.
pub fn path_of(part: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_part5_5")).with_file_name(part)
}

fn ticks(pid: &u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit(')').next()?.split(' ').skip(12);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn nanos_of_threads(pid: &u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    let of_thread = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    tasks.flatten().filter_map(of_thread).sum()
}

/// Where nobody listens.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Keeps the calling thread, and what it starts, on one core.
pub fn pin(core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).map_err(|error| {
        io::Error::other(format!("these figures take two cores: {error}"))
    })
}
