//! The servers that are measured, as processes.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The core that servers run on; the client takes another.
pub const CORE: usize = 0;

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
    /// Part 5.5, logging to a file, with a certificate that it mints in `folder`.
    pub fn ours(folder: &Path) -> io::Result<Server> {
        Server::part("part5_5", folder)
    }

    /// A part, logging to a file if it does log.
    pub fn part(part: &'static str, folder: &Path) -> io::Result<Server> {
        let this = Path::new(env!("CARGO_BIN_EXE_part5_5"));
        let mut command = Command::new(this.with_file_name(part));
        command.args(["--host", "127.0.0.1", "--port", "0"]);
        if part == "part5_5" {
            command.args(["--tls-port", "0"]);
        }
        if part != "part1" {
            command.args(["--log", "ours.log"]);
        }
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
        let tls = if part == "part5_5" { address()? } else { clear };
        Ok(Server { name: part, clear, tls, child })
    }

    /// nginx, with the same certificate, text and log, and keep-alive off.
    pub fn nginx(folder: &Path) -> io::Result<Server> {
        let (clear, tls) = (free_address()?, free_address()?);
        fs::create_dir_all(folder.join("html"))?;
        fs::write(folder.join("html/index.txt"), rohttp::verse::VERSE)?;
        let path = folder.display();
        fs::write(
            folder.join("nginx.conf"),
            format!(
                "daemon off; worker_processes 1; pid {path}/nginx.pid;
                 error_log {path}/error.log;
                 events {{ worker_connections 4096; multi_accept off; }}
                 http {{
                   access_log {path}/access.log; keepalive_timeout 0;
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
        let child = Command::new("nginx")
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-e")
            .arg(folder.join("error.log"))
            .stderr(Stdio::null())
            .spawn()?;
        let server = Server { name: "nginx", clear, tls, child };
        for _ in 0..500 {
            if std::net::TcpStream::connect(tls).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("it does not listen"))
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

fn free_address() -> io::Result<SocketAddr> {
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
