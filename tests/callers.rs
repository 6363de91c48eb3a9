//! Parts 1 and 2: a verse to whoever connects, and to everyone at once.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use rohttp::net::accept::Backoff;
use rohttp::verse::VERSE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Client, GET, PATIENCE, Server, read_to_end};

const BOTH: [&str; 2] = ["part2_threads", "part2"];

#[test]
fn the_verse_is_about_a_kilobyte_and_longer_in_bytes_than_in_characters() {
    assert!((900..1200).contains(&VERSE.len()), "{}", VERSE.len());
    assert!(VERSE.chars().count() < VERSE.len());
}

#[test]
fn whoever_connects_again_gets_the_verse_again() {
    for part in ["part1", "part2_threads", "part2"] {
        let server = Server::start(part);
        for _ in 0..3 {
            let said = Client::clear(server.addresses[0]).read_to_end();
            assert_eq!(said, VERSE.as_bytes(), "{part}");
        }
    }
}

#[test]
fn part1_serves_one_caller_at_a_time_and_holds_none_up_for_ever() {
    let server = Server::start("part1");
    let mut silent = Client::clear(server.addresses[0]);
    // It has had the verse, and has not hung up: the next has to wait.
    assert_eq!(silent.read(VERSE.len()), VERSE.as_bytes());
    let started = Instant::now();
    let next = Client::clear(server.addresses[0]).read_to_end();
    assert_eq!(next, VERSE.as_bytes());
    assert!(
        started.elapsed() > Duration::from_millis(500),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_thousand_callers_at_once_are_all_served() {
    // Each takes a descriptor here and one in the server, which inherits the limit.
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(4096).min(4096);
    let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).unwrap();
    for part in BOTH {
        let server = Server::start(part);
        let callers: Vec<_> =
            (0..1000).map(|_| Client::clear(server.addresses[0])).collect();
        for mut caller in callers {
            assert_eq!(caller.read_to_end(), VERSE.as_bytes(), "{part}");
        }
    }
}

#[test]
fn out_of_descriptors_a_server_backs_off_and_recovers() {
    for part in ["part2_threads", "part2", "part5_5"] {
        let folder = tempfile::tempdir().unwrap();
        let plain = Server::command(part, folder.path());
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
            .arg(plain.get_program())
            .args(plain.get_args())
            .args(["--host", "127.0.0.1"])
            .current_dir(folder.path());
        let server = Server::spawn(command, folder);
        let callers: Vec<_> =
            (0..200).map(|_| Client::clear(server.addresses[0])).collect();

        let before = (Instant::now(), server.cpu_ticks());
        let waits = server.wait_for(|said| said.contains("next attempt in 1s"));
        let used = Duration::from_millis(10 * (server.cpu_ticks() - before.1));
        let elapsed = before.0.elapsed();
        assert!(used < elapsed / 4, "{part}: {used:?} of CPU in {elapsed:?}");
        for wait in
            ["5ms", "10ms", "20ms", "40ms", "80ms", "160ms", "320ms", "640ms"]
        {
            assert!(waits.contains(&format!("next attempt in {wait}:")), "{waits}");
        }

        drop(callers);
        let after = Client::clear(server.addresses[0]).ask(GET);
        assert!(after.ends_with(VERSE.as_bytes()), "{part}");
    }
}

#[test]
fn backing_off_doubles_to_a_second_and_starts_anew() {
    let mut backoff = Backoff::default();
    let error = std::io::Error::from_raw_os_error(24);
    let waits: Vec<u128> =
        (0..10).map(|_| backoff.after(&error).as_millis()).collect();
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
    backoff.reset();
    assert_eq!(backoff.after(&error).as_millis(), 5);
    let gone = std::io::ErrorKind::ConnectionAborted.into();
    assert_eq!(backoff.after(&gone).as_millis(), 0, "that was one caller's affair");
}

#[test]
fn parts_listen_on_both_families_of_loopback_and_on_no_other_address() {
    for part in ["part2_threads", "part2", "part3", "part4", "part5"] {
        let server = Server::start_with(part, &[]);
        let addresses = &server.addresses;
        assert_eq!(addresses.len(), 2, "{part}");
        assert!(
            addresses[0].ip().to_string() == "127.0.0.1",
            "{part}: {addresses:?}"
        );
        assert!(addresses[1].ip().to_string() == "::1", "{part}: {addresses:?}");
        for &address in addresses {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
            let said = String::from_utf8(read_to_end(stream)).unwrap();
            assert!(said.ends_with(VERSE), "{part}");
        }
    }
}
