//! The core, which knows no IO: bytes in, values or the rule broken out.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use rohttp::date::{self, imf_fixdate};
use rohttp::h1::{
    self, Body, Connection, Error, Head, MAX_FIELDS, MAX_HEAD, Parser,
};
use rohttp::message::{
    Authority, FieldName, FieldValue, Headers, Method, Path, Response, Scheme,
    Status, Target, Version,
};

type Parsed = Result<Option<Head>, Error>;

/// What a head that is valid comes to, in one line.
fn summary(head: &Head) -> String {
    let request = &head.request;
    let version = match request.version {
        Version::Http10 => "1.0",
        Version::Http11 => "1.1",
    };
    let authority =
        request.authority.as_ref().map_or("-".into(), Authority::to_string);
    let body = match head.body {
        Body::None => "no body".into(),
        Body::Length(length) => format!("{length} bytes"),
        Body::Chunked => "chunked".into(),
    };
    let connection = match head.connection {
        Connection::Open => "open",
        Connection::Close => "close",
    };
    let (method, target) = (&request.method, &request.target);
    format!("{method} {target} {version} at {authority}, {body}, {connection}")
}

fn parse(input: &[u8]) -> Parsed {
    Parser::default().parse(input)
}

/// Parses bytes as they come in, `cuts` saying how many have come each time.
fn parse_in_pieces(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Parsed {
    let mut parser = Parser::default();
    for cut in cuts {
        match parser.parse(&input[..cut]) {
            Ok(None) => {}
            outcome => return outcome,
        }
    }
    parser.parse(input)
}

/// Holds one case to its outcome whole, cut at each place, byte by byte, and with
/// more bytes after it.
fn check(name: &str, input: &[u8], expected: Result<&str, Error>) {
    let outcome = parse(input);
    let found = match &outcome {
        Ok(Some(head)) => Ok(summary(head)),
        Ok(None) => panic!("{name}: incomplete"),
        Err(error) => Err(*error),
    };
    assert_eq!(found, expected.map(str::to_owned), "{name}");
    if let Ok(Some(head)) = &outcome {
        assert_eq!(head.length, input.len(), "{name}: length");
        for end in 0..input.len() {
            assert_eq!(parse(&input[..end]), Ok(None), "{name}: first {end} bytes");
        }
    }
    // Long inputs differ from short ones only in the middle of what repeats.
    let step = input.len() / 512 + 1;
    for cut in (0..input.len()).step_by(step) {
        assert_eq!(parse_in_pieces(input, [cut]), outcome, "{name}: cut at {cut}");
    }
    assert_eq!(parse_in_pieces(input, 0..input.len()), outcome, "{name}: by bytes");
    for trailing in [&b"GET / HTTP/1.1\r\n"[..], b"\0\xff\r\n\r\n", b" "] {
        let longer = [input, trailing].concat();
        assert_eq!(parse(&longer), outcome, "{name}: with bytes after it");
    }
}

#[test]
fn valid_heads_are_read_for_what_they_are() {
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "plain",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / 1.1 at localhost, no body, open",
        ),
        (
            "empty lines first",
            b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / 1.1 at a, no body, open",
        ),
        (
            "as many empty lines as may be",
            b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / 1.1 at a, no body, open",
        ),
        ("1.0", b"GET / HTTP/1.0\r\n\r\n", "GET / 1.0 at -, no body, close"),
        (
            "1.0 that would stay",
            b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            "GET / 1.0 at -, no body, close",
        ),
        (
            "1.9 counts as 1.1",
            b"GET / HTTP/1.9\r\nHost: a\r\n\r\n",
            "GET / 1.1 at a, no body, open",
        ),
        (
            "close among other options",
            b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: foo,\t CLOSE ,,\r\n\r\n",
            "HEAD / 1.1 at a, no body, close",
        ),
        (
            "whitespace around a value, none within a name",
            b"GET / HTTP/1.1\r\nhOST:\t a:80 \t\r\nX:\r\nY: \x80\xff\t \"\r\n\r\n",
            "GET / 1.1 at a:80, no body, open",
        ),
        (
            "an IPv6 host",
            b"GET / HTTP/1.1\r\nHost: [::1]:1337\r\n\r\n",
            "GET / 1.1 at [::1]:1337, no body, open",
        ),
        (
            "absolute-form, which outdoes Host",
            b"GET HTTP://b:8/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://b:8/x?y 1.1 at b:8, no body, open",
        ),
        (
            "absolute-form without a path",
            b"GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://b/?y 1.1 at b, no body, open",
        ),
        (
            "asterisk-form",
            b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * 1.1 at a, no body, open",
        ),
        (
            "authority-form",
            b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT a:443 1.1 at a:443, no body, open",
        ),
        (
            "an unheard-of method",
            b"M-SEARCH /~x HTTP/1.1\r\nHost: a\r\n\r\n",
            "M-SEARCH /~x 1.1 at a, no body, open",
        ),
        (
            "a method in lower case is another",
            b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
            "get / 1.1 at a, no body, open",
        ),
        (
            "what browsers leave as it is",
            b"GET /a%20b?c=|[^]{`}\\&d=50%&%zz HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a%20b?c=|[^]{`}\\&d=50%&%zz 1.1 at a, no body, open",
        ),
        (
            "a body by length",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n",
            "POST / 1.1 at a, 7 bytes, open",
        ),
        (
            "a body of no length",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "POST / 1.1 at a, no body, open",
        ),
        (
            "the longest length",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n",
            "POST / 1.1 at a, 18446744073709551615 bytes, open",
        ),
        (
            "a chunked body",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
            "POST / 1.1 at a, chunked, open",
        ),
    ];
    for (name, input, expected) in cases {
        check(name, input, Ok(expected));
    }
}

#[test]
fn a_head_that_breaks_a_rule_is_refused_by_that_rule() {
    let request =
        |rest: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{rest}\r\n\r\n");
    let line = |line: &str| format!("{line}\r\nHost: a\r\n\r\n");
    let host = |host: &str| format!("GET / HTTP/1.1\r\n{host}\r\n");
    let cases: &[(&str, String, Error)] = &[
        ("bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n".into(), Error::LineEnd),
        ("bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n".into(), Error::LineEnd),
        ("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n".into(), Error::LineEnd),
        (
            "bare LF after a field",
            "GET / HTTP/1.1\r\nHost: a\n\r\n".into(),
            Error::LineEnd,
        ),
        (
            "bare LF for the end",
            "GET / HTTP/1.1\r\nHost: a\r\n\n".into(),
            Error::LineEnd,
        ),
        ("bare CR in a value", request("X: a\rb"), Error::LineEnd),
        (
            "bare LF before",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            Error::LineEnd,
        ),
        ("empty lines without end", "\r\n".repeat(9), Error::EmptyLines),
        ("space before the method", line(" GET / HTTP/1.1"), Error::Method),
        ("no method", line("/ HTTP/1.1"), Error::Method),
        ("a method that is no token", line("GE(T / HTTP/1.1"), Error::Method),
        ("a tab after the method", line("GET\t/ HTTP/1.1"), Error::Method),
        ("two spaces", line("GET  / HTTP/1.1"), Error::TargetForm),
        ("a TLS hello", "\x16\x03\x01\x02".into(), Error::Method),
        (
            "the HTTP/2 preface",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
            Error::TargetForm,
        ),
        ("HTTP/0.9", "GET /\r\n".into(), Error::Version),
        ("a fragment", line("GET /#x HTTP/1.1"), Error::TargetByte),
        ("markup", line("GET /<b> HTTP/1.1"), Error::TargetByte),
        ("a quote", line("GET /\" HTTP/1.1"), Error::TargetByte),
        ("NUL in the target", line("GET /\0 HTTP/1.1"), Error::TargetByte),
        ("a tab in the target", line("GET /\t HTTP/1.1"), Error::TargetByte),
        ("not ASCII", line("GET /é HTTP/1.1"), Error::TargetByte),
        ("half an escape", line("GET /%2 HTTP/1.1"), Error::TargetForm),
        ("no escape at all", line("GET /%zz?a HTTP/1.1"), Error::TargetForm),
        ("no slash", line("GET x HTTP/1.1"), Error::TargetForm),
        ("an asterisk", line("GET * HTTP/1.1"), Error::TargetForm),
        ("another scheme", line("GET ftp://a/ HTTP/1.1"), Error::TargetForm),
        ("no authority", line("GET http:///x HTTP/1.1"), Error::TargetForm),
        ("user information", line("GET http://u@a/ HTTP/1.1"), Error::TargetForm),
        ("CONNECT to a path", line("CONNECT / HTTP/1.1"), Error::TargetForm),
        ("CONNECT without a port", line("CONNECT a HTTP/1.1"), Error::TargetForm),
        (
            "authority for another method",
            line("GET a:80 HTTP/1.1"),
            Error::TargetForm,
        ),
        ("one space more", line("GET / HTTP/1.1 "), Error::LineEnd),
        ("one space too many", line("GET /  HTTP/1.1"), Error::Version),
        ("no digits", line("GET / HTTP/x.y"), Error::Version),
        ("lower case", line("GET / http/1.1"), Error::Version),
        ("one digit", line("GET / HTTP/1"), Error::Version),
        ("a long version", line("GET / HTTP/1.10"), Error::LineEnd),
        ("another protocol", line("GET / ICY/1.1"), Error::Version),
        ("HTTP/2.0", line("GET / HTTP/2.0"), Error::UnsupportedVersion),
        ("HTTP/0.9, spelt out", line("GET / HTTP/0.9"), Error::UnsupportedVersion),
        ("a space before the colon", request("X : a"), Error::FieldName),
        ("no colon", request("X"), Error::FieldName),
        ("no name", request(": a"), Error::FieldName),
        ("a name in brackets", request("(X): a"), Error::FieldName),
        ("a folded line", request("X: a\r\n b"), Error::Folded),
        (
            "a folded first line",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n".into(),
            Error::Folded,
        ),
        ("NUL in a value", request("X: a\0b"), Error::FieldValue),
        ("a control in a value", request("X: \x1b[2J"), Error::FieldValue),
        ("DEL in a value", request("X: \x7f"), Error::FieldValue),
        ("no host", host(""), Error::HostCount),
        ("two hosts", host("Host: a\r\nHost: a\r\n"), Error::HostCount),
        (
            "two hosts in 1.0",
            "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n".into(),
            Error::HostCount,
        ),
        ("an empty host", host("Host:\r\n"), Error::Host),
        ("a host with a space", host("Host: a b\r\n"), Error::Host),
        ("a host with a path", host("Host: a/b\r\n"), Error::Host),
        ("a user at the host", host("Host: u@a\r\n"), Error::Host),
        ("a list of hosts", host("Host: a:1, b:2\r\n"), Error::Host),
        ("a port that is none", host("Host: a:x\r\n"), Error::Host),
        ("a port with a sign", host("Host: a:+1\r\n"), Error::Host),
        ("a port too high", host("Host: a:65536\r\n"), Error::Host),
        ("IPv6 without brackets", host("Host: ::1\r\n"), Error::Host),
        ("half a bracket", host("Host: [::1\r\n"), Error::Host),
        ("no IPv6 in brackets", host("Host: [a]\r\n"), Error::Host),
        ("more after the bracket", host("Host: [::1]a\r\n"), Error::Host),
        ("a host that is not ASCII", host("Host: é\r\n"), Error::Host),
        (
            "two lengths",
            request("Content-Length: 1\r\nContent-Length: 1"),
            Error::ContentLength,
        ),
        (
            "a list of lengths",
            request("Content-Length: 1, 1"),
            Error::ContentLength,
        ),
        (
            "a length with a sign",
            request("Content-Length: +1"),
            Error::ContentLength,
        ),
        ("a negative length", request("Content-Length: -1"), Error::ContentLength),
        ("a length in hex", request("Content-Length: 0x1"), Error::ContentLength),
        ("an empty length", request("Content-Length:"), Error::ContentLength),
        (
            "a length past all",
            request("Content-Length: 18446744073709551616"),
            Error::ContentLength,
        ),
        (
            "both",
            request("Content-Length: 1\r\nTransfer-Encoding: chunked"),
            Error::LengthAndCoding,
        ),
        (
            "both, the other way round",
            request("Transfer-Encoding: chunked\r\nContent-Length: 1"),
            Error::LengthAndCoding,
        ),
        (
            "both, one of them broken",
            request("Transfer-Encoding: x\r\nContent-Length: x"),
            Error::LengthAndCoding,
        ),
        (
            "a coding in 1.0",
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".into(),
            Error::TransferEncoding,
        ),
        (
            "chunked twice",
            request("Transfer-Encoding: chunked, chunked"),
            Error::TransferEncoding,
        ),
        (
            "chunked twice, in two lines",
            request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            Error::TransferEncoding,
        ),
        (
            "chunked, not last",
            request("Transfer-Encoding: chunked, gzip"),
            Error::TransferEncoding,
        ),
        (
            "another coding alone",
            request("Transfer-Encoding: identity"),
            Error::TransferEncoding,
        ),
        ("no coding", request("Transfer-Encoding:"), Error::TransferEncoding),
        (
            "not quite chunked",
            request("Transfer-Encoding: xchunked"),
            Error::TransferEncoding,
        ),
        (
            "a coding of its own",
            request("Transfer-Encoding: gzip, chunked"),
            Error::UnknownCoding,
        ),
    ];
    for (name, input, error) in cases {
        check(name, input.as_bytes(), Err(*error));
    }
}

#[test]
fn limits_are_where_they_are_said_to_be() {
    let target = |length| {
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(length - 1))
    };
    assert!(matches!(parse(target(h1::MAX_TARGET).as_bytes()), Ok(Some(_))));
    check(
        "a long target",
        target(h1::MAX_TARGET + 1).as_bytes(),
        Err(Error::TargetTooLong),
    );

    let fields = |count| {
        let fields = "X: y\r\n".repeat(count - 1);
        format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
    };
    assert!(matches!(parse(fields(MAX_FIELDS).as_bytes()), Ok(Some(_))));
    check(
        "many fields",
        fields(MAX_FIELDS + 1).as_bytes(),
        Err(Error::TooManyFields),
    );

    let head = |length: usize| {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4))
    };
    assert!(matches!(parse(head(MAX_HEAD).as_bytes()), Ok(Some(_))));
    check("a large head", head(MAX_HEAD + 1).as_bytes(), Err(Error::TooLarge));
    check("a line without end", &[b'A'; MAX_HEAD], Err(Error::TooLarge));
}

#[test]
fn each_broken_rule_has_its_status() {
    for (error, status) in [
        (Error::LineEnd, 400),
        (Error::TargetTooLong, 414),
        (Error::TooManyFields, 431),
        (Error::TooLarge, 431),
        (Error::UnknownCoding, 501),
        (Error::UnsupportedVersion, 505),
    ] {
        assert_eq!(error.status().code(), status, "{error:?}");
    }
}

/// Bytes that are often nearly a request.
fn nearly_a_request() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "GET ", "HEAD ", "OPTIONS ", "/", "*", "http://a", " HTTP/1.1\r\n", " HTTP/1.0\r\n",
            "\r\n", "Host: a\r\n", "Host:", "Content-Length: 1\r\n", "\r", "\n", " ", ":", "%4",
            "Transfer-Encoding: chunked\r\n", "X: y\r\n", "Connection: close\r\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let pieces =
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![
        1 => pieces.clone(),
        2 => pieces.prop_map(|rest| {
            [b"GET / HTTP/1.1\r\nHost: a\r\n", &rest[..], b"\r\n"].concat()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

    #[test]
    fn cuts_make_no_difference(input in nearly_a_request(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.sort();
        prop_assert_eq!(parse_in_pieces(&input, cuts), parse(&input));
    }

    #[test]
    fn what_is_known_early_stays_true(input in nearly_a_request(), end in any::<prop::sample::Index>()) {
        match parse(&input[..end.index(input.len() + 1)]) {
            Ok(None) => {}
            known => prop_assert_eq!(parse(&input), known),
        }
    }

    #[test]
    fn whatever_we_accept_httparse_reads_alike(input in nearly_a_request()) {
        let Ok(Some(head)) = parse(&input) else { return Ok(()) };
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut other = httparse::Request::new(&mut fields);
        let status = other.parse(&input);
        prop_assert_eq!(status, Ok(httparse::Status::Complete(head.length)));
        prop_assert_eq!(other.method, Some(head.request.method.as_str()));
        prop_assert_eq!(other.headers.len(), head.request.headers.len());
        for (theirs, (name, value)) in other.headers.iter().zip(head.request.headers.iter()) {
            prop_assert_eq!(theirs.name, name.as_str());
            // httparse leaves tabs and spaces at the end of a value.
            prop_assert_eq!(theirs.value.trim_ascii(), value.as_bytes().trim_ascii());
        }
    }

    #[test]
    fn any_path_that_is_read_is_printed_as_it_was(path in "/[!-~]{0,20}") {
        if let Some(target) = Target::parse(&Method::Get, &path) {
            prop_assert_eq!(target.to_string(), path);
        }
    }
}

#[test]
fn names_are_tokens_and_differ_not_by_case() {
    assert_eq!(
        FieldName::parse(b"Content-Length"),
        FieldName::parse(b"content-length")
    );
    assert_ne!(FieldName::parse(b"Content-Length"), FieldName::parse(b"Content"));
    for bad in [&b""[..], b"a b", b"a:", b"\xc3\xa9", b"a\0"] {
        assert_eq!(FieldName::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn values_cannot_end_their_line() {
    assert_eq!(FieldValue::parse(b" \ta b\t ").unwrap().as_bytes(), b"a b");
    assert_eq!(FieldValue::parse(b" \t ").unwrap().as_bytes(), b"");
    for bad in [&b"a\r\nb"[..], b"a\rb", b"a\nb", b"a\0", b"\x7f"] {
        assert_eq!(FieldValue::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn lists_run_over_all_lines_of_a_name() {
    let mut headers = Headers::default();
    for (name, value) in [("A", "1, 2"), ("b", "x"), ("a", ",\t3 ,")] {
        let name = FieldName::parse(name.as_bytes()).unwrap();
        headers.push(name, FieldValue::parse(value.as_bytes()).unwrap());
    }
    let list: Vec<_> = headers.list("a").collect();
    assert_eq!(list, [b"1", b"2", b"3"]);
}

#[test]
fn targets_know_their_form() {
    let path = |text| Path::parse(text).unwrap();
    let authority = |text| Authority::parse(text).unwrap();
    assert_eq!(
        Target::parse(&Method::Get, "https://[::1]:1972/a?b"),
        Some(Target::Absolute {
            scheme: Scheme::Https,
            authority: authority("[::1]:1972"),
            path: path("/a?b"),
        })
    );
    assert_eq!(
        Target::parse(&Method::Get, "//a"),
        Some(Target::Origin(path("//a")))
    );
    assert_eq!(authority("a:").port, None);
    assert_eq!(authority("[::1]:7").host, "[::1]");
}

const DATE: &date::ImfFixdate = b"Sun, 06 Nov 1994 08:49:37 GMT";

#[test]
fn a_response_is_written_to_the_byte() {
    let response = Response::text(Status::OK, "é\n");
    let head = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n";
    let encode = |method, connection| {
        let bytes = h1::encode(&response, method, connection, DATE);
        String::from_utf8(bytes).unwrap()
    };
    let open = encode(Some(&Method::Get), Connection::Open);
    assert_eq!(open, format!("{head}\r\né\n"));
    let close = encode(None, Connection::Close);
    assert_eq!(close, format!("{head}Connection: close\r\n\r\né\n"));
    let head_only = encode(Some(&Method::Head), Connection::Open);
    assert_eq!(head_only, format!("{head}\r\n"));
}

#[test]
fn dates_have_one_form_and_always_fit() {
    let at = |seconds| imf_fixdate(UNIX_EPOCH + Duration::from_secs(seconds));
    assert_eq!(&at(784_111_777), DATE);
    assert_eq!(&at(0), b"Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(&imf_fixdate(UNIX_EPOCH - Duration::from_secs(1)), &at(0));
    assert_eq!(&at(253_402_300_799), b"Fri, 31 Dec 9999 23:59:59 GMT");
    assert_eq!(at(253_402_300_800), at(253_402_300_799));
}
