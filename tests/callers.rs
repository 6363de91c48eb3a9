//! What Parts 1 and 2 are about, and all keep: a verse to whoever asks for it, and to
//! everyone at once.

use std::future::ready;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proctor::stage::{Program, Stage, programs};
use rohttp::net::accept::{Backoff, accept_all};
use rohttp::verse::VERSE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::{JoinSet, yield_now};

use crate::support::{Client, Server};

/// All that serve everyone at once: who comes first is the one that does not.
fn from_part2_on() -> impl Iterator<Item = Program> {
    programs().filter(|program| program.part.stage > Stage::Part1)
}

#[test]
fn the_verse_is_about_a_kilobyte_and_longer_in_bytes_than_in_characters() {
    assert!((900..1200).contains(&VERSE.len()), "{}", VERSE.len());
    assert!(VERSE.chars().count() < VERSE.len());
}

#[test]
fn whoever_connects_again_gets_the_verse_again() {
    for Program { name, part } in programs() {
        let server = Server::start(name);
        for _ in 0..3 {
            let client = Client::clear(server.addresses[0]);
            let said = client.ask(part.last_request());
            assert!(said.ends_with(VERSE.as_bytes()), "{name}");
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
    for Program { name, part } in from_part2_on() {
        let server = Server::start(name);
        let callers: Vec<_> =
            (0..1000).map(|_| Client::clear(server.addresses[0])).collect();
        for caller in callers {
            let said = caller.ask(part.last_request());
            assert!(said.ends_with(VERSE.as_bytes()), "{name}");
        }
    }
}

#[test]
fn out_of_descriptors_a_server_backs_off_and_recovers() {
    // From Part 7 on they don't run out.
    let run_out = from_part2_on().filter(|it| it.part.stage < Stage::Part7);
    for Program { name, part } in run_out {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            Server::command_after("ulimit -n 64", name, folder.path());
        command.args(["--host", "127.0.0.1"]);
        let server = Server::spawn(command, folder);
        let callers: Vec<_> =
            (0..200).map(|_| Client::clear(server.addresses[0])).collect();

        let before = (Instant::now(), server.cpu_ticks());
        let waits = server.wait_for(|said| said.contains("next attempt in 1s"));
        let used = Duration::from_millis(10 * (server.cpu_ticks() - before.1));
        let elapsed = before.0.elapsed();
        assert!(used < elapsed / 4, "{name}: {used:?} of CPU in {elapsed:?}");
        for wait in
            ["5ms", "10ms", "20ms", "40ms", "80ms", "160ms", "320ms", "640ms"]
        {
            assert!(waits.contains(&format!("next attempt in {wait}:")), "{waits}");
        }

        drop(callers);
        let after = Client::clear(server.addresses[0]).ask(part.last_request());
        assert!(after.ends_with(VERSE.as_bytes()), "{name}");
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

/// Turns that others have until so many who have been waiting in the kernel's queue
/// are served.
fn turns_until_served(callers: usize) -> usize {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let _waiting: Vec<TcpStream> =
        (0..callers).map(|_| TcpStream::connect(address).unwrap()).collect();
    let served = Arc::new(AtomicUsize::new(0));
    let serve = {
        let served = served.clone();
        move |_, _| {
            served.fetch_add(1, Ordering::Relaxed);
            ready(())
        }
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(async {
        let mut accepting = JoinSet::new();
        accept_all(&mut accepting, vec![listener], serve).unwrap();
        let mut turns = 0;
        while served.load(Ordering::Relaxed) < callers {
            yield_now().await;
            turns += 1;
        }
        turns
    })
}

#[test]
fn who_waits_in_the_queue_does_not_wait_for_a_turn_of_all_others_each() {
    let turns = turns_until_served(128);
    assert!(turns < 32, "{turns} turns for 128 callers");
}

#[test]
fn parts_listen_on_both_families_of_loopback_and_on_no_other_address() {
    for Program { name, part } in from_part2_on() {
        let server = Server::start_with(name, &[]);
        let ports = if part.tls.is_some() { 2 } else { 1 };
        let hosts = server.addresses.iter().map(|it| it.ip().to_string());
        let both = ["127.0.0.1", "::1"].repeat(ports);
        assert_eq!(hosts.collect::<Vec<_>>(), both, "{name}");
        for &address in &server.addresses[..2] {
            let said = Client::clear(address).ask(part.last_request());
            assert!(said.ends_with(VERSE.as_bytes()), "{name}");
        }
    }
}
