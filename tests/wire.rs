//! Parts 5 and 5.5: every exchange, raw, on every port.

use std::fs;
use std::net::TcpStream;

use crate::support::{Client, GET, Server, tls_config};
use tokio_rustls::rustls::ALL_VERSIONS;

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
    assert!(clear.read_to_end().starts_with(b"HTTP/1.1 421 "));
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
