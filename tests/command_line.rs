//! Options, what they are said to do, and what is said when they make no sense.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::thread;

use proctor::stage::{Program, Stage, programs};
use rohttp::verse::VERSE;

use crate::support::{Client, GET, Server, binary};

fn run(part: &str, options: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(binary(part))
        .args(options)
        .current_dir(folder.path())
        .env_remove("RUST_LOG")
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn help_is_as_recorded() {
    for Program { name, .. } in programs() {
        let output = run(name, &["--help"]);
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help__{name}"), text(output.stdout));
        let output = run(name, &["--version"]);
        let version = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(text(output.stdout), version);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let nonsense = [&["--prot", "80"][..], &["--port", "70000"], &["extra"]];
    let lone = [&["--cert", "a.pem"][..], &["--key", "a.pem"]];
    for Program { name, part } in programs() {
        let lone = lone.iter().filter(|_| part.tls.is_some());
        for options in nonsense.iter().chain(lone) {
            let output = run(name, options);
            assert_eq!(output.status.code(), Some(2), "{name} {options:?}");
            let said = text(output.stderr);
            assert!(said.starts_with("error: "), "{name} {options:?}: {said}");
        }
    }
}

/// What options call the numbers that they take, and which units those have.
const NUMBERS: [(&str, &[&str]); 7] = [
    ("BYTES", &[""]),
    ("MIB", &[""]),
    ("N", &[""]),
    ("NUMBER", &[""]),
    ("PORT", &[""]),
    ("SECONDS", &[""]),
    ("TIME", &["ms", "s", "m"]),
];
/// And what is no number.
const OTHERS: [&str; 10] = [
    "ADDRESS",
    "ADDRESS:PORT",
    "DIR",
    "FILE",
    "FORMAT",
    "HOST",
    "KIND=VALUE",
    "NAME",
    "NAME: VALUE",
    "NAME[:GROUP]",
];
/// Numbers after which others end, or overflow when they are made into something else.
const HUGE: [&str; 5] = [
    "99999999999",
    "9223372036854775808",
    "18446744073709551614",
    "18446744073709551615",
    "340282366920938463463374607431768211456",
];

/// An option that takes a number.
struct Number {
    option: String,
    units: &'static [&'static str],
    help: String,
}

fn numbers(part: &str) -> Vec<Number> {
    let help = text(run(part, &["--help"]).stdout);
    let mut numbers = Vec::new();
    for said in help.split("\n      --").skip(1) {
        let Some((option, rest)) = said.split_once(" <") else { continue };
        let Some((name, help)) = rest.split_once('>') else { continue };
        // A description may have such a thing in it, and an option has no space.
        if option.contains(char::is_whitespace) || OTHERS.contains(&name) {
            continue;
        }
        let units = NUMBERS.iter().find(|it| it.0 == name);
        let (_, units) = units.unwrap_or_else(|| panic!("{part}: what is {name}?"));
        let words: Vec<&str> = help.split_whitespace().collect();
        let (option, help) = (format!("--{option}"), words.join(" "));
        numbers.push(Number { option, units, help });
    }
    numbers
}

/// Whether a server with this option takes callers. If it does not, it says why in a
/// line.
fn serves_with(part: &str, option: &str, value: &str) -> bool {
    let what = format!("{part} {option} {value}");
    // A server of any test has been told a port, and may not be told twice.
    if option.ends_with("port") && ["0", "8"].contains(&value) {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), VERSE).unwrap();
    let mut command = match option.ends_with("port") {
        true => Command::new(binary(part)),
        false => Server::command(part, folder.path()),
    };
    command.args(["--host", "127.0.0.1", option, value]);
    if option.starts_with("--keep") {
        command.args(["--root", "."]);
    }
    let mut server = match Server::begin(command, folder) {
        Ok(server) => server,
        Err((status, said)) => {
            let error = match status.code() {
                Some(2) => {
                    format!("error: invalid value '{value}' for '{option} <")
                }
                _ => "error: ".into(),
            };
            let is_said = said.lines().any(|line| line.starts_with(&error));
            assert!(
                is_said && matches!(status.code(), Some(1 | 2)),
                "{what}: {said}"
            );
            return false;
        }
    };
    for client in Client::of_each_port(&server) {
        let answer = client.ask(b"GET / HTTP/1.0\r\n\r\n");
        assert!(answer.ends_with(VERSE.as_bytes()), "{what}");
    }
    server.signal(rustix::process::Signal::TERM);
    // With no time to end in, a caller who has just gone may count as cut off: 3.
    assert!(matches!(server.wait().code(), Some(0 | 3)), "{what}");
    true
}

#[test]
fn a_number_with_which_nobody_could_be_served_is_refused() {
    thread::scope(|scope| {
        for Program { name: part, .. } in programs() {
            scope.spawn(move || {
                numbers(part).iter().for_each(|it| is_sane(part, it))
            });
        }
    });
}

/// None at all is refused, unless help says what it means; what is too much does no
/// harm.
fn is_sane(part: &str, Number { option, units, help }: &Number) {
    for unit in *units {
        let serves = |number| serves_with(part, option, &format!("{number}{unit}"));
        let mut explained = ["; 0 takes", "; 0: ", "; 0s: "].iter();
        let is_explained = explained.any(|it| help.contains(it));
        assert_eq!(serves("0"), is_explained, "{part} {option}: {help}");
        // Some thousandths of a second are somebody's choice, and too little for us.
        assert!(*unit == "ms" || serves("8"), "{part} {option} 8{unit}");
        HUGE.iter().for_each(|it| _ = serves(it));
    }
}

#[test]
fn a_server_that_has_no_descriptor_for_anybody_does_not_start() {
    for Program { name, .. } in
        programs().filter(|it| it.part.stage >= Stage::Part7)
    {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            Server::command_after("ulimit -n 35", name, folder.path());
        command.args(["--host", "127.0.0.1"]);
        let (status, said) = Server::begin(command, folder).err().unwrap();
        assert_eq!(status.code(), Some(1), "{name}: {said}");
        let expected = " are left for connections, which is too few for one\n";
        assert!(said.ends_with(expected), "{name}: {said}");
    }
}

#[test]
fn a_busy_port_is_an_error_in_the_foreground_and_in_the_background() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let expected = format!("error: cannot listen on 127.0.0.1:{port}: Address");
    let clear = &["--port", &port][..];
    let tls = &["--port", "0", "--tls-port", &port][..];
    for Program { name, part } in programs() {
        let ports = [Some(clear), part.tls.map(|_| tls)];
        for ports in ports.into_iter().flatten() {
            for daemon in [&[][..], &["--daemon"]] {
                let options = [&["--host", "127.0.0.1"], ports, daemon].concat();
                let output = run(name, &options);
                let said = text(output.stderr);
                let what = format!("{name} {options:?}: {said}");
                assert_eq!(output.status.code(), Some(1), "{what}");
                assert!(
                    said.lines().last().unwrap().starts_with(&expected),
                    "{what}"
                );
                assert_eq!(text(output.stdout), "", "{what}");
            }
        }
    }
}

#[test]
fn a_port_can_be_had_again_at_once_after_it_was_used() {
    for Program { name, part } in programs() {
        let mut server = Server::start(name);
        let used = server.addresses.clone();
        // The server closes first, and its side waits out the connection.
        for client in Client::of_each_port(&server) {
            client.ask(part.last_request());
        }
        server.signal(rustix::process::Signal::TERM);
        assert!(server.wait().success(), "{name}");
        let mut again = Command::new(binary(name));
        again.args(["--host", "127.0.0.1"]);
        for (option, address) in ["--port", "--tls-port"].iter().zip(&used) {
            again.args([option.to_string(), address.port().to_string()]);
        }
        let folder = tempfile::tempdir().unwrap();
        again.current_dir(folder.path());
        assert_eq!(Server::spawn(again, folder).addresses, used, "{name}");
    }
}

#[test]
fn hosts_are_addresses_or_names_and_are_each_bound_once() {
    let hosts = ["--host", "127.0.0.1", "--host", "[::1]", "--host", "127.0.0.1"];
    let server = Server::start_with("part3", &hosts);
    assert_eq!(server.addresses.len(), 2);
    assert!(server.addresses[1].is_ipv6());

    let all = Server::start_with("part3", &["--host", "0.0.0.0", "--host", "::"]);
    assert_eq!(all.addresses.len(), 2);
    for address in ["127.0.0.1", "::1"] {
        let port = all.addresses[usize::from(address == "::1")].port();
        let client = Client::clear(
            (address.parse::<std::net::IpAddr>().unwrap(), port).into(),
        );
        assert!(client.ask(GET).ends_with(VERSE.as_bytes()));
    }

    let output = run("part3", &["--port", "0", "--host", "no such host"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(output.stderr);
    assert!(said.starts_with("error: cannot listen on no such host: "), "{said}");
}

#[test]
fn a_log_that_cannot_be_written_is_an_error() {
    let output = run("part2", &["--port", "0", "--log", "/nowhere/log"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(output.stderr);
    assert!(
        said.starts_with("error: cannot open the log /nowhere/log: "),
        "{said}"
    );

    let output = Command::new(binary("part2"))
        .args(["--port", "0"])
        .env("RUST_LOG", "loud")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(output.stderr).starts_with("error: RUST_LOG=\"loud\" is not one of")
    );
}

#[test]
fn a_greeting_that_nobody_reads_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part3", folder.path());
    command
        .args(["--host", "127.0.0.1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    // It has had every chance to trip over it once it can be found listening.
    let listens = || {
        let sockets =
            std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        let links =
            sockets.flatten().filter_map(|fd| std::fs::read_link(fd.path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
            > 0
    };
    while !listens() {
        thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    loop {
        // A signal before the handler is there would end it too, but not with 0.
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
        let caught = u64::from_str_radix(caught.unwrap(), 16).unwrap();
        if caught & 1 << 14 != 0 {
            break;
        }
    }
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
