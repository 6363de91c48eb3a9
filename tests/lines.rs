//! Parts 3 and 4: what a request is taken for, however its bytes come in.

use rohttp::verse::VERSE;

use crate::exchanges::{TOO_LONG, assert_recorded};
use crate::support::{Client, GET, Server, exchange};

#[test]
fn part3_knows_a_get_by_its_first_four_bytes_and_junk_by_less() {
    let server = Server::start("part3");
    let mut client = Client::clear(server.addresses[0]);
    client.send(b"GEX");
    assert!(client.read_response().starts_with(b"HTTP/1.1 405 "));
    client.send(b"\r\nGET ");
    assert!(client.read_to_end().ends_with(VERSE.as_bytes()));
}

#[test]
fn a_head_in_part4_may_be_8_kib_and_no_more() {
    let server = Server::start("part4");
    let head = |length: usize| {
        let start = "GET / HTTP/1.1\r\nX: ";
        format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4))
    };
    let answer = |request: &[u8]| {
        let mut client = Client::clear(server.addresses[0]);
        client.send(request);
        client.read_to_end()
    };
    assert!(answer(head(8192).as_bytes()).starts_with(b"HTTP/1.1 200 OK"));
    let refusal = answer(head(8193).as_bytes());
    let (part, name) = TOO_LONG;
    assert_recorded(part, name, &exchange(b"", &refusal));
    // A line that never ends is refused as soon as it is too long.
    assert!(answer(&[b'x'; 100_000]).starts_with(b"HTTP/1.1 431 "));
}

#[test]
fn dates_are_fresh_and_lengths_are_bytes_in_part4() {
    let server = Server::start("part4");
    let response = Client::clear(server.addresses[0]).ask(GET);
    let text = String::from_utf8(response).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, VERSE);
    assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", VERSE.len())));
    assert!(head.contains("\r\nLast-Modified: Mon, 27 Jul 1987 00:00:00 GMT\r\n"));
}
