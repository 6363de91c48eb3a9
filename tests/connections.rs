//! Connections: those of part 6 that go on, their bodies and deadlines, what attackers
//! make of them, and that nothing is left of those that are over.

use std::fs;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rohttp::drive::Server as Driver;
use rohttp::io::arrival::Arrival;
use rohttp::io::stream::Stream;
use rohttp::limits::Limits;
use rohttp::message::Scheme;
use rohttp::net::serve::ServeConnection;
use rohttp::observe::record::{Observer, Record};
use rohttp::process::shutdown::{self, Trigger};
use rohttp::service::Service;
use rohttp::site::Site;
use rohttp::site::files::{Root, Rules};
use rohttp::verse::VERSE;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Case, Client, GET, PATIENCE, Server, cases, tls_config};

/// The statuses of the responses in a row, with what the methods were.
fn statuses(mut received: &[u8], methods: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    let mut methods = methods.iter();
    while !received.is_empty() {
        let end = received.windows(4).position(|w| w == b"\r\n\r\n");
        let end = end.expect("a head that ends") + 4;
        let head = str::from_utf8(&received[..end]).unwrap();
        let status = head[9..12].parse().unwrap();
        received = &received[end..];
        statuses.push(status);
        if status == 100 {
            continue;
        }
        let bodiless = methods.next() == Some(&"HEAD") || status == 304;
        let length = head.lines().find_map(|l| l.strip_prefix("Content-Length: "));
        if !bodiless {
            received = &received[length.unwrap().parse::<usize>().unwrap()..];
        }
    }
    statuses
}

#[test]
fn no_request_can_be_smuggled() {
    let server = Server::start("part6");
    for Case { name, expected, bytes } in
        cases(include_str!("tables/smuggling.txt"))
    {
        for mut client in Client::of_each_port(&server) {
            client.send(&bytes);
            client.half_close();
            let found = statuses(&client.read_to_end(), &["POST", "DELETE"]);
            let found: Vec<String> = found.iter().map(u16::to_string).collect();
            assert_eq!(found.join(", "), expected, "{name}");
        }
    }
}

#[test]
fn requests_that_come_together_are_answered_in_their_order() {
    let server = Server::start("part6");
    let mut requests = String::new();
    let mut methods = Vec::new();
    for number in 0..100 {
        let (method, request) = match number % 4 {
            0 => ("HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
            1 => (
                "PUT",
                "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".into(),
            ),
            2 => (
                "POST",
                format!(
                    "POST /echo HTTP/1.1\r\nHost: a\r\n\
                Transfer-Encoding: chunked\r\n\r\n3\r\n{number:03}\r\n0\r\n\r\n"
                ),
            ),
            _ => (
                "GET",
                "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n".into(),
            ),
        };
        requests += &request;
        methods.push(method);
    }
    let expected = [200, 405, 200, 304].repeat(25);
    for size in [requests.len(), 7, 1000] {
        for mut client in Client::of_each_port(&server) {
            requests.as_bytes().chunks(size).for_each(|piece| client.send(piece));
            client.half_close();
            let received = client.read_to_end();
            assert_eq!(statuses(&received, &methods), expected);
            let text = String::from_utf8_lossy(&received);
            let echoes: Vec<usize> = (2..100)
                .step_by(4)
                .map(|number| {
                    text.find(&format!("\r\n\r\n{number:03}HTTP")).unwrap()
                })
                .collect();
            assert!(echoes.is_sorted());
        }
    }
}

/// Sends a body in pieces while another thread reads, and compares.
fn echo(client: Client, head: &str, pieces: usize, chunked: bool) {
    let Client::Clear(stream) = client else { unreachable!() };
    let piece = [b'x'; 65536];
    let mut writer = stream.try_clone().unwrap();
    let head = head.to_owned();
    let sender = thread::spawn(move || {
        use std::io::Write;
        writer.write_all(head.as_bytes()).unwrap();
        for _ in 0..pieces {
            if chunked {
                write!(writer, "{:x}\r\n", piece.len()).unwrap();
            }
            writer.write_all(&piece).unwrap();
            if chunked {
                writer.write_all(b"\r\n").unwrap();
            }
        }
        if chunked {
            writer.write_all(b"0\r\n\r\n").unwrap();
        }
        writer.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let received = crate::support::read_to_end(stream);
    sender.join().unwrap();
    let end = received.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    assert!(received.starts_with(b"HTTP/1.1 200 OK\r\n"));
    let length = received[end..].iter().filter(|byte| **byte == b'x').count();
    assert_eq!(length, pieces * piece.len());
}

#[test]
fn a_long_body_goes_back_in_little_memory() {
    let server = Server::start("part6");
    let resident = || {
        let status =
            fs::read_to_string(format!("/proc/{}/status", server.child.id()));
        let status = status.unwrap();
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    };
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let length =
        |pieces| format!("{head}Content-Length: {}\r\n\r\n", pieces * 65536);
    let client = || Client::clear(server.addresses[0]);
    echo(client(), &length(16), 16, false);
    let before = resident();
    echo(client(), &length(1024), 1024, false);
    echo(client(), &chunked, 1024, true);
    let grown = resident().saturating_sub(before);
    assert!(grown < 4096, "64 MiB, twice, take {grown} KiB");
}

/// A conversation in memory, with room for so many bytes on their way each way.
pub fn start(room: usize) -> (DuplexStream, Trigger) {
    start_service(room, Service::default())
}

/// The same with a service that one can say something of.
fn start_service(room: usize, service: Service) -> (DuplexStream, Trigger) {
    let (ours, theirs) = duplex(room);
    (ours, serve(theirs, service))
}

/// Serves one connection.
fn serve(stream: impl Stream + 'static, service: Service) -> Trigger {
    let (trigger, shutdown) = shutdown::channel();
    let local = (Ipv4Addr::LOCALHOST, 1337).into();
    let (scheme, protocol) = (Scheme::Http, None);
    let arrival = Arrival { peer: local, local, scheme, protocol };
    let limits = Arc::new(Limits::default());
    let driver = Driver { service: Arc::new(service), limits };
    tokio::spawn(driver.serve_connection(stream, arrival, shutdown));
    trigger
}

/// Ends a server as TERM does.
async fn end(trigger: Trigger) {
    let (_sender, mut signals) = unbounded_channel();
    trigger.drain(Limits::default().drain, &mut signals).await;
}

async fn read_to_end(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Reads a response with a Content-Length.
async fn read_response(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(client.read_u8().await.unwrap());
    }
    let head = String::from_utf8(bytes).unwrap();
    let length =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    client.read_exact(&mut body).await.unwrap();
    head + str::from_utf8(&body).unwrap()
}

/// Part of what a client does not take at once is read from the file once more.
#[tokio::test]
async fn a_film_comes_whole_however_much_of_it_is_taken_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let film: Vec<u8> = (0..600_007_u32).map(|at| (at / 7) as u8).collect();
    fs::write(folder.path().join("film"), &film).unwrap();
    for room in [1_000, 4_096, 32_768, 100_000, 262_144, 1 << 20] {
        let (client, _trigger) = start_service(room, serving(folder.path()));
        let part = 100_000..600_000;
        watch_film(client, &film, part, &format!("with room for {room}")).await;
    }
}

/// The same over a socket that is given the file, for clients in a hurry and others;
/// and where nobody is free to give it.
#[tokio::test]
async fn a_film_comes_whole_over_a_socket_too() {
    let folder = tempfile::tempdir().unwrap();
    let film: Vec<u8> = (0..9_000_007_u32).map(|at| (at / 7) as u8).collect();
    fs::write(folder.path().join("film"), &film).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    for (room, is_busy) in [(4_096, false), (1 << 22, false), (1 << 22, true)] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(room).unwrap();
        let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let service = serving(folder.path());
        let (free, waits) = channel::<()>();
        let waits = Arc::new(Mutex::new(waits));
        for _ in 0..if is_busy { 64 } else { 0 } {
            let (disk, waits) = (service.disk.clone(), waits.clone());
            let wait = move || waits.lock().unwrap().recv();
            tokio::spawn(async move { disk.run(wait).await });
        }
        while is_busy && service.disk.run_now(|| ()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        let _trigger = serve(listener.accept().await.unwrap().0, service);
        let what = format!("with room for {room}, busy: {is_busy}");
        watch_film(client, &film, 1_000_001..8_999_999, &what).await;
        drop(free);
    }
}

/// A file that ends before it should is not made up for.
#[tokio::test]
async fn a_film_that_becomes_shorter_on_its_way_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let film = fs::File::create(folder.path().join("film")).unwrap();
    film.set_len(1 << 26).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut client =
        TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let _trigger =
        serve(listener.accept().await.unwrap().0, serving(folder.path()));
    let asked = b"GET /film HTTP/1.1\r\nHost: a\r\n\r\n";
    client.write_all(asked).await.unwrap();
    client.read_exact(&mut vec![0; 1 << 20]).await.unwrap();
    film.set_len(1 << 21).unwrap();
    let mut rest = Vec::new();
    let end = client.read_to_end(&mut rest).await;
    assert!(rest.len() < (1 << 26) - (1 << 20), "{} more, {end:?}", rest.len());
}

/// A service with the files of a folder.
fn serving(folder: &Path) -> Service {
    let root = Root::open(folder, Rules::default()).unwrap();
    let site = Site { root: Some(root), ..Site::default() };
    Service { site: Arc::new(site), ..Service::default() }
}

/// Asks for a film, for part of it, and for it once more, in one breath.
async fn watch_film(
    mut client: impl Stream,
    film: &[u8],
    part: Range<usize>,
    what: &str,
) {
    let ask = |version, fields| {
        format!("GET /film HTTP/{version}\r\nHost: a\r\n{fields}\r\n")
    };
    let range = format!("Range: bytes={}-{}\r\n", part.start, part.end - 1);
    let asked = ask("1.1", "") + &ask("1.1", &range) + &ask("1.0", "");
    client.write_all(asked.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    let mut rest = &received[..];
    for expected in [film, &film[part], film] {
        let end = rest.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
        let (content, others) = rest[end..].split_at(expected.len());
        assert!(content == expected, "{what}");
        rest = others;
    }
    assert!(rest.is_empty(), "{what}");
}

#[tokio::test(start_paused = true)]
async fn each_phase_has_its_deadline() {
    let limits = Limits::default();
    let (mut client, _trigger) = start(4096);
    let started = Instant::now();
    assert_eq!(read_to_end(&mut client).await, "", "no request: no response");
    assert_eq!(started.elapsed().as_secs(), limits.head_time.as_secs());

    let (mut client, _trigger) = start(4096);
    client.write_all(GET).await.unwrap();
    read_response(&mut client).await;
    let answered = Instant::now();
    assert_eq!(read_to_end(&mut client).await, "");
    assert_eq!(answered.elapsed().as_secs(), limits.idle.as_secs());

    let (mut client, _trigger) = start(4096);
    client.write_all(&[GET, b"\r\n"].concat()).await.unwrap();
    read_response(&mut client).await;
    assert_eq!(read_to_end(&mut client).await, "", "a line end is no request");

    // An empty line is nothing to wait longer for.
    for answered in [false, true] {
        let (mut client, _trigger) = start(4096);
        if answered {
            client.write_all(GET).await.unwrap();
            read_response(&mut client).await;
        }
        let begun = Instant::now();
        let patience = if answered { limits.idle } else { limits.head_time };
        for _ in 0..3 {
            sleep(patience / 4).await;
            client.write_all(b"\r\n").await.unwrap();
        }
        assert_eq!(read_to_end(&mut client).await, "", "a line end is no request");
        assert_eq!(begun.elapsed().as_secs(), patience.as_secs());
    }

    let (mut client, _trigger) = start(4096);
    client.write_all(GET).await.unwrap();
    read_response(&mut client).await;
    sleep(limits.idle / 2).await;
    let begun = Instant::now();
    for byte in &GET[..9] {
        client.write_all(&[*byte]).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert_eq!(begun.elapsed().as_secs(), limits.head_time.as_secs());

    let (mut client, _trigger) = start(4096);
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..8 {
        sleep(limits.body * 9 / 10).await;
        client.write_all(b"x").await.unwrap();
    }
    let stopped = Instant::now();
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert_eq!(stopped.elapsed().as_secs(), limits.body.as_secs());
}

/// Whoever asks for something is not made to wait for what they have not sent.
#[tokio::test(start_paused = true)]
async fn an_answer_waits_for_a_body_that_nobody_wants_only_so_long() {
    let time = Limits::default().unwanted_time;
    for (pause, method) in [(30, "GET"), (1, "GET"), (1, "PUT")] {
        let (mut client, _trigger) = start(4096);
        let head = format!(
            "{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n"
        );
        client.write_all(head.as_bytes()).await.unwrap();
        let begun = Instant::now();
        let (mut reader, mut writer) = tokio::io::split(client);
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(pause)).await;
                if writer.write_all(b"x").await.is_err() {
                    return;
                }
            }
        });
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(reader.read_u8().await.unwrap());
        }
        assert_eq!(begun.elapsed().as_secs(), time.as_secs(), "{method} {pause}");
        let head = String::from_utf8(head).unwrap();
        let status = if method == "GET" { "200" } else { "405" };
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains("\r\nConnection: close\r\n"), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_read_is_given_up_after_the_write_deadline() {
    let write = Limits::default().write;
    let (mut client, _trigger) = start(64);
    client.write_all(&GET[..GET.len() / 2]).await.unwrap();
    client.write_all(&GET[GET.len() / 2..]).await.unwrap();
    let started = Instant::now();
    // One byte in a while is progress.
    for _ in 0..10 {
        sleep(write * 9 / 10).await;
        client.read_u8().await.unwrap();
    }
    let read = Instant::now();
    let mut rest = Vec::new();
    sleep(write + Duration::from_secs(1)).await;
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() < VERSE.len(), "{}", rest.len());
    assert!(read.duration_since(started) > write * 8);
}

/// While a response waits for room, what comes is read: it must not be forgotten.
#[tokio::test(start_paused = true)]
async fn what_comes_while_a_response_goes_out_is_answered_at_once() {
    let (mut client, _trigger) = start(64);
    let started = Instant::now();
    client.write_all(GET).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    client.write_all(GET).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    for _ in 0..2 {
        let answer = read_response(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    // And so must the content of one that has begun.
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n";
    let (head, body) = (post.as_bytes(), vec![b'x'; 40_000]);
    client.write_all(head).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(client);
    let sender = tokio::spawn(async move {
        for piece in body.chunks(100) {
            writer.write_all(piece).await.unwrap();
        }
        writer
    });
    let mut answer = Vec::new();
    while !answer.ends_with(&[b'x'; 40_000]) {
        sleep(Duration::from_millis(1)).await;
        answer.push(reader.read_u8().await.unwrap());
    }
    sender.await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(100),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn continue_is_said_when_the_body_will_be_read_and_only_then() {
    let (mut client, _trigger) = start(4096);
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\
        Expect: 100-continue\r\n\r\n";
    client.write_all(post).await.unwrap();
    let mut interim = [0; 25];
    client.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hi").await.unwrap();
    assert!(read_response(&mut client).await.ends_with("\r\n\r\nhi"));

    // What has come need not be asked for.
    client.write_all(&[post, &b"hi"[..]].concat()).await.unwrap();
    let answer = read_response(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    // And without a body there is nothing to ask for.
    let empty = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\
        Expect: 100-continue\r\n\r\n";
    client.write_all(empty).await.unwrap();
    let answer = read_response(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    let put = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    client.write_all(put).await.unwrap();
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_in_chunks_that_nobody_wants_is_skipped_up_to_a_length() {
    let unwanted = Limits::default().unwanted as usize;
    for (length, stays) in [(unwanted, true), (2 * unwanted, false)] {
        let (mut client, _trigger) = start(1 << 20);
        let head =
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = format!("{:x}\r\n{}\r\n", 1024, "x".repeat(1024));
        let body = chunk.repeat(length / 1024) + "0\r\n\r\n";
        client.write_all((head.to_owned() + &body).as_bytes()).await.unwrap();
        let answer = read_response(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert_eq!(
            !answer.contains("\r\nConnection: close\r\n"),
            stays,
            "{length}"
        );
        client.write_all(GET).await.unwrap();
        match stays {
            true => assert!(
                read_response(&mut client).await.starts_with("HTTP/1.1 200 ")
            ),
            false => assert_eq!(read_to_end(&mut client).await, ""),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_echo_that_breaks_a_rule_is_broken_off() {
    let (mut client, _trigger) = start(1 << 20);
    let head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, "x".repeat(1 << 16));
    client.write_all((head.to_owned() + &chunk).as_bytes()).await.unwrap();
    let mut begun = [0; 1000];
    client.read_exact(&mut begun).await.unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 200 OK\r\n"));
    client.write_all(b"oops\r\n").await.unwrap();
    let rest = read_to_end(&mut client).await;
    assert!(!rest.contains("\r\n0\r\n\r\n"), "what was cut must not look whole");
    assert!(!rest.contains("HTTP/1.1"), "no response within a response");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_responses_under_way_are_finished_and_say_so() {
    let (mut idle, trigger) = start(4096);
    idle.write_all(GET).await.unwrap();
    read_response(&mut idle).await;

    let (mut busy, busy_trigger) = start(4096);
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh";
    busy.write_all(post).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    tokio::spawn(end(busy_trigger));
    sleep(Duration::from_millis(1)).await;
    busy.write_all(b"i").await.unwrap();
    let answer = read_to_end(&mut busy).await;
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");

    let started = Instant::now();
    tokio::spawn(end(trigger));
    let linger = Limits::default().linger.pause;
    let left = timeout(linger, read_to_end(&mut idle)).await;
    assert_eq!(left.unwrap(), "");
    assert!(started.elapsed() < Duration::from_millis(100));
}

#[test]
fn term_ends_it_while_connections_idle() {
    let mut server = Server::start("part6");
    let mut clients = Client::of_each_port(&server);
    for client in &mut clients {
        client.send(GET);
        client.read_response();
    }
    server.signal(Signal::TERM);
    for mut client in clients {
        assert_eq!(client.read_to_end(), b"");
    }
    assert!(server.wait().success());
}

/// Descriptors, once the server has let go of the last of its callers.
fn settled_descriptors(server: &Server, wanted: usize) -> usize {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let open = server.descriptors();
        if open <= wanted || std::time::Instant::now() > deadline {
            return open;
        }
        std::thread::yield_now();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn descriptors_are_back_to_where_they_were_after_500_connections_of_all_kinds() {
    let server = Server::start("part5_5");
    let config = tls_config(&server.root(), ALL_VERSIONS);
    let [clear, tls] = server.addresses[..] else { panic!("two ports") };
    let before = server.descriptors();
    for _ in 0..100 {
        Client::clear(clear).ask(GET);
        Client::tls(tls, &config).unwrap().ask(GET);
        // Garbage instead of a handshake.
        Client::clear(tls).ask(GET);
        // A client gone without a word, and one gone in mid-handshake with a reset.
        drop(std::net::TcpStream::connect(clear).unwrap());
        let mut reset = Client::clear(tls);
        reset.send(b"\x16\x03\x01\x02\x00");
        socket2::SockRef::from(reset.socket())
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
    assert!(fs::exists(format!("/proc/{}", server.child.id())).unwrap());
    assert!(settled_descriptors(&server, before) <= before, "from {before}");
}

/// What was answered before a client broke a rule is not lost with it.
#[tokio::test(start_paused = true)]
async fn answers_before_a_broken_one_still_go_out() {
    let (mut client, _trigger) = start(1 << 20);
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 15, "x".repeat(1 << 15));
    let echo =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    let all = format!("{head}{echo}{chunk}zz\r\n");
    client.write_all(all.as_bytes()).await.unwrap();
    let answers = read_to_end(&mut client).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(!answers.contains("\r\n0\r\n\r\n"), "what was cut must not look whole");
}

/// Nobody is waited for twice, and what nobody got is no response.
#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_in_a_body_is_waited_for_once() {
    #[derive(Default)]
    struct Seen(std::sync::Mutex<Vec<u16>>);
    impl Observer for Seen {
        fn observe(&self, record: &Record) {
            self.0.lock().unwrap().push(record.status.code());
        }
    }
    let seen = Arc::new(Seen::default());
    let service = Service { observers: vec![seen.clone()], ..Service::default() };
    let (mut client, trigger) = start_service(64, service);
    let started = Instant::now();
    client.write_all(GET).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";
    let (_reader, mut writer) = tokio::io::split(client);
    writer.write_all(post).await.unwrap();
    end(trigger).await;
    let write = Limits::default().write;
    assert!(started.elapsed() < write + Duration::from_secs(1));
    assert_eq!(*seen.0.lock().unwrap(), [200]);
}
