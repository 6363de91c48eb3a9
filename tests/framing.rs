//! Part 6's core: chunks, both halves of a connection, conditions, ranges, codings.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use rohttp::conditional::{self, Validators};
use rohttp::date::imf_fixdate;
use rohttp::h1::chunked::{Decoder, MAX_EXTENSIONS, Piece};
use rohttp::h1::connection::{Broken, Expectation, Received, Receiving, Sending};
use rohttp::h1::{Body, Connection, Error, Head, MAX_HEAD, Parser};
use rohttp::message::{Headers, Method, Request, Response, Status};
use rohttp::negotiate::{self, Choice, Coding};
use rohttp::range::{self, MAX_RANGES, Selection};

use crate::support::{Case, cases};

/// What a chunked body comes to: its content and its trailer fields.
type Decoded = Result<Option<(Vec<u8>, Vec<String>)>, Error>;

/// Decodes bytes that come in pieces, `cuts` saying how many have come each time;
/// and how many it took.
fn decode(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> (Decoded, usize) {
    let (mut decoder, mut content, mut read) = (Decoder::default(), Vec::new(), 0);
    for cut in cuts.into_iter().chain([input.len()]) {
        loop {
            let (taken, piece) = match decoder.decode(&input[read..cut.max(read)]) {
                Ok(step) => step,
                Err(error) => return (Err(error), 0),
            };
            read += taken;
            match piece {
                None => break,
                Some(Piece::Data(data)) => content.extend_from_slice(data),
                Some(Piece::End(trailers)) => {
                    return (Ok(Some((content, lines(&trailers)))), read);
                }
            }
        }
    }
    (Ok(None), read)
}

fn lines(headers: &Headers) -> Vec<String> {
    let line = |(name, value): &(_, _)| {
        let (name, value): (
            &rohttp::message::FieldName,
            &rohttp::message::FieldValue,
        ) = (name, value);
        format!("{}: {}", name.as_str(), String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}

/// Holds a chunked body to its outcome: whole, cut at each place, byte by byte, and
/// with more bytes after it.
fn check_chunked(name: &str, input: &[u8], expected: Result<&str, &str>) {
    let (whole, read) = decode(input, []);
    let shown =
        whole.clone().map_err(|error| format!("{error:?}")).map(|decoded| {
            let (content, trailers) =
                decoded.unwrap_or_else(|| panic!("{name}: incomplete"));
            let content = String::from_utf8(content).unwrap();
            [vec![content], trailers].concat().join("|")
        });
    assert_eq!(shown.as_deref().map_err(String::as_str), expected, "{name}");
    if whole.is_ok() {
        assert_eq!(read, input.len(), "{name}: length");
        for end in 0..input.len() {
            assert_eq!(
                decode(&input[..end], []).0,
                Ok(None),
                "{name}: first {end}"
            );
        }
    }
    let step = input.len() / 512 + 1;
    for cut in (0..input.len()).step_by(step) {
        assert_eq!(decode(input, [cut]).0, whole, "{name}: cut at {cut}");
    }
    assert_eq!(decode(input, 0..input.len()).0, whole, "{name}: by bytes");
    let longer = [input, b"GET / HTTP/1.1\r\n"].concat();
    assert_eq!(decode(&longer, []), (whole, read), "{name}: with bytes after it");
}

#[test]
fn chunks_are_put_together() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/valid_chunks.txt"))
    {
        check_chunked(&name, &bytes, Ok(&expected));
    }
}

#[test]
fn chunks_that_break_a_rule_are_refused() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/broken_chunks.txt"))
    {
        check_chunked(&name, &bytes, Err(&expected));
    }
}

#[test]
fn what_goes_with_chunks_is_limited() {
    let extension =
        |length| format!("3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(length - 1));
    let most = extension(MAX_EXTENSIONS);
    check_chunked("as many extensions as may be", most.as_bytes(), Ok("abc"));
    let endless = format!("3;{}", "x".repeat(MAX_EXTENSIONS + 10));
    let dribble = format!("1;{}\r\na\r\n", "x".repeat(1000)).repeat(20);
    let trailer = format!("0\r\nX: {}", "y".repeat(MAX_HEAD));
    let trailers = format!("0\r\n{}", "X: y\r\n".repeat(101));
    for (name, input, error) in [
        ("one extension more", &extension(MAX_EXTENSIONS + 1), "ChunkExtensions"),
        ("an endless extension", &endless, "ChunkExtensions"),
        ("extensions by the dribble", &dribble, "ChunkExtensions"),
        ("an endless trailer", &trailer, "TooLarge"),
        ("trailers without end", &trailers, "TooManyFields"),
    ] {
        check_chunked(name, input.as_bytes(), Err(error));
    }
}

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

/// A GET with some more fields.
fn get(fields: &str) -> Request {
    head(&format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).request
}

fn empty() -> Response<()> {
    Response { status: Status::OK, headers: Headers::default(), body: () }
}

/// What is written of a response to a request: the lines of its head, but for the
/// date, and the state afterwards.
fn respond(
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

/// 27 July 1987.
const MODIFIED: u64 = 554_342_400;

fn validators() -> Validators {
    let last_modified = UNIX_EPOCH + Duration::from_secs(MODIFIED);
    Validators { etag: "a,b".into(), last_modified }
}

const SAME: &str = "Mon, 27 Jul 1987 00:00:00 GMT";
const AFTER: &str = "Mon, 27 Jul 1987 00:00:01 GMT";

#[test]
fn conditions_are_evaluated_in_their_order() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/conditions.txt"))
    {
        let fields = String::from_utf8(bytes).unwrap();
        let mut request = get(&fields);
        let mut outcome = |method| {
            request.method = method;
            conditional::evaluate(&request, &validators())
        };
        assert_eq!(format!("{:?}", outcome(Method::Get)), expected, "{name}");
        assert_eq!(format!("{:?}", outcome(Method::Head)), expected, "{name}");
        // What does not read is not told that it has it, but that it may not.
        let expected = match &*expected {
            "NotModified" if fields.contains("None-Match") => "Failed",
            "NotModified" => "Proceed",
            other => other,
        };
        assert_eq!(format!("{:?}", outcome(Method::Put)), expected, "PUT {name}");
    }
}

#[test]
fn if_range_lets_a_range_count_for_the_very_same_state() {
    let long_after = UNIX_EPOCH + Duration::from_secs(MODIFIED + 1);
    let at_once = UNIX_EPOCH + Duration::from_millis(MODIFIED * 1000 + 999);
    let counts = |fields: &str, now: SystemTime| {
        conditional::range_counts(&get(fields).headers, &validators(), now)
    };
    assert!(counts("", at_once));
    assert!(counts("If-Range: \"a,b\"\r\n", at_once));
    assert!(!counts("If-Range: W/\"a,b\"\r\n", long_after));
    assert!(!counts("If-Range: \"x\"\r\n", long_after));
    assert!(!counts("If-Range: \"a,b\", \"x\"\r\n", long_after));
    assert!(!counts("If-Range: *\r\n", long_after));
    assert!(!counts("If-Range: \"a,b\"\r\nIf-Range: \"a,b\"\r\n", long_after));
    assert!(counts(&format!("If-Range: {SAME}\r\n"), long_after));
    assert!(
        !counts(&format!("If-Range: {SAME}\r\n"), at_once),
        "it may change yet"
    );
    assert!(
        !counts(&format!("If-Range: {AFTER}\r\n"), long_after),
        "later is not equal"
    );
    assert!(!counts("If-Range: never\r\n", long_after));
}

fn select(range: &str, length: u64) -> String {
    match range::select(&get(&format!("Range: {range}\r\n")).headers, length) {
        Selection::Whole => "whole".into(),
        Selection::Unsatisfiable => "416".into(),
        Selection::Ranges(ranges) => {
            let ranges =
                ranges.iter().map(|r| format!("{}-{}", r.start, r.end - 1));
            ranges.collect::<Vec<_>>().join(",")
        }
    }
}

#[test]
fn ranges_select_what_is_there() {
    let many = |count: usize| {
        let ranges = (0..count).map(|n| format!("{}-{}", 2 * n, 2 * n));
        format!("bytes={}", ranges.collect::<Vec<_>>().join(","))
    };
    let cases: &[(&str, u64, &str)] = &[
        ("bytes=0-0", 10, "0-0"),
        ("bytes=0-9", 10, "0-9"),
        ("bytes=0-", 10, "0-9"),
        ("bytes=9-", 10, "9-9"),
        ("bytes=2-99", 10, "2-9"),
        ("bytes=-3", 10, "7-9"),
        ("bytes=-99", 10, "0-9"),
        ("BYTES=1-2", 10, "1-2"),
        ("bytes=0-18446744073709551615", 10, "0-9"),
        ("bytes=0-99999999999999999999999", 10, "0-9"),
        ("bytes=-99999999999999999999999", 10, "0-9"),
        ("bytes=1-2,5-6", 10, "1-2,5-6"),
        ("bytes=5-6, 1-2", 10, "5-6,1-2"),
        ("bytes=,1-2 ,\t,-1,", 10, "1-2,9-9"),
        ("bytes=0-4,5-9", 10, "0-4,5-9"),
        ("bytes=0-1,99-", 10, "0-1"),
        ("bytes=10-", 10, "416"),
        ("bytes=99999999999999999999999-", 10, "416"),
        ("bytes=-0", 10, "416"),
        ("bytes=10-,-0", 10, "416"),
        ("bytes=0-", 0, "416"),
        ("bytes=-5", 0, "whole"),
        ("bytes=0-5,3-8", 10, "whole"),
        ("bytes=0-,0-,0-", 10, "whole"),
        ("bytes=5-6,1-5", 10, "whole"),
        (&many(MAX_RANGES), 1000, &many(MAX_RANGES)["bytes=".len()..]),
        (&many(MAX_RANGES + 1), 1000, "whole"),
        ("bytes=", 10, "whole"),
        ("bytes=,", 10, "whole"),
        ("bytes=-", 10, "whole"),
        ("bytes=5-4", 10, "whole"),
        ("bytes=1-2,5-4", 10, "whole"),
        ("bytes=x-4", 10, "whole"),
        ("bytes=+1-4", 10, "whole"),
        ("bytes=1 - 4", 10, "whole"),
        ("bytes=1-4;", 10, "whole"),
        ("bytes 1-4", 10, "whole"),
        ("bytes = 1-4", 10, "whole"),
        ("lines=1-4", 10, "whole"),
        ("bytes=1-4\r\nRange: bytes=1-4", 10, "whole"),
    ];
    for (range, length, expected) in cases {
        assert_eq!(select(range, *length), *expected, "{range} of {length}");
    }
}

#[test]
fn the_coding_that_weighs_most_is_chosen() {
    use Coding::{Brotli, Gzip, Zstd};
    let identity = Choice::Identity;
    let all = &Coding::ALL[..];
    let cases: &[(Option<&str>, &[Coding], Choice)] = &[
        (None, all, identity),
        (Some(""), all, identity),
        (Some("gzip"), all, Choice::Coded(Gzip)),
        (Some("x-gzip"), all, Choice::Coded(Gzip)),
        (Some("GZIP"), all, Choice::Coded(Gzip)),
        (Some("gzip, deflate, br, zstd"), all, Choice::Coded(Brotli)),
        (Some("gzip, deflate, br, zstd"), &[Gzip, Zstd], Choice::Coded(Zstd)),
        (Some("gzip;q=1.0, br;q=0.9"), all, Choice::Coded(Gzip)),
        (Some("gzip; q=0.001"), all, Choice::Coded(Gzip)),
        (Some("gzip ; Q=0.5 , br;q=0.4"), all, Choice::Coded(Gzip)),
        (Some("gzip;q=0"), all, identity),
        (Some("gzip;q=0.000, *"), all, Choice::Coded(Brotli)),
        (Some("*"), &[Gzip], Choice::Coded(Gzip)),
        (Some("br;q=0, *;q=0.5"), all, Choice::Coded(Zstd)),
        (Some("identity, gzip;q=0.5"), all, identity),
        (Some("identity;q=0.5, gzip;q=0.5"), all, Choice::Coded(Gzip)),
        (Some("gzip"), &[], identity),
        (Some("deflate"), all, identity),
        (Some("identity;q=0"), &[], Choice::Neither),
        (Some("identity;q=0"), all, Choice::Neither),
        (Some("*;q=0"), all, Choice::Neither),
        (Some("*;q=0, identity"), all, identity),
        (Some("identity;q=0, gzip"), all, Choice::Coded(Gzip)),
        (Some("gzip;q=2, br;q=0.5"), all, Choice::Coded(Brotli)),
        (Some("gzip;q=1.001, br;q=0.5"), all, Choice::Coded(Brotli)),
        (Some("gzip;q=0.1234, br;q=0.05"), all, Choice::Coded(Brotli)),
        (Some("gzip;level=9"), all, identity),
    ];
    for (accept, available, expected) in cases {
        let field =
            accept.map_or(String::new(), |a| format!("Accept-Encoding: {a}\r\n"));
        let choice = negotiate::choose(&get(&field).headers, available);
        assert_eq!(choice, *expected, "{accept:?} of {available:?}");
    }
}

proptest! {
    /// What is written in chunks is read as it was, and httparse agrees on the sizes.
    #[test]
    fn chunks_survive_the_way_there(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        step in 1_usize..50,
    ) {
        let mut sending = respond("POST / HTTP/1.1\r\nHost: a\r\n\r\n", Body::Chunked, Connection::Open).1;
        let mut output = Vec::new();
        for piece in &pieces {
            let start = output.len();
            sending = sending.content(&mut output, piece);
            if !piece.is_empty() {
                let size = httparse::parse_chunk_size(&output[start..]).unwrap();
                let httparse::Status::Complete((_, size)) = size else { panic!() };
                prop_assert_eq!(size, piece.len() as u64);
            }
        }
        sending.end(&mut output);
        let (decoded, read) = decode(&output, (0..output.len()).step_by(step));
        prop_assert_eq!(decoded, Ok(Some((pieces.concat(), Vec::new()))));
        prop_assert_eq!(read, output.len());
    }

    /// No bytes make the decoder panic, or differ by how they are cut.
    #[test]
    fn any_chunks_come_to_something(
        input in prop::collection::vec(prop::sample::select(b"01a;=\r\n \0x\xff".to_vec()), 0..60),
        cut in 0_usize..60,
    ) {
        let (whole, _) = decode(&input, []);
        prop_assert_eq!(decode(&input, [cut.min(input.len())]).0, whole.clone());
        prop_assert_eq!(decode(&input, 0..input.len()).0, whole);
    }

    /// No Range makes a selection that is not there.
    #[test]
    fn any_range_selects_what_there_is(text in "bytes=[0-9, -]{0,20}", length in 0_u64..100) {
        let selection = range::select(&get(&format!("Range: {text}\r\n")).headers, length);
        if let Selection::Ranges(ranges) = selection {
            prop_assert!(!ranges.is_empty());
            for range in ranges {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
