//! Seeing inside, from part 7 on: what is counted, and who may look.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use proctor::stage::Stage;
use regex::Regex;
use rohttp::drive::Server as Driver;
use rohttp::io::arrival::Arrival;
use rohttp::message::Scheme;
use rohttp::net::pace::{Brisk, Pacer};
use rohttp::net::serve::ServeConnection;
use rohttp::observe::deadline::Deadline;
use rohttp::observe::record::{Observer, Record};
use rohttp::process::shutdown;
use rohttp::service::Service;
use rohttp::verse::VERSE;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Client, GET, PATIENCE, Server, tls_config};

/// A part 7 that can be looked into: at the last of its addresses.
fn start(options: &[&str]) -> Server {
    let mut all = vec!["--host", "127.0.0.1", "--metrics", "127.0.0.1:0"];
    all.extend(options);
    let server = Server::start_with(Stage::LAST.name(), &all);
    assert_eq!(server.addresses.len(), 3);
    server
}

/// Asks for a page, and has its head and its content.
fn look(address: SocketAddr, path: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    let answer = Client::clear(address).ask(request.as_bytes());
    let answer = String::from_utf8(answer).unwrap();
    let (head, content) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), content.to_owned())
}

/// What is counted, by name and labels, as they are written. The reading is as strict
/// as that of `promtool check metrics`.
fn read(text: &str) -> BTreeMap<String, f64> {
    let sample =
        Regex::new(r#"^([a-z_]+)(?:\{((?:[a-z]+="[^"\\]*",?)*)\})? (\S+)$"#);
    let (sample, mut samples) = (sample.unwrap(), BTreeMap::new());
    let (mut family, mut kind, mut helped) = ("", "", "");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            (helped, _) = help.split_once(' ').expect("there is a text");
        } else if let Some(line) = line.strip_prefix("# TYPE ") {
            (family, kind) = line.split_once(' ').unwrap();
            assert_eq!(helped, family, "it is said what it is, first");
            let is_total = family.ends_with("_total");
            assert_eq!(kind == "counter", is_total, "{family} is a {kind}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
        } else {
            let parts = sample.captures(line).expect(line);
            let suffix = parts[1].strip_prefix(family).expect("of this family");
            let allowed: &[&str] = match kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            assert!(allowed.contains(&suffix), "{line}");
            let value = parts[3].parse().expect("a number");
            let name = line.rsplit_once(' ').unwrap().0;
            let before = samples.insert(name.to_owned(), value);
            assert_eq!(before, None, "{name} comes twice");
        }
    }
    samples
}

fn metrics(server: &Server) -> BTreeMap<String, f64> {
    let (head, text) = look(server.addresses[2], "/metrics");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let format = "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n";
    assert!(head.contains(format), "{head}");
    read(&text)
}

/// Looks until a number is the one that is wanted: whoever is gone from our side may
/// not have been missed yet.
fn wait_for(server: &Server, name: &str, wanted: f64) {
    let begun = Instant::now();
    loop {
        let found = metrics(server);
        let value = found.get(name).unwrap_or_else(|| panic!("{name}: {found:?}"));
        if *value == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{name} is {value}, not {wanted}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn requests_are_counted_by_method_and_status() {
    let server = start(&[]);
    for client in Client::of_each_port(&server) {
        let get = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        assert!(client.ask(get).ends_with(VERSE.as_bytes()));
    }
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\
                 Connection: close\r\n\r\n";
    let post = [&post[..], &[b'x'; 300]].concat();
    Client::clear(server.addresses[0]).ask(&post);
    Client::clear(server.addresses[0]).ask(b"\x01\r\n\r\n");
    // Each has a method of its own.
    for number in 0..50 {
        let request = format!("BREW{number} / HTTP/1.0\r\n\r\n");
        Client::clear(server.addresses[0]).ask(request.as_bytes());
    }
    let found = metrics(&server);
    let requests = |it: &&String| it.starts_with("rohttp_http_requests_total");
    let expected = [
        (r#"method="GET",status="200""#, 2.0),
        (r#"method="POST",status="200""#, 1.0),
        (r#"method="none",status="400""#, 1.0),
        (r#"method="other",status="501""#, 50.0),
    ];
    assert_eq!(found.keys().filter(requests).count(), expected.len(), "{found:?}");
    for (labels, count) in expected {
        let name = format!("rohttp_http_requests_total{{{labels}}}");
        assert_eq!(found[&name], count, "{name}");
    }
    for name in ["request_duration_seconds", "request_size_bytes"] {
        assert_eq!(found[&format!("rohttp_http_{name}_count")], 54.0, "{name}");
        let bucket = format!("rohttp_http_{name}_bucket{{le=\"+Inf\"}}");
        assert_eq!(found[&bucket], 54.0, "{name}");
    }
    assert_eq!(found["rohttp_http_request_size_bytes_sum"], 300.0);
    assert_eq!(found[r#"rohttp_http_request_size_bytes_bucket{le="256"}"#], 53.0);
    let sent = found["rohttp_http_response_size_bytes_sum"];
    assert!(sent > (2 * VERSE.len() + 300) as f64, "{sent}");
    assert_eq!(found[r#"rohttp_build_info{version="0.1.0"}"#], 1.0);
}

#[test]
fn connections_are_counted_by_what_they_do() {
    let server = start(&[]);
    let mut clients = Client::of_each_port(&server);
    for client in &mut clients {
        client.send(GET);
        client.read_response();
    }
    wait_for(&server, r#"rohttp_connections{state="idle"}"#, 2.0);
    clients[0].send(b"GET /");
    wait_for(&server, r#"rohttp_connections{state="busy"}"#, 1.0);
    wait_for(&server, r#"rohttp_connections{state="idle"}"#, 1.0);
    let before = metrics(&server)["process_open_fds"];
    drop(clients);
    for state in ["busy", "idle"] {
        let name = format!("rohttp_connections{{state=\"{state}\"}}");
        wait_for(&server, &name, 0.0);
    }
    let found = metrics(&server);
    assert!(found["process_open_fds"] <= before, "{found:?}");
    assert!(found["process_max_fds"] >= 256.0, "{found:?}");
    for scheme in ["http", "https"] {
        let name =
            format!("rohttp_connections_accepted_total{{scheme=\"{scheme}\"}}");
        assert_eq!(found[&name], 1.0);
    }
}

#[test]
fn handshakes_are_counted_by_what_became_of_them() {
    let server = start(&["--handshake-time", "200ms"]);
    let port = server.addresses[1];
    let config = tls_config(&server.root(), ALL_VERSIONS);
    drop(Client::tls(port, &config).unwrap());
    Client::clear(port).ask(GET);
    Client::clear(port).ask(b"\x80\x2e\x01\x03\x01");
    let mut silent = Client::clear(port);
    assert!(silent.read_to_end().is_empty());
    drop(Client::clear(port));
    for outcome in ["done", "clear", "refused", "late", "left"] {
        let name = format!("rohttp_tls_handshakes_total{{outcome=\"{outcome}\"}}");
        wait_for(&server, &name, 1.0);
    }
}

#[test]
fn who_makes_room_and_who_finds_none_is_counted() {
    let server = start(&["--connections", "3", "--per-address", "2"]);
    let address = server.addresses[0];
    let mut idle = Client::clear(address);
    idle.send(GET);
    idle.read_response();
    wait_for(&server, r#"rohttp_connections{state="idle"}"#, 1.0);
    let busy = [(); 2].map(|()| {
        let mut client = Client::clear(address);
        client.send(&[GET, b"GET"].concat());
        client.read_response();
        client
    });
    assert!(idle.read_to_end().is_empty(), "it makes room");
    wait_for(&server, "rohttp_connections_evicted_total", 1.0);
    let answer = Client::clear(address).ask(GET);
    assert!(answer.starts_with(b"HTTP/1.1 503 "), "there is none");
    drop(busy);
    wait_for(&server, r#"rohttp_connections_shed_total{scheme="http"}"#, 1.0);
    wait_for(&server, r#"rohttp_connections_shed_total{scheme="https"}"#, 0.0);
}

#[test]
fn health_is_said_to_be_bad_before_the_end() {
    let mut server = start(&[]);
    let health = server.addresses[2];
    assert!(look(health, "/healthz").0.starts_with("HTTP/1.1 200 "));
    let mut late = Client::clear(server.addresses[0]);
    late.send(b"GET / HTTP/1.1\r\n");
    wait_for(&server, r#"rohttp_connections{state="busy"}"#, 1.0);
    server.signal(Signal::TERM);
    let begun = Instant::now();
    while !look(health, "/healthz").0.starts_with("HTTP/1.1 503 ") {
        assert!(begun.elapsed() < PATIENCE);
    }
    late.send(b"Host: a\r\n\r\n");
    assert!(late.read_to_end().ends_with(VERSE.as_bytes()));
    assert!(server.wait().success());
}

#[test]
fn strangers_see_nothing_and_viewers_are_few() {
    let server = start(&["--head-time", "30s"]);
    for mut client in Client::of_each_port(&server) {
        client.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(client.read_response().ends_with(VERSE.as_bytes()));
    }
    let inside = server.addresses[2];
    assert!(look(inside, "/").0.starts_with("HTTP/1.1 404 "));
    assert!(look(inside, "/echo").0.starts_with("HTTP/1.1 404 "));
    let _busy: Vec<Client> = (0..16)
        .map(|_| {
            let mut client = Client::clear(inside);
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET");
            client.read_response();
            client
        })
        .collect();
    assert!(look(inside, "/metrics").0.starts_with("HTTP/1.1 503 "));
}

/// Without the option there is nothing more to connect to.
#[test]
fn nobody_looks_who_was_not_asked_to() {
    let server = Server::start(Stage::LAST.name());
    assert_eq!(server.addresses.len(), 2);
}

/// Takes note of what clients were waited for in vain.
#[derive(Default)]
struct Missed(Mutex<Vec<Deadline>>);

impl Observer for Missed {
    fn observe(&self, _: &Record) {}

    fn miss(&self, deadline: Deadline) {
        self.0.lock().unwrap().push(deadline);
    }
}

#[tokio::test(start_paused = true)]
async fn each_deadline_that_is_missed_is_told_once() {
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65535\r\n\r\n";
    let cases = [
        (&b"GET / HT"[..], Duration::ZERO, Deadline::Head),
        (GET, Duration::ZERO, Deadline::Idle),
        (post, Duration::ZERO, Deadline::Body),
        (post, Duration::from_secs(1), Deadline::Pace),
    ];
    for (sent, drip, deadline) in cases {
        assert_eq!(missed(sent, drip, 4096).await, [deadline]);
    }
    // It makes no room for the answer.
    assert_eq!(missed(GET, Duration::ZERO, 64).await, [Deadline::Write]);
}

/// What a client is waited for who sends something, then a byte after each pause if
/// there is one, and reads only what there is no room for.
async fn missed(sent: &[u8], drip: Duration, room: usize) -> Vec<Deadline> {
    let missed = Arc::new(Missed::default());
    let observers: Vec<Arc<dyn Observer>> = vec![missed.clone()];
    let service = Arc::new(Service { observers, ..Service::default() });
    let pacer = Pacer::new(Default::default());
    tokio::spawn(pacer.clone().keep());
    let server = Driver { service, limits: Arc::default() };
    let (_trigger, shutdown) = shutdown::channel();
    let (mut client, stream) = duplex(room);
    let local = (Ipv4Addr::LOCALHOST, 1337).into();
    let (scheme, protocol) = (Scheme::Http, None);
    let arrival = Arrival { peer: local, local, scheme, protocol };
    let served =
        Brisk { server, pacer }.serve_connection(stream, arrival, shutdown);
    let served = tokio::spawn(served);
    client.write_all(sent).await.unwrap();
    while !drip.is_zero() && client.write_all(b"x").await.is_ok() {
        tokio::time::sleep(drip).await;
    }
    if room < GET.len() + VERSE.len() && drip.is_zero() {
        served.await.unwrap();
    } else {
        let _ = client.read_to_end(&mut Vec::new()).await;
        served.await.unwrap();
    }
    let missed = missed.0.lock().unwrap();
    missed.clone()
}

/// Who looks at a curve that is always 0 thinks that all is well.
#[test]
fn the_dashboard_asks_for_what_there_is() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let file = root.join("book/asides/grafana/rohttp.json");
    let text = fs::read_to_string(file).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let server = start(&[]);
    Client::clear(server.addresses[0]).ask(b"GET / HTTP/1.0\r\n\r\n");
    let found = metrics(&server);
    let name = Regex::new("(?:rohttp|process)_[a-z_]+").unwrap();
    let by = Regex::new(r"by \(([a-z]+)\) \([a-z]+\(([a-z_]+)").unwrap();
    let mut asked = 0;
    for target in
        panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap())
    {
        let query = target["expr"].as_str().unwrap();
        for name in name.find_iter(query).map(|it| it.as_str()) {
            let is_it = |it: &String| it.split('{').next() == Some(name);
            assert!(found.keys().any(is_it), "there is no {name}");
            asked += 1;
        }
        for parts in by.captures_iter(query) {
            let (label, name) = (format!("{}=", &parts[1]), &parts[2]);
            let has = |it: &String| it.starts_with(name) && it.contains(&label);
            assert!(found.keys().any(has), "{name} is not labelled with {label}");
        }
    }
    assert!(panels.len() >= 8 && asked > panels.len(), "{asked}");
}
