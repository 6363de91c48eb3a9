//! How much memory a connection takes, whatever its client does, in part 7.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rohttp::drive::{self, h1};
use rohttp::io::arrival::Arrival;
use rohttp::message::Scheme;
use rohttp::process::descriptors;
use rohttp::process::shutdown::Shutdown;
use rohttp::site::listing::Sort;
use rohttp::site::listings::{Listings, Stamp};

use crate::support::{Client, PATIENCE, Server, tls_config, weathered};

/// For ever: nobody ends it.
struct Never;

impl Shutdown for Never {
    fn is_requested(&self) -> bool {
        false
    }

    async fn requested(&mut self) {
        std::future::pending().await
    }
}

/// A task is as large as the most that it ever holds, all its life long. Most of its
/// life it waits for a request.
#[test]
fn what_a_connection_does_seldom_takes_no_room_while_it_waits() {
    let server = drive::Server { service: Arc::default(), limits: Arc::default() };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1337));
    let (peer, local, scheme) = (address, address, Scheme::Http);
    let arrival = Arrival { peer, local, scheme, protocol: None };
    let (stream, _client) = tokio::io::duplex(64);
    let size = size_of_val(&h1::serve(stream, &server, arrival, Never));
    assert!(size <= 1280, "{size} bytes");
}

/// How many clients do the same.
const CLIENTS: usize = 200;

/// Something that a client does, and goes on doing.
struct Manner {
    name: &'static str,
    /// What it sends, as much of it as there is room for.
    sends: Vec<u8>,
    /// KiB that a connection holds because of it, at least: then it has come so far.
    least: usize,
    /// And at most: in the clear, and over TLS.
    most: [usize; 2],
}

fn manners() -> Vec<Manner> {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
    let post = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
    let manner = |name, sends: String, least, most| {
        let sends = sends.into_bytes();
        Manner { name, sends, least, most }
    };
    let film = get("/film") + "\r\n";
    let ranges = (0..30).map(|at| format!("{}-{},", at * 9, at * 9 + 4));
    let ranges = get("/film") + "Range: bytes=" + &ranges.collect::<String>();
    let echoed = format!("{post}Content-Length: 99999999\r\n\r\n");
    let chunks = format!("{post}Transfer-Encoding: chunked\r\n\r\n");
    vec![
        manner("says nothing", String::new(), 0, [6, 18]),
        manner("reads no film", film.clone(), 4, [16, 64]),
        manner("reads none of many films", film.repeat(400), 8, [40, 110]),
        manner("reads none of many parts", ranges + "\r\n\r\n", 4, [64, 64]),
        manner("begins a long head", get("/") + &"a".repeat(15_000), 8, [40, 64]),
        manner("reads no echo", echoed + &"x".repeat(400_000), 16, [64, 110]),
        manner(
            "chunks an echo",
            chunks + &"1\r\nx\r\n".repeat(60_000),
            16,
            [72, 128],
        ),
    ]
}

impl Server {
    /// KiB of memory that is nobody else's.
    fn anonymous(&self) -> usize {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|it| it.strip_prefix("Anonymous:"));
        line.unwrap().trim().trim_end_matches(" kB").parse().unwrap()
    }
}

#[test]
fn a_connection_takes_so_much_and_no_more_whatever_its_client_does() {
    descriptors::raise();
    let root = tempfile::tempdir().unwrap();
    File::create(root.path().join("film")).unwrap().set_len(1 << 30).unwrap();
    let most = (CLIENTS + 10).to_string();
    let root = root.path().to_str().unwrap();
    let options =
        ["--host", "127.0.0.1", "--root", root, "--echo", "--per-address", &most];
    for manner in manners() {
        for (port, most) in manner.most.into_iter().enumerate() {
            let server = Server::start_with(&weathered(), &options);
            let each = held(&server, port, &manner);
            let name = manner.name;
            assert!(each <= most, "who {name} takes {each} KiB at port {port}");
        }
    }
}

/// How much of the server's memory each of many clients holds.
fn held(server: &Server, port: usize, manner: &Manner) -> usize {
    let config = tls_config(&server.root(), tokio_rustls::rustls::ALL_VERSIONS);
    let before = server.anonymous();
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|_| {
            let mut client = match port {
                0 => Client::clear(server.addresses[0]),
                _ => Client::tls(server.addresses[1], &config).unwrap(),
            };
            client.socket().set_nonblocking(true).unwrap();
            match &mut client {
                Client::Clear(stream) => _ = stream.write(&manner.sends),
                Client::Tls(stream) => _ = stream.write(&manner.sends),
            }
            client
        })
        .collect();
    let each = || server.anonymous().saturating_sub(before).div_ceil(CLIENTS);
    let begun = Instant::now();
    while each() < manner.least {
        assert!(begun.elapsed() < PATIENCE, "who {} takes nothing", manner.name);
    }
    // And whatever else it comes to.
    let until = Instant::now() + Duration::from_millis(200);
    let mut most = each();
    while Instant::now() < until {
        most = most.max(each());
    }
    drop(clients);
    most
}

/// Makes a page, and counts how often.
fn page(made: &Cell<u32>, text: &str) -> io::Result<String> {
    made.set(made.get() + 1);
    Ok(text.to_owned())
}

#[test]
fn a_listing_is_made_once_for_all_who_ask_while_the_folder_stays_as_it_is() {
    let (listings, made) = (Listings::default(), Cell::new(0));
    let get = |path: &str, query, change: i64, text: &str| {
        let stamp = Stamp([1, 2], [change, 0]);
        listings.get(path, Sort::of(query), stamp, || page(&made, text)).unwrap()
    };
    let first = get("/a/", None, 0, "ten");
    let same = get("/a/", None, 0, "not asked for");
    assert_eq!((made.get(), &same[..]), (1, &b"ten"[..]));
    assert_eq!(first.as_ptr(), same.as_ptr(), "it is not copied");
    // A file has come, and one went, and the page says the same.
    let unchanged = get("/a/", None, 1, "ten");
    assert_eq!((made.get(), unchanged.as_ptr()), (2, first.as_ptr()));
    assert_eq!(get("/a/", None, 2, "eleven"), "eleven");
    assert_eq!(get("/a/", Some("sort=-size"), 2, "by size"), "by size");
    assert_eq!(get("/b/", None, 2, "another"), "another");
    assert_eq!(made.get(), 5);
}

#[test]
fn listings_that_nobody_reads_take_so_much_memory_and_no_more() {
    let (listings, made) = (Listings::default(), Cell::new(0));
    let get = |change: i64, size: usize| {
        let text = change.to_string() + &" ".repeat(size - 2);
        let stamp = Stamp([1, 2], [change, 0]);
        listings.get("/", Sort::of(None), stamp, || page(&made, &text))
    };
    let megabyte = 1 << 20;
    let mut unread: Vec<_> =
        (10..74).map(|change| get(change, megabyte).unwrap()).collect();
    let error = get(74, megabyte).unwrap_err();
    assert_eq!(error.to_string(), "too many listings are waited for");
    unread.pop();
    assert!(get(75, megabyte).is_ok(), "one was read");
    drop(unread);
    assert!(get(76, 100 * megabyte).is_ok(), "whoever is alone may be large");
}

#[test]
fn a_listing_that_cannot_be_made_is_made_for_the_next_who_asks() {
    let listings = Listings::default();
    let get = |make: &dyn Fn() -> io::Result<String>| {
        listings.get("/", Sort::of(None), Stamp([1, 2], [3, 4]), make)
    };
    assert!(get(&|| Err(io::ErrorKind::PermissionDenied.into())).is_err());
    assert!(
        std::panic::catch_unwind(AssertUnwindSafe(|| get(&|| panic!()))).is_err()
    );
    assert_eq!(get(&|| Ok("well".into())).unwrap(), "well");
}
