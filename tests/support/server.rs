use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use proctor::stage::program;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use tempfile::TempDir;

use super::PATIENCE;

/// A part that runs, on ports of its own, in a folder of its own.
pub struct Server {
    pub child: Child,
    /// Where it listens, in the order in which it said so.
    pub addresses: Vec<SocketAddr>,
    pub folder: TempDir,
    stderr: Arc<(Mutex<String>, Condvar)>,
    /// Whether a test has waited for its end, and seen what that was.
    is_awaited: bool,
}

/// Whoever runs the tests in the background, or under nohup, has signals ignored, and a
/// part leaves ignored what it finds so. What is caught here is not ignored in children.
fn signals_reach_children() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask =
            mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            if mask >> (number - 1) & 1 == 1 {
                signal_hook::flag::register(number, Arc::default()).unwrap();
            }
        }
    });
}

impl Server {
    /// Starts a part on `127.0.0.1` and any port.
    pub fn start(part: &str) -> Server {
        Server::start_with(part, &["--host", "127.0.0.1"])
    }

    /// Starts a part with the given options, on any port.
    pub fn start_with(part: &str, options: &[&str]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Server::command(part, folder.path());
        command.args(options);
        Server::spawn(command, folder)
    }

    /// Starts a program that goes for a part, as [`Server::start`] does the part.
    pub fn start_program(part: &str, program: &Path) -> Server {
        let folder = tempfile::tempdir().unwrap();
        signals_reach_children();
        let mut command = Command::new(program);
        command.args(any_port(part)).args(["--host", "127.0.0.1"]);
        command.current_dir(folder.path());
        Server::spawn(command, folder)
    }

    /// The command that starts a part on any port.
    pub fn command(part: &str, folder: &Path) -> Command {
        signals_reach_children();
        let mut command = Command::new(binary(part));
        command.args(any_port(part)).current_dir(folder).env_remove("RUST_LOG");
        command
    }

    /// The same from a shell that has done something before.
    pub fn command_after(before: &str, part: &str, folder: &Path) -> Command {
        let direct = Server::command(part, folder);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]);
        command.arg(direct.get_program()).args(direct.get_args());
        command.current_dir(folder).env_remove("RUST_LOG");
        command
    }

    /// Runs a command that starts a part, and waits until it listens.
    pub fn spawn(command: Command, folder: TempDir) -> Server {
        let begun = Server::begin(command, folder);
        begun.unwrap_or_else(|(_, said)| panic!("it does not start: {said}"))
    }

    /// The same, or how it ended instead, and what it has said then.
    pub fn begin(
        mut command: Command,
        folder: TempDir,
    ) -> Result<Server, (ExitStatus, String)> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = collect(child.stderr.take().unwrap());
        let lines = lines(child.stdout.take().unwrap());
        let addresses = Vec::new();
        let mut server =
            Server { child, addresses, folder, stderr, is_awaited: false };
        let deadline = Instant::now() + PATIENCE;
        // The lines leave in one write: after the first, the rest is there or the
        // server is waiting for nothing.
        while let Ok(line) = lines.recv_timeout(match server.addresses.len() {
            0 => deadline.saturating_duration_since(Instant::now()),
            _ => std::time::Duration::from_millis(100),
        }) {
            let address = line.rsplit('/').next().unwrap();
            assert!(line.starts_with("listening on http"), "{line}");
            server.addresses.push(address.parse().unwrap());
        }
        if server.addresses.is_empty() {
            let status = server.wait();
            let said =
                server.wait_for(|it| it.contains("error: ") && it.ends_with('\n'));
            return Err((status, said));
        }
        Ok(server)
    }

    /// What it has said on stderr so far.
    pub fn stderr(&self) -> String {
        self.stderr.0.lock().unwrap().clone()
    }

    /// Waits until it has said something on stderr.
    pub fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> String {
        let (text, changed) = &*self.stderr;
        let text = text.lock().unwrap();
        let (text, waited) = changed
            .wait_timeout_while(text, PATIENCE, |text| !wanted(text))
            .unwrap();
        assert!(!waited.timed_out(), "it never says so: {text}");
        text.clone()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for it to end.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.is_awaited = true;
                return status;
            }
            thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("it does not end: {}", self.stderr());
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// The CPU time that it has used, in ticks of 10 ms.
    pub fn cpu_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap();
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap().split(' ').collect();
        fields[12].parse::<u64>().unwrap() + fields[13].parse::<u64>().unwrap()
    }

    /// The root that it minted.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("certs/rootCA.pem")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let status = self.child.wait().unwrap();
        // A part that ends by itself in the middle of a test, or panics in one of its
        // threads, is a failure that the test may not look for.
        if !thread::panicking() {
            let is_killed = status.signal() == Some(9);
            let ended_well = self.is_awaited || status.success() || is_killed;
            assert!(ended_well, "{status}: {}", self.stderr());
            assert!(!self.stderr().contains("panicked"), "{}", self.stderr());
        }
    }
}

/// Where cargo put a part: with all the others.
pub fn binary(part: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_part1")).with_file_name(part);
    assert!(path.exists(), "there is no {part}: is it a [[bin]] of Cargo.toml?");
    path
}

/// Copies a part to where somebody else may run it. Not by this process: a test beside it
/// may start a program while the copy is open, whose child holds it open for a moment, and
/// what is open for writing somewhere can't be run (`ETXTBSY`).
pub fn copy_program(part: &str, to: &Path) {
    let copied = Command::new("cp").arg(binary(part)).arg(to).status().unwrap();
    assert!(copied.success(), "{}", to.display());
}

/// Whether a part has an option: its help says so.
pub fn has_option(part: &str, option: &str) -> bool {
    let output = Command::new(binary(part)).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap().contains(option)
}

fn any_port(part: &str) -> &'static [&'static str] {
    match program(part).part.tls {
        Some(_) => &["--http-port", "0", "--tls-port", "0"],
        None => &["--port", "0"],
    }
}

fn lines(stdout: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn collect(
    mut stderr: impl Read + Send + 'static,
) -> Arc<(Mutex<String>, Condvar)> {
    let shared = Arc::new((Mutex::new(String::new()), Condvar::new()));
    let collected = shared.clone();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..count]);
            collected.0.lock().unwrap().push_str(&text);
            collected.1.notify_all();
        }
    });
    shared
}
