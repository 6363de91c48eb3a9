//! Parts 5 and 5.5: every exchange, raw, on every port.

use std::fs;
use std::net::TcpStream;

use crate::support::{Client, GET, Server, exchange, tls_config};
use tokio_rustls::rustls::ALL_VERSIONS;

/// Name, request: the answer is on record, the same for each part and port.
const CASES: &[(&str, &[u8])] = &[
    ("get", GET),
    ("head", b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("http_1_0", b"GET / HTTP/1.0\r\n\r\n"),
    ("absolute_form", b"GET http://localhost:1337/x HTTP/1.1\r\nHost: other\r\n\r\n"),
    ("empty_lines_before", b"\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("two_gets", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("post_then_close", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    ("post_1_0", b"POST / HTTP/1.0\r\n\r\n"),
    (
        "post_then_get",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "four_refusals_then_get",
        b"PUT / HTTP/1.1\r\nHost: a\r\n\r\nDELETE / HTTP/1.1\r\nHost: a\r\n\r\n\
          OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nBREW / HTTP/1.1\r\nHost: a\r\n\r\n\
          GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    ("body", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
    (
        "get_with_a_body",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    ),
    (
        "chunked_body",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "expect_continue",
        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    ),
    ("connect", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    ("trace", b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("unknown_method", b"get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("unknown_coding", b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br, chunked\r\n\r\n"),
    ("junk", b"hello?\r\n"),
    ("not_utf8", b"\xff\xfe\x00"),
    ("bare_lf", b"GET / HTTP/1.1\nHost: a\n\n"),
    ("no_host", b"GET / HTTP/1.1\r\n\r\n"),
    ("no_host_for_head", b"HEAD / HTTP/1.1\r\n\r\n"),
    ("space_before_colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
    ("folded", b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
    (
        "length_and_coding",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    ("http_2_0", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("http_2_preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("tls_hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("half_a_request", b"GET / HTTP/1.1\r\nHost: a\r\n"),
    ("nothing", b""),
];

#[test]
fn every_exchange_is_as_recorded_on_each_part_and_port() {
    for part in ["part5", "part5_5"] {
        hold_to_record(&Server::start(part));
    }
}

/// Holds a server to the recorded exchanges, on each of its ports, whole and by bytes.
pub fn hold_to_record(server: &Server) {
    for (name, request) in CASES {
        for size in [request.len().max(1), 1] {
            for mut client in Client::of_each_port(server) {
                request.chunks(size).for_each(|piece| client.send(piece));
                client.half_close();
                let shown = exchange(request, &client.read_to_end());
                insta::assert_snapshot!(format!("part5__{name}"), shown);
            }
        }
    }
}

#[test]
fn limits_are_answered_by_their_status() {
    let request = |target: usize, fields: usize, value: usize| {
        let fields = "X: y\r\n".repeat(fields);
        format!(
            "GET /{} HTTP/1.1\r\nHost: a\r\nV: {}\r\n{fields}\r\n",
            "a".repeat(target),
            "v".repeat(value)
        )
    };
    for part in ["part5", "part5_5"] {
        let server = Server::start(part);
        for (request, status) in [
            (request(8191, 98, 0), 200),
            (request(8192, 0, 0), 414),
            (request(0, 99, 0), 431),
            (request(0, 0, 16_384), 431),
            ("x".repeat(100_000), 431),
            (format!("GET /{}", "x".repeat(100_000)), 414),
        ] {
            for client in Client::of_each_port(&server) {
                let answer =
                    String::from_utf8(client.ask(request.as_bytes())).unwrap();
                let expected = format!("HTTP/1.1 {status} ");
                assert!(answer.starts_with(&expected), "{status}: {answer}");
                let closes = answer.contains("\r\nConnection: close\r\n");
                assert!(closes, "{answer}");
            }
        }
    }
}

#[test]
fn what_is_meant_for_tls_is_not_served_in_the_clear() {
    let server = Server::start("part5_5");
    let request = b"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut clear = Client::clear(server.addresses[0]);
    clear.send(request);
    clear.half_close();
    insta::assert_snapshot!(
        "part5_5__https_in_the_clear",
        exchange(request, &clear.read_to_end())
    );
    let config = tls_config(&server.root(), ALL_VERSIONS);
    let tls = Client::tls(server.addresses[1], &config).unwrap();
    assert!(tls.ask(request).starts_with(b"HTTP/1.1 200 OK\r\n"));
}

/// Descriptors, once the server has let go of the last of its callers.
fn settled_descriptors(server: &Server, wanted: usize) -> usize {
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
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
        drop(TcpStream::connect(clear).unwrap());
        let mut reset = Client::clear(tls);
        reset.send(b"\x16\x03\x01\x02\x00");
        socket2::SockRef::from(reset.socket())
            .set_linger(Some(std::time::Duration::ZERO))
            .unwrap();
    }
    assert!(fs::exists(format!("/proc/{}", server.child.id())).unwrap());
    assert!(settled_descriptors(&server, before) <= before, "from {before}");
}
