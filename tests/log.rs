//! Where the log goes, and that nobody has to wait for it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Stdio};

use rohttp::verse::VERSE;
use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Client, GET, Server, tls_config, weathered};

/// A line without what differs from run to run.
fn masked(line: &str) -> String {
    let mut words: Vec<String> =
        line.split_whitespace().map(str::to_owned).collect();
    words[0] = "TIME".into();
    for word in &mut words {
        for masked in ["peer=127.0.0.1:", "port=", "time="] {
            if word.starts_with(masked) {
                *word = format!("{masked}…");
            }
        }
    }
    words.join(" ")
}

#[test]
fn each_request_leaves_one_line() {
    let mut server =
        Server::start_with("part5_5", &["--host", "127.0.0.1", "--log", "log"]);
    Client::clear(server.addresses[0]).ask(GET);
    let config = tls_config(&server.root(), ALL_VERSIONS);
    let head = b"HEAD /x?y HTTP/1.1\r\nHost: localhost\r\n\r\n";
    Client::tls(server.addresses[1], &config).unwrap().ask(head);
    Client::clear(server.addresses[0]).ask(b"POST / HTTP/1.0\r\n\r\n");
    Client::clear(server.addresses[0]).ask(b"\x1b[2J\r\n");
    server.signal(Signal::TERM);
    server.wait();
    let log = fs::read_to_string(server.folder.path().join("log")).unwrap();
    let lines: Vec<String> = log.lines().map(masked).collect();
    insta::assert_snapshot!("log", lines.join("\n"));
}

#[test]
fn stderr_is_the_log_without_one_and_debug_says_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part5_5", folder.path());
    command.args(["--host", "127.0.0.1"]).env("RUST_LOG", "debug");
    let server = Server::spawn(command, folder);
    Client::clear(server.addresses[0]).ask(GET);
    server.wait_for(|said| said.contains("INFO") && said.contains("status=200"));
    Client::clear(server.addresses[1]).ask(GET);
    server.wait_for(|said| said.contains("DEBUG") && said.contains("handshake: "));
}

/// Part 5.5 with a log that goes to a pipe, which nobody reads: the server, where it
/// listens in the clear, and the pipe.
fn unread() -> (Child, SocketAddr, ChildStderr, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part5_5", folder.path());
    command.args(["--host", "127.0.0.1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
    let stderr = child.stderr.take().unwrap();
    (child, address, stderr, folder)
}

fn end(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_log_that_is_not_read_stops_nobody() {
    let (child, address, _stderr, _folder) = unread();
    // The pipe takes 64 KiB: 600 lines or so.
    for _ in 0..2000 {
        assert!(Client::clear(address).ask(GET).ends_with(VERSE.as_bytes()));
    }
    end(child);
}

#[test]
fn a_log_whose_reader_is_gone_stops_nobody() {
    let (child, address, stderr, _folder) = unread();
    drop(stderr);
    for _ in 0..20 {
        assert!(Client::clear(address).ask(GET).ends_with(VERSE.as_bytes()));
    }
    end(child);
}

/// Whoever opens a FIFO waits for whoever opens its other end, if it is not prevented.
#[test]
fn a_log_that_is_a_fifo_without_a_reader_stops_nobody() {
    for option in ["--log", "--access-log"] {
        let folder = tempfile::tempdir().unwrap();
        mkfifoat(CWD, folder.path().join("fifo"), Mode::RWXU).unwrap();
        let mut command = Server::command("part6", folder.path());
        command.args(["--host", "127.0.0.1", option, "fifo"]);
        let mut server = Server::spawn(command, folder);
        // A FIFO takes 64 KiB: 800 lines or so.
        for _ in 0..1500 {
            let answer =
                Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
            assert!(answer.ends_with(VERSE.as_bytes()), "{option}");
        }
        if option == "--access-log" {
            server.signal(Signal::HUP);
            let answer =
                Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
            assert!(answer.ends_with(VERSE.as_bytes()), "after HUP");
        }
        server.signal(Signal::TERM);
        assert!(server.wait().success(), "{option}");
    }
}

#[test]
fn the_access_log_can_be_standard_output_whatever_that_is() {
    for name in ["-", "/dev/stdout"] {
        let folder = tempfile::tempdir().unwrap();
        // Under a service manager it is a socket, which nobody can open by its name.
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut command = Server::command("part6", folder.path());
        command.args(["--host", "127.0.0.1", "--access-log", name]);
        command.stdout(std::os::fd::OwnedFd::from(theirs));
        let child = command.spawn().unwrap();
        drop(command);
        let mut lines = BufReader::new(ours).lines();
        let greeting = lines.next().unwrap().unwrap();
        let address = greeting.rsplit('/').next().unwrap().parse().unwrap();
        Client::clear(address).ask(b"GET / HTTP/1.0\r\n\r\n");
        let line =
            lines.find(|line| !line.as_ref().unwrap().starts_with("listening"));
        let line = line.unwrap().unwrap();
        assert!(line.contains("\"GET / HTTP/1.0\" 200 "), "{name}: {line}");
        end(child);
    }
}

#[test]
fn a_log_that_may_grow_no_more_stops_nobody() {
    for option in ["--log", "--access-log"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            Server::command_after("ulimit -f 8", "part6", folder.path());
        command
            .args(["--host", "127.0.0.1", option, "log"])
            .env("RUST_LOG", "debug");
        let mut server = Server::spawn(command, folder);
        for _ in 0..300 {
            // Each leaves a line in one log or the other.
            Client::clear(server.addresses[1]).ask(b"\0");
            let answer =
                Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
            assert!(answer.ends_with(VERSE.as_bytes()), "{option}");
        }
        let length = fs::metadata(server.folder.path().join("log")).unwrap().len();
        assert!((1..=8 * 1024).contains(&length), "{option}: {length}");
        server.signal(Signal::TERM);
        assert!(server.wait().success(), "{option}");
    }
}

#[test]
fn a_line_that_went_half_way_is_not_glued_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command_after("ulimit -f 8", "part6", folder.path());
    command.args(["--host", "127.0.0.1", "--access-log", "log"]);
    let server = Server::spawn(command, folder);
    let log = server.folder.path().join("log");
    let ask = || Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
    for _ in 0..100 {
        ask();
    }
    let torn = fs::read_to_string(&log).unwrap();
    assert!(!torn.ends_with('\n'), "the limit is within a line: {}", torn.len());
    // Somebody makes room.
    File::options().write(true).open(&log).unwrap().set_len(90).unwrap();
    ask();
    let text = fs::read_to_string(&log).unwrap();
    assert!(text[90..].starts_with("\n127.0.0.1 - - ["), "{text}");
}

#[test]
fn a_line_of_the_access_log_is_bounded_whatever_was_asked() {
    let server = Server::start_with(
        "part6",
        &["--host", "127.0.0.1", "--access-log", "log"],
    );
    let long = "\u{80}".repeat(1500);
    let request = format!(
        "GET /{} HTTP/1.0\r\nReferer: {long}\r\nUser-Agent: {long}\r\n\r\n",
        "x".repeat(7000)
    );
    let answer = Client::clear(server.addresses[0]).ask(request.as_bytes());
    assert!(answer.ends_with(VERSE.as_bytes()));
    let text = fs::read_to_string(server.folder.path().join("log")).unwrap();
    assert!(text.len() < 4096 && text.ends_with("...\"\n"), "{}", text.len());
}

/// A line as an object of JSON.
fn object(line: &str) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn each_line_is_an_object_of_json_if_that_is_wanted() {
    let options = [
        "--host",
        "127.0.0.1",
        "--log-format",
        "json",
        "--log",
        "log",
        "--access-log",
        "access",
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(options).env("RUST_LOG", "debug");
    let mut server = Server::spawn(command, folder);
    let address = server.addresses[0];
    let get = b"GET /a?b HTTP/1.0\r\nUser-Agent: \"quoted\" \\ \xff \t.\r\n\r\n";
    Client::clear(address).ask(get);
    Client::clear(address).ask(b"\x1b[2J\"\x01\r\n\r\n");
    Client::clear(server.addresses[1]).ask(GET);
    server.signal(Signal::TERM);
    server.wait();
    let read = |name: &str| {
        let text = fs::read_to_string(server.folder.path().join(name)).unwrap();
        text.lines().map(object).collect::<Vec<_>>()
    };
    let lines = read("access");
    assert_eq!(lines.len(), 2, "{lines:?}");
    let [good, bad] = &lines[..] else { unreachable!() };
    assert_eq!(good["method"], "GET");
    assert_eq!(good["target"], "/a?b");
    assert_eq!(good["version"], "HTTP/1.0");
    assert_eq!(good["status"], 200);
    assert_eq!(good["sent"], VERSE.len());
    assert_eq!(good["peer"], "127.0.0.1");
    assert_eq!(good["user_agent"], "\"quoted\" \\ \u{fffd} \t.");
    assert!(good["time"].as_f64().unwrap() > 1.7e9);
    assert_eq!(bad["line"], "\u{1b}[2J\"\u{1}");
    assert_eq!(bad["status"], 400);
    let lines = read("log");
    let handshake = |line: &&serde_json::Map<_, _>| {
        line["message"].as_str().unwrap().contains("handshake")
    };
    let line = lines.iter().find(handshake).expect("it speaks HTTP");
    assert_eq!(line["level"], "DEBUG");
    assert!(line["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{line:?}");
}

/// Of each log: what went half way is a line of its own, and what was lost is said once.
#[test]
fn a_line_that_is_lost_is_said_once_and_counted() {
    for option in ["--log", "--access-log"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            Server::command_after("ulimit -f 8", &weathered(), folder.path());
        command.args(["--host", "127.0.0.1", option, "log"]);
        command.args(["--metrics", "127.0.0.1:0", "--log-format", "json"]);
        command.env("RUST_LOG", "debug");
        let server = Server::spawn(command, folder);
        let path = server.folder.path().join("log");
        let ask = || {
            // Each leaves a line in one log or the other.
            Client::clear(server.addresses[1]).ask(b"\0");
            Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
        };
        (0..300).for_each(|_| ask());
        let full = fs::read_to_string(&path).unwrap();
        assert!(!full.ends_with('\n'), "{option}: the limit is within a line");
        server.wait_for(|said| said.contains("cannot be written"));
        let said = server.stderr();
        assert_eq!(
            said.matches("cannot be written").count(),
            1,
            "{option}: {said}"
        );
        let metrics = Client::clear(server.addresses[2])
            .ask(b"GET /metrics HTTP/1.0\r\n\r\n");
        let metrics = String::from_utf8(metrics).unwrap();
        let lost = metrics
            .lines()
            .find_map(|line| line.strip_prefix("rohttp_log_lines_lost_total "));
        let lost: usize = lost.expect("it is counted").parse().unwrap();
        assert!((100..=700).contains(&lost), "{option}: {lost}");
        // Somebody makes room, in the middle of a line.
        File::options().write(true).open(&path).unwrap().set_len(90).unwrap();
        ask();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next().map(str::len), Some(90), "{option}: {text}");
        object(lines.next().expect("a line of its own"));
    }
}
