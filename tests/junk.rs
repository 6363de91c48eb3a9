//! Parts 3 and 4: what a request is taken for, however its bytes come in.

use rohttp::verse::VERSE;

use crate::support::{Client, GET, Server, exchange};

const PARTS: [&str; 2] = ["part3", "part4"];

/// Sends bytes in pieces, each in a segment of its own as far as TCP lets us, and
/// reads what comes back, to its end.
fn ask_in_pieces(server: &Server, pieces: &[&[u8]]) -> String {
    let mut client = Client::clear(server.addresses[0]);
    for piece in pieces {
        client.send(piece);
    }
    client.half_close();
    exchange(&pieces.concat(), &client.read_to_end())
}

fn ask(server: &Server, request: &[u8]) -> String {
    ask_in_pieces(server, &[request])
}

const CASES: &[(&str, &[u8])] = &[
    ("get", GET),
    ("head", b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("post", b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("junk", b"hello?\r\n"),
    ("junk_then_get", b"hello?\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (
        "four_junks_then_get",
        b"a\nb\nc\nd\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ),
    (
        "junk_with_fields_is_one_junk",
        b"PUT / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ),
    ("junk_that_says_http", b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nHHTTP/\r\nA: b\r\n\r\n"),
    ("two_gets", b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"),
    ("not_quite_get", b"GETX / HTTP/1.1\r\n\r\nget / HTTP/1.1\r\n\r\nGET\r\n"),
    ("not_utf8", b"\xff\xfe\x00\r\nGET / HTTP/1.1\r\n\r\n"),
    ("empty_lines", b"\r\n\n\r\n"),
    ("nothing", b""),
];

#[test]
fn every_exchange_is_as_recorded() {
    for part in PARTS {
        hold_to_record(part, &Server::start(part));
    }
}

/// Holds a server to the recorded exchanges of a part, however they are cut.
pub fn hold_to_record(part: &str, server: &Server) {
    for (name, request) in CASES {
        let shown = ask(server, request);
        insta::assert_snapshot!(format!("{part}__{name}"), shown);
        // The answer does not depend on how the bytes are cut.
        for cut in 0..request.len() {
            let (first, second) = request.split_at(cut);
            let pieces = ask_in_pieces(server, &[first, second]);
            assert_eq!(pieces, shown, "{part} {name}, cut at {cut}");
        }
        let bytes: Vec<&[u8]> = request.chunks(1).collect();
        assert_eq!(ask_in_pieces(server, &bytes), shown, "{part} {name}, by bytes");
    }
}

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
    insta::assert_snapshot!("part4__431", exchange(b"", &refusal));
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
