//! The states of a connection: what each half takes, says, and is in afterwards.

use std::time::UNIX_EPOCH;

use bytes::{Buf, Bytes};
use rohttp::date::imf_fixdate;
use rohttp::h1::connection::Connection;
use rohttp::h1::receiving::{Broken, Received, Receiving};
use rohttp::h1::sending::Sending;
use rohttp::h1::{Head, Parser, Persistence};
use rohttp::io::output::Output;
use rohttp::limits::{HeadLimits, Limits};
use rohttp::message::request::Expectation;
use rohttp::message::{Method, Response, Status};

/// What is received, in words.
fn receive(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<String> {
    let (mut receiving, mut read, mut said) =
        (Receiving::default(), 0, Vec::<String>::new());
    for cut in cuts.into_iter().chain([input.len()]) {
        loop {
            let limits = Limits::default();
            let step = receiving.receive(&input[read..cut.max(read)], &limits);
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
    let input = b"GET / HTTP/1.1\r\n";
    let step = Receiving::Closed.receive(input, &Limits::default());
    let (next, taken, received) = step.unwrap();
    assert!(matches!(next, Receiving::Closed));
    assert_eq!(taken, 0);
    assert!(received.is_none());
}

#[test]
fn after_a_broken_rule_nothing_is_read() {
    let (mut connection, limits) = (Connection::default(), Limits::default());
    connection.receive(b"junk\r\n", &limits).unwrap_err();
    let input = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (taken, received) = connection.receive(input, &limits).unwrap();
    assert!(taken == 0 && received.is_none());
}

fn head(text: &str) -> Head {
    let limits = HeadLimits::default();
    Parser::default().parse(text.as_bytes(), &limits).unwrap().unwrap()
}

/// All bytes that are to go out.
pub fn bytes(output: &Output) -> Vec<u8> {
    let mut slices = [std::io::IoSlice::new(&[]); 256];
    let count = output.chunks_vectored(&mut slices);
    let bytes = slices[..count].iter().flat_map(|slice| slice.to_vec());
    let bytes: Vec<u8> = bytes.collect();
    assert_eq!(bytes.len(), output.remaining());
    bytes
}

/// What is written of a response to a request, with content of so many bytes, of
/// which nobody may know how many: the lines of its head, but for the date, and the
/// state afterwards.
fn respond(
    request: &str,
    length: Option<u64>,
    persistence: Persistence,
) -> (Vec<String>, Sending) {
    let mut output = Output::default();
    let head = head(request);
    let sending = Sending::default().expect_response(&head).unwrap();
    let response = Response::new(Status::OK, ());
    let response = response.finish(
        Some(&head.request.method),
        |_| length,
        &imf_fixdate(UNIX_EPOCH),
    );
    let step = sending.respond(&mut output, response, |_| length, persistence);
    let text = String::from_utf8(bytes(&output)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("Date"));
    (lines.map(str::to_owned).collect(), step.unwrap().0)
}

/// A half that sends content in chunks.
pub fn chunked() -> Sending {
    respond("GET / HTTP/1.1\r\nHost: a\r\n\r\n", None, Persistence::KeepAlive).1
}

#[test]
fn a_connection_stays_if_both_sides_want_it_to() {
    use Persistence::{Close, KeepAlive};
    let cases = [
        ("1.1", "", KeepAlive, None),
        ("1.1", "", Close, Some("close")),
        ("1.1", "close", KeepAlive, Some("close")),
        ("1.1", "x, Close", KeepAlive, Some("close")),
        ("1.1", "keep-alive", KeepAlive, None),
        ("1.7", "", KeepAlive, None),
        ("1.0", "", KeepAlive, Some("close")),
        ("1.0", "Keep-Alive", KeepAlive, Some("keep-alive")),
        ("1.0", "keep-alive", Close, Some("close")),
        ("1.0", "keep-alive, close", KeepAlive, Some("close")),
    ];
    for (version, option, persistence, expected) in cases {
        let request = format!(
            "GET / HTTP/{version}\r\nHost: a\r\nConnection: {option}\r\n\r\n"
        );
        let (lines, sending) = respond(&request, Some(0), persistence);
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
    let (lines, sending) = respond(request, Some(5), Persistence::KeepAlive);
    assert_eq!(lines, ["HTTP/1.1 200 OK", "Content-Length: 5", ""]);
    let mut output = Output::default();
    let sending = sending.data(&mut output, Bytes::from("hel")).unwrap();
    assert_eq!(sending, Sending::Length(2, Persistence::KeepAlive));
    let sending = sending.data(&mut output, Bytes::from("lo")).unwrap();
    let sending = sending.end(&mut output).unwrap();
    assert_eq!((sending, bytes(&output)), (Sending::Idle, b"hello".to_vec()));

    let (lines, sending) = respond(request, None, Persistence::Close);
    let expected =
        ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Connection: close", ""];
    assert_eq!(lines, expected);
    let mut output = Output::default();
    let sending = sending.data(&mut output, Bytes::new()).unwrap();
    let sending = sending.data(&mut output, vec![b'x'; 17].into()).unwrap();
    let sending = sending.end(&mut output).unwrap();
    assert_eq!(sending, Sending::Closed);
    assert_eq!(bytes(&output), b"11\r\nxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n");
}

#[test]
fn content_of_unknown_length_ends_with_the_connection_in_1_0() {
    let request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let (lines, sending) = respond(request, None, Persistence::KeepAlive);
    assert_eq!(lines, ["HTTP/1.1 200 OK", "Connection: close", ""]);
    let mut output = Output::default();
    let sending = sending.data(&mut output, Bytes::from("hi")).unwrap();
    assert_eq!(sending.end(&mut output), Ok(Sending::Closed));
    assert_eq!(bytes(&output), b"hi");
}

#[test]
fn a_response_to_head_is_over_with_its_head() {
    let request = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (lines, sending) = respond(request, Some(5), Persistence::KeepAlive);
    assert_eq!(lines, ["HTTP/1.1 200 OK", "Content-Length: 5", ""]);
    assert_eq!(sending, Sending::Idle);
}

#[test]
fn a_refusal_is_the_last_that_is_sent() {
    let date = imf_fixdate(UNIX_EPOCH);
    let refusal = || {
        let response = Response::new(Status::BAD_REQUEST, ());
        response.finish(Some(&Method::Head), |_| Some(5), &date)
    };
    let expected = Sending::default().expect_refusal();
    let mut output = Output::default();
    let length = |_: &()| Some(5);
    let step =
        expected.respond(&mut output, refusal(), length, Persistence::KeepAlive);
    assert_eq!(step.unwrap().0, Sending::Closed);
}

#[test]
fn continue_comes_before_the_response_and_changes_nothing() {
    let mut output = Output::default();
    let head = head("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    let pending = || Sending::default().expect_response(&head).unwrap();
    let told = pending().send_continue(&mut output).unwrap();
    assert_eq!(bytes(&output), b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(told, pending());
}

/// What is not what comes next is an error that says what would have been, and sends
/// nothing: for each state, each step that it does not offer.
#[test]
fn what_does_not_come_next_is_an_error_and_not_sent() {
    let get = head("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let response = || Response::new(Status::OK, Some(()));
    let pending = || Sending::default().expect_response(&get).unwrap();
    type Make<'a> = &'a dyn Fn() -> Sending;
    let known = |length| {
        respond(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            Some(length),
            Persistence::KeepAlive,
        )
        .1
    };
    let states: [(&str, Make, [bool; 6]); 5] = [
        // What is offered: expect, continue, respond, data, passed, end.
        ("Idle", &Sending::default, [true, false, false, false, false, true]),
        ("Response", &pending, [false, true, true, false, false, false]),
        ("Length", &|| known(3), [false, false, false, true, true, false]),
        ("Chunked", &chunked, [false, false, false, true, false, true]),
        ("Closed", &|| Sending::Closed, [false, false, false, false, false, true]),
    ];
    for (name, state, offered) in states {
        let mut output = Output::default();
        let steps = [
            state().expect_response(&get).is_ok(),
            state().send_continue(&mut output).is_ok(),
            state()
                .respond(&mut output, response(), |_| None, Persistence::Close)
                .is_ok(),
            state().data(&mut output, Bytes::from("abc")).is_ok(),
            state().passed(3).is_ok(),
            state().end(&mut output).is_ok(),
        ];
        assert_eq!(steps, offered, "{name}");
    }
    let mut output = Output::default();
    let misuse = known(5).data(&mut output, Bytes::from("hello!")).unwrap_err();
    let said = "content is not what comes next, but Length(5, KeepAlive)";
    assert_eq!(misuse.to_string(), said);
    assert!(output.is_empty(), "no more goes out than was promised");
    assert_eq!(known(5).passed(6).unwrap_err().to_string(), said);
    assert_eq!(known(5).passed(2).unwrap(), known(3));
}

#[test]
fn a_connection_that_was_misused_sends_nothing_more() {
    let mut connection = Connection::default();
    let mut output = Output::default();
    connection.data(&mut output, Bytes::from("hi")).unwrap_err();
    let get = head("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(connection.expect_response(&get).is_err() && !connection.is_open());
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
        assert_eq!(request.request.expectation(), expected, "{field}");
    }
}
