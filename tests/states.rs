//! The states of a connection: what each half takes, says, and is in afterwards.

use std::time::UNIX_EPOCH;

use rohttp::date::imf_fixdate;
use rohttp::h1::connection::{Broken, Expectation, Received, Receiving, Sending};
use rohttp::h1::{Body, Connection, Head, Parser};
use rohttp::message::{Headers, Method, Response, Status};

/// What is received, in words.
fn receive(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<String> {
    let (mut receiving, mut read, mut said) =
        (Receiving::default(), 0, Vec::<String>::new());
    for cut in cuts.into_iter().chain([input.len()]) {
        loop {
            let step = receiving.receive(&input[read..cut.max(read)]);
            let (next, taken, received) = match step {
                Ok(step) => step,
                Err(Broken { error, method }) => {
                    said.push(format!("{error:?} {method:?}"));
                    return said;
                }
            };
            receiving = next;
            read += taken;
            match (received, said.last_mut()) {
                (None, _) => break,
                (Some(Received::Head(head)), _) => {
                    said.push(head.request.target.to_string())
                }
                (Some(Received::Data(data)), Some(last))
                    if last.starts_with('+') =>
                {
                    last.push_str(str::from_utf8(data).unwrap());
                }
                (Some(Received::Data(data)), _) => {
                    said.push(format!("+{}", str::from_utf8(data).unwrap()));
                }
                (Some(Received::End(_)), _) => said.push("end".into()),
            }
        }
    }
    said
}

#[test]
fn messages_in_a_row_are_told_apart_however_they_are_cut() {
    let input = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\
        POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
        \r\nPOST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n\
        POST /4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n\
        HEAD / HTTP/1.1\r\nHost : a\r\n\r\n";
    let expected = [
        "/1",
        "/2",
        "+hello",
        "end",
        "/3",
        "+abcde",
        "end",
        "/4",
        "FieldName Some(Head)",
    ];
    assert_eq!(receive(input, []), expected);
    for cut in 0..input.len() {
        assert_eq!(receive(input, [cut]), expected, "cut at {cut}");
    }
    assert_eq!(receive(input, 0..input.len()), expected, "by bytes");
}

#[test]
fn what_is_closed_takes_nothing() {
    let (next, taken, received) =
        Receiving::Closed.receive(b"GET / HTTP/1.1\r\n").unwrap();
    assert!(matches!(next, Receiving::Closed));
    assert_eq!(taken, 0);
    assert!(received.is_none());
}

fn head(text: &str) -> Head {
    Parser::default().parse(text.as_bytes()).unwrap().unwrap()
}

fn empty() -> Response<()> {
    Response { status: Status::OK, headers: Headers::default(), body: () }
}

/// What is written of a response to a request: the lines of its head, but for the
/// date, and the state afterwards.
pub fn respond(
    request: &str,
    body: Body,
    connection: Connection,
) -> (Vec<String>, Sending) {
    let mut output = Vec::new();
    let sending = Sending::default().owe(&head(request).request);
    let date = imf_fixdate(UNIX_EPOCH);
    let sending = sending.respond(&mut output, empty(), body, connection, &date);
    let text = String::from_utf8(output).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("Date"));
    (lines.map(str::to_owned).collect(), sending)
}

#[test]
fn a_connection_stays_if_both_sides_want_it_to() {
    use Connection::{Close, Open};
    let cases = [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Open, None),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Close, Some("close")),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            Open,
            Some("close"),
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
            Open,
            Some("close"),
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", Open, None),
        ("GET / HTTP/1.0\r\n\r\n", Open, Some("close")),
        (
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            Open,
            Some("keep-alive"),
        ),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", Close, Some("close")),
        (
            "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
            Open,
            Some("close"),
        ),
    ];
    for (request, connection, expected) in cases {
        let (lines, sending) = respond(request, Body::Length(0), connection);
        let said = lines.iter().find_map(|line| line.strip_prefix("Connection: "));
        assert_eq!(said, expected, "{request}");
        let then = match expected {
            Some("close") => Sending::Closed,
            _ => Sending::Idle,
        };
        assert_eq!(sending, then, "{request}");
    }
}

#[test]
fn content_is_framed_as_the_head_says() {
    let request = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (lines, sending) = respond(request, Body::Length(5), Connection::Open);
    assert_eq!(lines, ["HTTP/1.1 200 OK", "Content-Length: 5", ""]);
    let mut output = Vec::new();
    let sending = sending.content(&mut output, b"hel");
    assert_eq!(sending, Sending::Length(2, Connection::Open));
    let sending = sending.content(&mut output, b"lo").end(&mut output);
    assert_eq!((sending, &output[..]), (Sending::Idle, &b"hello"[..]));

    let (lines, sending) = respond(request, Body::Chunked, Connection::Close);
    let expected =
        ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Connection: close", ""];
    assert_eq!(lines, expected);
    let mut output = Vec::new();
    let sending =
        sending.content(&mut output, b"").content(&mut output, &[b'x'; 17]);
    let sending = sending.end(&mut output);
    assert_eq!(sending, Sending::Closed);
    assert_eq!(output, b"11\r\nxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n");

    let (lines, sending) = respond(request, Body::None, Connection::Open);
    assert_eq!(
        (lines, sending),
        (vec!["HTTP/1.1 200 OK".into(), String::new()], Sending::Idle)
    );
}

#[test]
fn a_response_to_head_is_over_with_its_head() {
    let request = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (lines, sending) = respond(request, Body::Length(5), Connection::Open);
    assert_eq!(lines, ["HTTP/1.1 200 OK", "Content-Length: 5", ""]);
    assert_eq!(sending, Sending::Idle);
    let mut output = Vec::new();
    let refused = Sending::default().owe_refusal(Some(&Method::Head));
    let date = imf_fixdate(UNIX_EPOCH);
    let refused = refused.respond(
        &mut output,
        empty(),
        Body::Length(5),
        Connection::Open,
        &date,
    );
    assert_eq!(refused, Sending::Closed);
}

#[test]
fn continue_comes_before_the_response_and_changes_nothing() {
    let mut output = Vec::new();
    let request = head("POST / HTTP/1.1\r\nHost: a\r\n\r\n").request;
    let owed = Sending::default().owe(&request).go_on(&mut output);
    assert_eq!(output, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(owed, Sending::default().owe(&request));
}

#[test]
#[should_panic(expected = "not what comes next")]
fn no_more_content_goes_out_than_was_promised() {
    let request = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (_, sending) = respond(request, Body::Length(5), Connection::Open);
    sending.content(&mut Vec::new(), b"hello!");
}

#[test]
fn expectations_are_told_apart() {
    let cases = [
        ("", "1.1", Expectation::None),
        ("Expect: 100-continue\r\n", "1.1", Expectation::Continue),
        ("Expect: 100-Continue\r\n", "1.1", Expectation::Continue),
        ("Expect: 100-continue\r\n", "1.0", Expectation::None),
        ("Expect: tea\r\n", "1.1", Expectation::Unknown),
        ("Expect: 100-continue, tea\r\n", "1.1", Expectation::Unknown),
        ("Expect: 100-continue=x\r\n", "1.1", Expectation::Unknown),
        ("Expect: tea\r\n", "1.0", Expectation::None),
        ("Expect:\r\n", "1.1", Expectation::None),
    ];
    for (field, version, expected) in cases {
        let request =
            head(&format!("PUT / HTTP/{version}\r\nHost: a\r\n{field}\r\n"));
        assert_eq!(Expectation::of(&request.request), expected, "{field}");
    }
}
