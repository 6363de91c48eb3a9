//! Who is connected when not everybody can be, from part 7 on.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proctor::stage::Stage;
use rohttp::limits::ConnectionLimits;
use rohttp::net::crowd::{Crowd, Seat, Source};
use rohttp::process::{descriptors, shutdown};
use socket2::{Domain, Socket, Type};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{sleep, timeout};

use crate::support::{Client, GET, PATIENCE, Server, tls_config};

/// Whoever is there too often.
const RUDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
/// Somebody else.
const POLITE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

fn source(address: &str) -> Source {
    address.parse::<IpAddr>().unwrap().into()
}

#[test]
fn a_source_is_an_address_or_a_network_of_ipv6() {
    assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:0:0:2"));
    assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
}

#[test]
fn there_are_as_many_connections_as_descriptors_suffice_for() {
    // Four descriptors for three connections, and some that the server has anyway.
    assert_eq!(ConnectionLimits::most(1024), 744);
    assert_eq!(ConnectionLimits::most(64), 24);
    assert_eq!(ConnectionLimits::most(7), 0);
}

/// People in a crowd, who say their names when they are told to go.
struct People {
    crowd: Crowd,
    went: UnboundedReceiver<&'static str>,
    goes: tokio::sync::mpsc::UnboundedSender<&'static str>,
}

impl People {
    fn new() -> People {
        let (goes, went) = unbounded_channel();
        People { crowd: Crowd::default(), went, goes }
    }

    fn busy(&mut self, address: &str) -> Arc<Seat> {
        self.crowd.sit(source(address)).1
    }

    async fn idle(&mut self, name: &'static str, address: &str) {
        let (seat, goes) = (self.busy(address), self.goes.clone());
        tokio::spawn(async move {
            seat.called(&shutdown::channel().1).await;
            goes.send(name).unwrap();
        });
        // Long enough for the next to have been idle for less.
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_been_idle_for_longest_goes_first_where_most_are_from() {
    let mut people = People::new();
    people.idle("alone", "192.0.2.1").await;
    people.busy("192.0.2.9");
    people.idle("first of two", "192.0.2.9").await;
    people.idle("second of two", "192.0.2.9").await;
    people.busy("192.0.2.5");
    assert_eq!(people.crowd.count(), 5);
    for name in ["first of two", "second of two", "alone"] {
        assert_eq!(people.crowd.make_room(None), 1);
        assert_eq!(people.went.recv().await, Some(name));
    }
    assert_eq!(people.crowd.make_room(None), 0, "the others have something to do");
    assert_eq!(people.crowd.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn room_can_be_made_by_one_source_for_itself() {
    let mut people = People::new();
    people.idle("first", "192.0.2.1").await;
    people.idle("second", "192.0.2.2").await;
    assert_eq!(people.crowd.make_room(Some(source("192.0.2.2"))), 1);
    assert_eq!(people.went.recv().await, Some("second"));
    assert_eq!(people.crowd.count_of(source("192.0.2.2")), 0);
    assert_eq!(people.crowd.make_room(Some(source("192.0.2.2"))), 0);
}

/// A server reads on, and then waits again: nobody who was told to go forgets it.
#[tokio::test(start_paused = true)]
async fn who_was_busy_when_told_to_go_goes_when_idle_again() {
    let mut crowd = Crowd::default();
    let (number, seat) = crowd.sit(source("192.0.2.1"));
    let (_trigger, end) = shutdown::channel();
    {
        let mut idle = std::pin::pin!(seat.called(&end));
        let waits = futures_poll(idle.as_mut()).await;
        assert!(!waits, "nobody has told it");
        assert_eq!(crowd.make_room(None), 1);
        // And it is dropped before it has heard it, as when a request has come.
    }
    assert!(seat.is_evicted());
    timeout(Duration::from_secs(1), seat.called(&end)).await.unwrap();
    crowd.leave(source("192.0.2.1"), number);
    assert_eq!(crowd.count(), 0, "a seat is given back once");
}

/// All who are idle hear that the server ends, and who becomes idle later hears it then.
#[tokio::test(start_paused = true)]
async fn all_who_are_idle_hear_of_the_end() {
    let mut crowd = Crowd::default();
    let [(_, waits), (_, late)] = ["192.0.2.1"; 2].map(|it| crowd.sit(source(it)));
    let (trigger, end) = shutdown::channel();
    let theirs = end.clone();
    let waiting = tokio::spawn(async move { waits.called(&theirs).await });
    // On this clock, until nobody has anything else to do.
    sleep(Duration::from_secs(1)).await;
    trigger.drain(Duration::ZERO, &mut unbounded_channel().1).await;
    crowd.call_all();
    timeout(Duration::from_secs(1), waiting).await.unwrap().unwrap();
    timeout(Duration::from_secs(1), late.called(&end)).await.unwrap();
}

/// Whether a future is done after having been looked at once.
async fn futures_poll(
    future: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> bool {
    let mut future = Some(future);
    std::future::poll_fn(|context| {
        let polled = future.take().map(|future| future.poll(context));
        std::task::Poll::Ready(polled.is_some_and(|it| it.is_ready()))
    })
    .await
}

#[test]
fn soft_limits_are_raised() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        Server::command_after("ulimit -S -n 64", Stage::LAST.name(), folder.path());
    command.args(["--host", "127.0.0.1", "--per-address", "1000"]);
    let server = Server::spawn(command, folder);
    let callers: Vec<Client> =
        (0..200).map(|_| Client::clear(server.addresses[0])).collect();
    for mut caller in callers {
        caller.send(GET);
        assert!(caller.read_response().starts_with(b"HTTP/1.1 200 "));
    }
    assert!(!server.stderr().contains("cannot accept"), "{}", server.stderr());
}

/// A server with so many descriptors and no more, and with options.
fn server(descriptors: usize, options: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let limit = format!("ulimit -n {descriptors}");
    let mut command =
        Server::command_after(&limit, Stage::LAST.name(), folder.path());
    command.args(["--host", "127.0.0.1"]).args(options);
    Server::spawn(command, folder)
}

#[test]
fn more_connections_than_descriptors_are_not_promised() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        Server::command_after("ulimit -n 64", Stage::LAST.name(), folder.path());
    let output =
        command.args(["--connections", "25", "--cores", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap().lines().last().unwrap(),
        "error: 25 connections take more than the 57 descriptors that there may be \
         for them: 18 can be had",
        "the thread has four ports, and three descriptors for its runtime"
    );
}

/// Calls from an address of one's choice.
fn call(from: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes until the end, or a reset.
fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    match stream.read_to_end(&mut text) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => {
            panic!("{error}: {}", String::from_utf8_lossy(&text))
        }
        _ => String::from_utf8(text).unwrap(),
    }
}

/// The beginning of a request.
const BEGUN: &[u8] = b"GET / HTTP/";

/// Somebody who has been answered, if there is room, and has begun to ask again: what
/// is read of that is read in one go with what is answered.
fn busy(from: Ipv4Addr, server: SocketAddr) -> (Client, String) {
    let mut client = Client::Clear(call(from, server));
    client.send(&[GET, BEGUN].concat());
    let answer = String::from_utf8(client.read_response()).unwrap();
    (client, answer)
}

#[test]
fn where_all_are_busy_the_next_is_told_when_to_come_back() {
    let server = server(256, &["--connections", "8", "--per-address", "3"]);
    let [clear, tls] = server.addresses[..] else { panic!("two ports") };
    let mut clients = Vec::new();
    for _ in 0..3 {
        let (client, answer) = busy(RUDE, clear);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        clients.push(client);
    }
    let (mut client, answer) = busy(RUDE, clear);
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.contains("\r\nRetry-After: 5\r\n"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(client.read_to_end(), b"");
    assert_eq!(rest(call(RUDE, tls)), "", "before a handshake nothing is said");
    for number in 4..=8 {
        let from = Ipv4Addr::new(127, 0, 1, number);
        let (client, answer) = busy(from, clear);
        assert!(answer.starts_with("HTTP/1.1 200 "), "others have their own");
        clients.push(client);
    }
    let (_, answer) = busy(POLITE, clear);
    assert!(answer.starts_with("HTTP/1.1 503 "), "until it is full: {answer}");
    for mut client in clients {
        client.send(b"1.0\r\n\r\n");
        assert!(client.read_to_end().starts_with(b"HTTP/1.1 200 "), "it goes on");
    }
}

#[test]
fn who_is_exempt_may_have_more() {
    let options = ["--per-address", "2", "--exempt", "127.0.0.9"];
    let server = server(256, &options);
    let served = |from| {
        let calls = (0..6).map(|_| busy(from, server.addresses[0]));
        let calls: Vec<(Client, String)> = calls.collect();
        calls.iter().filter(|(_, it)| it.starts_with("HTTP/1.1 200 ")).count()
    };
    assert_eq!((served(RUDE), served(POLITE)), (6, 2));
}

/// What five thousand callers may do, who have all come from one address.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// They ask, are answered, and stay.
    Ask,
    /// They begin to ask.
    Begin,
    /// They say nothing.
    SayNothing,
}

#[test]
fn five_thousand_callers_from_one_address_keep_nobody_out() {
    let most = descriptors::raise();
    assert!(most >= 6000, "this takes 6,000 descriptors, and there are {most}");
    for manner in [Manner::Ask, Manner::Begin, Manner::SayNothing] {
        let server = server(1024, &[]);
        let address = server.addresses[0];
        let (mut rude, mut waits) = (Vec::new(), Vec::new());
        // No faster than the kernel can queue them: that is not what this is about.
        for _ in 0..50 {
            rude.extend((0..100).map(|_| come(manner, address)));
            waits.push(wait_of_somebody_else(address));
        }
        // It is some milliseconds, or the machine, which has other tests to run. Part 6
        // would have half of them wait for ten seconds, or for sixty.
        waits.sort();
        assert!(waits[25] < Duration::from_millis(250), "{manner:?}: {waits:?}");
        let said = server.stderr();
        assert!(!said.contains("cannot accept"), "{manner:?}: {said}");
    }
}

/// Each thread has the ports again, and that is reckoned with: whoever is let in has a
/// descriptor.
#[test]
fn many_threads_keep_nobody_out() {
    let server = server(256, &["--cores", "20", "--per-address", "256"]);
    let mut idle = Vec::new();
    for _ in 0..200 {
        let mut client = Client::Clear(call(RUDE, server.addresses[0]));
        client.send(GET);
        let answer = client.read_response();
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", server.stderr());
        idle.push(client);
    }
    let said = server.stderr();
    assert!(!said.contains("cannot accept"), "{said}");
}

fn come(manner: Manner, address: SocketAddr) -> TcpStream {
    let mut stream = call(RUDE, address);
    let said: &[u8] = match manner {
        Manner::Ask => GET,
        Manner::Begin => BEGUN,
        Manner::SayNothing => b"",
    };
    // Who has been sent away by now can't say anything.
    let _ = stream.write_all(said);
    stream
}

/// How long somebody from another address waits for an answer.
fn wait_of_somebody_else(address: SocketAddr) -> Duration {
    let begun = Instant::now();
    let mut stream = call(POLITE, address);
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    begun.elapsed()
}

/// Over TLS, who has not finished shaking hands is idle too.
#[test]
fn silent_handshakes_make_room() {
    let server = server(64, &["--cores", "1"]);
    let tls = server.addresses[1];
    let silent: Vec<TcpStream> = (0..200).map(|_| call(RUDE, tls)).collect();
    let config = tls_config(&server.root(), tokio_rustls::rustls::ALL_VERSIONS);
    let mut client = Client::tls(tls, &config).unwrap();
    client.send(GET);
    assert!(client.read_response().starts_with(b"HTTP/1.1 200 "));
    drop(silent);
    assert!(!server.stderr().contains("cannot accept"), "{}", server.stderr());
}
