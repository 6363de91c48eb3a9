//! A process that is left alone: detaching, pid files, signals.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use proctor::stage::{Program, Stage, program, programs};
use rohttp::verse::VERSE;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{
    Client, GET, PATIENCE, Server, copy_program, has_option, tls_config,
};

/// A part that was told to detach, and did.
struct Daemon {
    folder: TempDir,
    addresses: Vec<SocketAddr>,
    pid: Pid,
}

impl Daemon {
    fn start(part: &str, options: &[&str]) -> Daemon {
        let folder = tempfile::tempdir().unwrap();
        let output = launch(part, folder.path(), options);
        Daemon::of(part, folder, output)
    }

    fn of(part: &str, folder: TempDir, output: Output) -> Daemon {
        let said = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{part}: {errors}");
        let address =
            |line: &str| line.rsplit('/').next().unwrap().parse().unwrap();
        let addresses = said.lines().map(address).collect();
        let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
        assert_eq!(pid, format!("{}\n", pid.trim()), "{part}");
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        Daemon { folder, addresses, pid }
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.path().join("pid")
    }

    fn proc(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.pid.as_raw_nonzero()).into()
    }

    /// Field `index` of /proc/PID/stat, from the state, which is 0.
    fn stat(&self, index: usize) -> String {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let fields = stat.rsplit(") ").next().unwrap();
        fields.split(' ').nth(index).unwrap().to_owned()
    }

    /// Whether any thread of it is left that is not a zombie: the others may still
    /// hold its files, and the locks on them, when the first is gone.
    fn is_alive(&self) -> bool {
        let threads =
            fs::read_dir(self.proc("task")).into_iter().flatten().flatten();
        let states = threads.filter_map(|thread| {
            let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
            stat.rsplit(") ").next()?.chars().next()
        });
        states.into_iter().any(|state| !"ZX".contains(state))
    }

    /// Sends a signal and waits for the daemon to be gone.
    fn end(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.is_alive() {
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.is_alive() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn launch(part: &str, folder: &Path, options: &[&str]) -> Output {
    let mut command = Server::command(part, folder);
    command.args(["--host", "127.0.0.1", "--daemon", "--pid-file", "pid"]);
    // The daemon holds neither pipe, or this would wait for it to end.
    command.args(options).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_daemon_serves_detached_from_where_it_was_started() {
    for Program { name, part } in programs() {
        let daemon = Daemon::start(name, &[]);
        let client = Client::clear(daemon.addresses[0]);
        let said = client.ask(part.last_request());
        assert!(said.ends_with(VERSE.as_bytes()), "{name}");

        let pid = daemon.pid.as_raw_nonzero().to_string();
        let ours = fs::read_to_string("/proc/self/stat").unwrap();
        let our_session =
            ours.rsplit(") ").next().unwrap().split(' ').nth(3).unwrap();
        let session = daemon.stat(3);
        assert_ne!(session, our_session, "{name}: a session of its own");
        assert_ne!(session, pid, "{name}: which it does not lead");
        assert_eq!(daemon.stat(4), "0", "{name}: no terminal");
        assert_eq!(fs::read_link(daemon.proc("cwd")).unwrap(), Path::new("/"));
        let status = fs::read_to_string(daemon.proc("status")).unwrap();
        assert!(status.contains("Umask:\t0027\n"), "{name}");
        for stream in 0..3 {
            let stream =
                fs::read_link(daemon.proc(&format!("fd/{stream}"))).unwrap();
            assert_eq!(stream, Path::new("/dev/null"), "{name}");
        }
        let mode = fs::metadata(daemon.pid_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o644, "{name}");

        daemon.end(Signal::TERM);
        assert!(!daemon.pid_file().exists(), "{name}: removed at a clean end");
    }
}

/// What somebody's umask takes away, the daemon does not give.
#[test]
fn a_stricter_umask_stays() {
    for Program { name, .. } in programs() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Server::command_after("umask 077", name, folder.path());
        command.args(["--host", "127.0.0.1", "--daemon", "--pid-file", "pid"]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let daemon = Daemon::of(name, folder, output);
        let status = fs::read_to_string(daemon.proc("status")).unwrap();
        assert!(status.contains("Umask:\t0077\n"), "{name}");
        daemon.end(Signal::TERM);
    }
}

#[test]
fn a_daemon_logs_to_the_file_it_was_given_where_it_was_started() {
    let daemon = Daemon::start("part5_5", &["--log", "requests"]);
    Client::clear(daemon.addresses[0]).ask(GET);
    daemon.end(Signal::HUP);
    let log = fs::read_to_string(daemon.folder.path().join("requests")).unwrap();
    let line = format!("method=GET target=/ status=200 bytes={}", VERSE.len());
    assert!(log.contains(&line), "{log}");
}

/// The daemon stands in `/` by then, and whoever started it stood elsewhere.
#[test]
fn a_daemon_opens_its_access_log_anew_where_it_was_started() {
    let with_log = programs().filter(|it| has_option(it.name, "--access-log"));
    let with_log: Vec<Program> = with_log.collect();
    assert!(!with_log.is_empty());
    for Program { name, part } in with_log {
        let daemon = Daemon::start(name, &["--access-log", "requests"]);
        let log = daemon.folder.path().join("requests");
        let ask = || Client::clear(daemon.addresses[0]).ask(part.last_request());
        let lines = |path| fs::read_to_string(path).unwrap().lines().count();
        ask();
        assert_eq!(lines(&log), 1, "{name}");
        let moved = log.with_extension("1");
        fs::rename(&log, &moved).unwrap();
        kill_process(daemon.pid, Signal::HUP).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !log.exists() {
            assert!(Instant::now() < deadline, "{name} does not open it again");
            std::thread::yield_now();
        }
        ask();
        assert_eq!((lines(&log), lines(&moved)), (1, 1), "{name}");
        daemon.end(Signal::TERM);
        assert!(!daemon.pid_file().exists(), "{name}");
    }
}

#[test]
fn a_second_daemon_is_told_who_is_there_already() {
    for Program { name, .. } in programs() {
        let daemon = Daemon::start(name, &[]);
        let pid = daemon.pid.as_raw_nonzero();
        let second = launch(name, daemon.folder.path(), &[]);
        assert_eq!(second.status.code(), Some(1), "{name}");
        let said = String::from_utf8(second.stderr).unwrap();
        let path = daemon.folder.path().join("pid");
        let path = path.display();
        let expected =
            format!("error: already running with pid {pid} (it holds {path})\n");
        assert_eq!(said, expected, "{name}");
        assert!(daemon.is_alive(), "{name}");
    }
}

#[test]
fn a_pid_file_left_by_one_that_was_killed_is_taken_over() {
    let mut daemon = Daemon::start("part1", &[]);
    daemon.end(Signal::KILL);
    let stale = fs::read_to_string(daemon.pid_file()).unwrap();
    let output = launch("part1", daemon.folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    let taken = fs::read_to_string(daemon.pid_file()).unwrap();
    assert_ne!(taken, stale);
    daemon.pid = Pid::from_raw(taken.trim().parse().unwrap()).unwrap();
    daemon.end(Signal::TERM);
}

#[test]
fn a_pid_file_is_kept_in_the_foreground_too() {
    for Program { name, .. } in programs() {
        let options = ["--host", "127.0.0.1", "--pid-file", "run.pid"];
        let mut server = Server::start_with(name, &options);
        let path = server.folder.path().join("run.pid");
        let pid = fs::read_to_string(&path).unwrap();
        assert_eq!(pid, format!("{}\n", server.child.id()), "{name}");
        server.signal(Signal::INT);
        assert!(server.wait().success(), "{name}");
        assert!(!path.exists(), "{name}");
    }
}

#[test]
fn what_is_no_pid_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let precious = folder.path().join("precious");
    let cases = ["root:x:0:0\n", "12 34\n", "99999999999999\n", "\u{e9}"];
    let run = |path: &Path| {
        let mut command = Server::command("part1", folder.path());
        let output = command.arg("--pid-file").arg(path).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    for contents in cases {
        fs::write(&precious, contents).unwrap();
        let said = run(&precious);
        assert!(
            said.ends_with("is not a pid file: it is left as it is\n"),
            "{said}"
        );
        assert_eq!(fs::read_to_string(&precious).unwrap(), contents);
    }
    fs::remove_file(&precious).unwrap();
    fs::write(folder.path().join("target"), "7\n").unwrap();
    std::os::unix::fs::symlink("target", &precious).unwrap();
    let said = run(&precious);
    assert!(said.starts_with("error: cannot use the pid file "), "{said}");
    for path in [folder.path(), Path::new("/nowhere/pid"), Path::new("/dev/null")] {
        let said = run(path);
        assert!(said.starts_with("error: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_pid_file_that_another_server_took_is_not_removed() {
    let mut server =
        Server::start_with("part1", &["--host", "127.0.0.1", "--pid-file", "pid"]);
    let path = server.folder.path().join("pid");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "1\n").unwrap();
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    assert_eq!(fs::read_to_string(&path).unwrap(), "1\n");
}

#[test]
fn hup_term_and_int_end_every_part_with_0() {
    for Program { name, part } in programs() {
        // From Part 7 on, HUP is to read its files anew, unless a terminal was closed.
        let signals = [Signal::TERM, Signal::INT, Signal::HUP];
        let rereads = part.stage >= Stage::Part7;
        let signals = if rereads { &signals[..2] } else { &signals };
        for &signal in signals {
            let mut server = Server::start(name);
            server.signal(signal);
            assert_eq!(server.wait().code(), Some(0), "{name} {signal:?}");
        }
    }
}

/// Whoever has run another server sends them out of habit.
#[test]
fn signals_that_mean_something_to_other_servers_do_no_harm() {
    for Program { name, part } in programs() {
        let mut server = Server::start(name);
        server.signal(Signal::USR1);
        server.signal(Signal::USR2);
        let said = Client::clear(server.addresses[0]).ask(part.last_request());
        assert!(said.ends_with(VERSE.as_bytes()), "{name}");
        server.signal(Signal::QUIT);
        assert_eq!(server.wait().code(), Some(0), "{name}");
    }
}

/// The parts that finish what they have begun.
fn with_tls() -> impl Iterator<Item = &'static str> {
    programs().filter(|it| it.part.tls.is_some()).map(|it| it.name)
}

#[test]
fn a_response_in_flight_is_finished_and_nobody_new_is_let_in() {
    for name in with_tls() {
        let mut server = Server::start(name);
        let [clear, tls] = server.addresses[..] else { panic!("two ports") };
        let config = tls_config(&server.root(), ALL_VERSIONS);
        // Callers are taken in turn: these have been when the next are answered.
        let idle = Client::clear(clear);
        let silent = Client::clear(tls);
        let (begun, rest) = GET.split_at(10);
        let mut clients =
            [Client::clear(clear), Client::tls(tls, &config).unwrap()];
        for client in &mut clients {
            // A refusal first, so that the server is known to have read the rest.
            client.send(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
            client.send(begun);
            client.read_response();
        }
        server.signal(Signal::TERM);
        for mut client in [idle, silent] {
            assert_eq!(client.read_to_end(), b"", "they had asked for nothing");
        }
        for address in [clear, tls] {
            assert!(TcpStream::connect(address).is_err(), "nobody new is let in");
        }
        for mut client in clients {
            client.send(rest);
            assert!(client.read_to_end().ends_with(VERSE.as_bytes()));
        }
        assert_eq!(server.wait().code(), Some(0));
    }
}

/// Somebody whose request has begun, which is known to have been read.
fn begun(server: &Server) -> Client {
    let mut client = Client::clear(server.addresses[0]);
    client.send(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP");
    client.read_response();
    client
}

#[test]
fn who_will_not_finish_is_cut_off_after_five_seconds() {
    let before_part7 = |name: &&str| program(name).part.stage < Stage::Part7;
    for name in with_tls().filter(before_part7) {
        let mut server = Server::start(name);
        let _client = begun(&server);
        let started = Instant::now();
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0));
        let waited = started.elapsed();
        assert!(waited > Duration::from_millis(4500), "{waited:?}");
        server.wait_for(|said| said.contains("some connections were cut off"));
    }
}

/// Whoever told it to end wants to know what came of it.
#[test]
fn who_is_cut_off_is_counted_and_seen_in_the_exit_code() {
    let options = ["--host", "127.0.0.1", "--drain", "700ms"];
    let mut server = Server::start_with(Stage::LAST.name(), &options);
    let _clients = [(); 3].map(|()| begun(&server));
    let started = Instant::now();
    server.signal(Signal::TERM);
    wait_until_closed(&server);
    // Rotating logs meanwhile makes no difference.
    server.signal(Signal::HUP);
    assert_eq!(server.wait().code(), Some(3));
    assert!(started.elapsed() >= Duration::from_millis(700));
    server.wait_for(|said| said.contains("some connections were cut off count=3"));
}

/// A connection that was accepted just before may have its request on its way.
#[test]
fn who_has_just_come_when_it_ends_is_still_answered() {
    let mut server = Server::start(Stage::LAST.name());
    let mut idle = Client::clear(server.addresses[0]);
    idle.send(GET);
    idle.read_response();
    std::thread::sleep(Duration::from_millis(1100));
    let mut fresh = Client::clear(server.addresses[0]);
    // Connections are accepted in turn: whoever has been answered came after it.
    let mut witness = Client::clear(server.addresses[0]);
    witness.send(GET);
    witness.read_response();
    server.signal(Signal::TERM);
    assert_eq!(idle.read_to_end(), b"", "it goes at once");
    fresh.send(GET);
    let answer = String::from_utf8(fresh.read_to_end()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:?}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(server.wait().code(), Some(0));
}

/// A signal has been taken note of once nobody is let in any more.
fn wait_until_closed(server: &Server) {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(server.addresses[0]).is_ok() {
        assert!(Instant::now() < deadline, "it goes on accepting");
    }
}

#[test]
fn a_second_signal_ends_the_wait() {
    for name in with_tls() {
        let mut server = Server::start(name);
        let mut client = Client::clear(server.addresses[0]);
        client.send(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP");
        client.read_response();
        server.signal(Signal::INT);
        wait_until_closed(&server);
        let started = Instant::now();
        server.signal(Signal::INT);
        let cut = if program(name).part.stage < Stage::Part7 { 0 } else { 3 };
        assert_eq!(server.wait().code(), Some(cut));
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "{:?}",
            started.elapsed()
        );
    }
}

#[test]
fn a_daemon_that_cannot_log_or_hold_its_pid_file_fails_at_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let output = launch("part5_5", folder.path(), &["--log", "/nowhere/log"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("pid").exists());

    // A file that is full as soon as anything is written to it.
    if File::options().write(true).open("/dev/full").is_ok() {
        let mut command = Command::new("sh");
        let plain = Server::command("part1", folder.path());
        command.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\""]);
        command.arg(plain.get_program()).args(plain.get_args());
        command.args(["--daemon", "--pid-file", "full"]).current_dir(folder.path());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("cannot use the pid file "), "{said}");
        assert!(said.contains("File too large"), "{said}");
    }
}

#[test]
fn the_launcher_speaks_only_once_the_daemon_listens() {
    for Program { name, .. } in programs() {
        let daemon = Daemon::start(name, &[]);
        assert!(!daemon.addresses.is_empty(), "{name}");
        for address in &daemon.addresses {
            TcpStream::connect(address).unwrap();
        }
    }
}

/// `nohup` starts a program with HUP ignored, and wants it to stay so.
#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    for Program { name, part } in programs() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Server::command_after("trap '' HUP", name, folder.path());
        command.args(["--host", "127.0.0.1"]);
        let mut server = Server::spawn(command, folder);
        server.signal(Signal::HUP);
        let said = Client::clear(server.addresses[0]).ask(part.last_request());
        assert!(said.ends_with(VERSE.as_bytes()), "{name}: HUP ends it");
        server.signal(Signal::TERM);
        assert!(server.wait().success(), "{name}");
    }
}

/// So many threads that no descriptor is left, in the fore and at the back.
#[test]
fn threads_that_leave_nothing_for_connections_are_an_error_of_the_start() {
    for options in [&["--cores", "20"][..], &["--cores", "20", "--daemon"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            Server::command_after("ulimit -n 64", "part8", folder.path());
        let output = command.args(options).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("too few for one"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(output.stdout.is_empty(), "it has said that it is ready");
    }
}

/// Somebody who may have only so many threads, in the fore and at the back. Root has no
/// such limit, so it takes root to be somebody else.
#[test]
fn a_start_without_threads_fails_and_says_which() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    const FORE: &[&str] = &[];
    for Program { name, .. } in programs() {
        for options in [FORE, &["--daemon", "--pid-file", "pid"]] {
            let failed =
                (1..100).take_while(|&threads| fails(name, threads, options));
            // The main one, and one for signals or callers at least.
            assert!(failed.count() > 1, "{name} {options:?}");
        }
    }
}

/// Starts a part with so many threads. If it fails it says why; if not, it is ended.
fn fails(part: &str, threads: usize, options: &[&str]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.path().join(part);
    copy_program(part, &program);
    let direct = Server::command(part, folder.path());
    // Somebody new each time: who has just ended may count for a moment longer.
    static SOMEBODY: AtomicU32 = AtomicU32::new(2_061_973);
    let somebody = SOMEBODY.fetch_add(1, Ordering::Relaxed).to_string();
    let mut command = Command::new("timeout");
    // What hangs is killed, and nothing else ends so.
    command.args(["-s", "KILL", "20", "prlimit", &format!("--nproc={threads}")]);
    command.args(["setpriv", "--reuid", &somebody, "--regid", "61973"]);
    command.arg("--clear-groups").arg(program).args(direct.get_args());
    command.args(["--host", "127.0.0.1"]).args(options);
    command.current_dir(folder.path()).stdin(Stdio::null());
    let (out, says) = std::io::pipe().unwrap();
    command.stdout(says).stderr(File::create(folder.path().join("said")).unwrap());
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut greeting = String::new();
    BufReader::new(out).read_line(&mut greeting).unwrap();
    let said = || fs::read_to_string(folder.path().join("said")).unwrap();
    let what = format!("{part} {options:?} {threads}");
    if greeting.is_empty() {
        assert_eq!(child.wait().unwrap().code(), Some(1), "{what}: {}", said());
        let last = said().lines().last().unwrap_or_default().to_owned();
        assert!(last.starts_with("error: cannot "), "{what}: {last}");
        assert!(!said().contains("panicked"), "{what}: {}", said());
        return true;
    }
    let pid = match fs::read_to_string(folder.path().join("pid")) {
        Ok(pid) => Pid::from_raw(pid.trim().parse().unwrap()).unwrap(),
        Err(_) => Pid::from_child(&child),
    };
    kill_process(pid, Signal::TERM).unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    while folder.path().join("pid").exists() {
        assert!(begun.elapsed() < PATIENCE, "{what}: it does not end");
        std::thread::yield_now();
    }
    false
}
