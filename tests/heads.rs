//! The core, which knows no IO: bytes in, values or the rule broken out.

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use rohttp::date::{self, imf_fixdate};
use rohttp::h1::{BodyLength, Error, Head, Parser, Persistence, encode};
use rohttp::limits::HeadLimits;
use rohttp::message::{
    Authority, FieldName, FieldValue, Headers, Invalid, Method, Path, Request,
    Response, Scheme, Status, Target, Version,
};

use crate::support::{Case, cases};

type Parsed = Result<Option<Head>, Error>;

/// What a head that is valid comes to, in one line.
fn summary(head: &Head) -> String {
    let request = &head.request;
    let authority =
        request.authority.as_ref().map_or("-".into(), Authority::to_string);
    let body = match head.body {
        BodyLength::None => "no body".into(),
        BodyLength::Known(length) => format!("{length} bytes"),
        BodyLength::Chunked => "chunked".into(),
    };
    let persistence = match head.persistence {
        Persistence::KeepAlive => "open",
        Persistence::Close => "close",
    };
    let (method, target) = (&request.method, &request.target);
    let version = request.version.to_string();
    let version = version.trim_start_matches("HTTP/");
    format!("{method} {target} {version} at {authority}, {body}, {persistence}")
}

fn parse(input: &[u8]) -> Parsed {
    Parser::default().parse(input, &HeadLimits::default())
}

/// Parses bytes as they come in, `cuts` saying how many have come each time.
fn parse_in_pieces(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Parsed {
    let mut parser = Parser::default();
    for cut in cuts {
        match parser.parse(&input[..cut], &HeadLimits::default()) {
            Ok(None) => {}
            outcome => return outcome,
        }
    }
    parser.parse(input, &HeadLimits::default())
}

/// Holds one case to its outcome whole, cut at each place, byte by byte, and with
/// more bytes after it.
fn check(name: &str, input: &[u8], expected: Result<&str, &str>) {
    let outcome = parse(input);
    let found = match &outcome {
        Ok(Some(head)) => Ok(summary(head)),
        Ok(None) => panic!("{name}: incomplete"),
        Err(Error::Request(invalid)) => Err(format!("{invalid:?}")),
        Err(error) => Err(format!("{error:?}")),
    };
    assert_eq!(found.as_deref().map_err(String::as_str), expected, "{name}");
    // Long inputs differ from short ones only in the middle of what repeats.
    let step = input.len() / 512 + 1;
    if let Ok(Some(head)) = &outcome {
        assert_eq!(head.length, input.len(), "{name}: length");
        for end in (0..input.len()).step_by(step) {
            assert_eq!(parse(&input[..end]), Ok(None), "{name}: first {end} bytes");
        }
    }
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
    for Case { name, expected, bytes } in
        cases(include_str!("tables/valid_heads.txt"))
    {
        check(&name, &bytes, Ok(&expected));
    }
}

#[test]
fn a_head_that_breaks_a_rule_is_refused_by_that_rule() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/broken_heads.txt"))
    {
        check(&name, &bytes, Err(&expected));
    }
}

#[test]
fn limits_are_where_they_are_said_to_be() {
    let limits = HeadLimits::default();
    let target = |length| {
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(length - 1))
    };
    assert!(matches!(parse(target(limits.target).as_bytes()), Ok(Some(_))));
    check(
        "a long target",
        target(limits.target + 1).as_bytes(),
        Err("TargetTooLong"),
    );

    let fields = |count| {
        let fields = "X: y\r\n".repeat(count - 1);
        format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
    };
    assert!(matches!(parse(fields(limits.fields).as_bytes()), Ok(Some(_))));
    check(
        "many fields",
        fields(limits.fields + 1).as_bytes(),
        Err("TooManyFields"),
    );

    let head = |length: usize| {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4))
    };
    assert!(matches!(parse(head(limits.bytes).as_bytes()), Ok(Some(_))));
    check("a large head", head(limits.bytes + 1).as_bytes(), Err("TooLarge"));
    check("a line without end", &vec![b'A'; limits.bytes], Err("TooLarge"));
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
        let mut fields = [httparse::EMPTY_HEADER; 100];
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
    let list: Vec<_> = headers.list(FieldName::from_static("a")).collect();
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

/// Whatever carried the parts: what does not go together is no request.
#[test]
fn a_request_is_made_of_parts_that_go_together() {
    let host = || {
        let mut headers = Headers::default();
        headers.push(FieldName::HOST, FieldValue::from_static("a"));
        headers
    };
    let authority = || Authority::parse("a:1").unwrap();
    let targets = [
        Target::Origin(Path::parse("/").unwrap()),
        Target::Absolute {
            scheme: Scheme::Http,
            authority: authority(),
            path: Path::parse("/").unwrap(),
        },
        Target::Authority(authority()),
        Target::Asterisk,
    ];
    for (method, fits) in [
        (Method::Get, [true, true, false, false]),
        (Method::Options, [true, true, false, true]),
        (Method::Connect, [false, false, true, false]),
    ] {
        for (target, fits) in targets.iter().zip(fits) {
            let (method, target) = (method.clone(), target.clone());
            let request = Request::new(method, target, Version::HTTP_11, host());
            let expected = if fits { Ok(()) } else { Err(Invalid::TargetForm) };
            assert_eq!(request.map(|_| ()), expected);
        }
    }
    let none = Request::new(
        Method::Get,
        Target::Origin(Path::parse("/").unwrap()),
        Version::HTTP_11,
        Headers::default(),
    );
    assert_eq!(none, Err(Invalid::HostCount));
}

const DATE: &date::ImfFixdate = b"Sun, 06 Nov 1994 08:49:37 GMT";

#[test]
fn a_response_is_written_to_the_byte() {
    let response = Response::text(Status::OK, "é\n");
    let head = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n";
    let encode = |method, persistence| {
        let bytes = encode::whole(response.clone(), method, persistence, DATE);
        String::from_utf8(bytes).unwrap()
    };
    let open = encode(Some(&Method::Get), Persistence::KeepAlive);
    assert_eq!(open, format!("{head}\r\né\n"));
    let close = encode(None, Persistence::Close);
    assert_eq!(close, format!("{head}Connection: close\r\n\r\né\n"));
    let head_only = encode(Some(&Method::Head), Persistence::KeepAlive);
    assert_eq!(head_only, format!("{head}\r\n"));
}

#[test]
fn what_has_no_content_says_no_length() {
    let length = |body: &Cow<[u8]>| Some(body.len() as u64);
    for (status, expected) in [
        (Status::OK, Some("2")),
        (Status::NO_CONTENT, None),
        (Status::NOT_MODIFIED, None),
    ] {
        let response = Response::text(status, "hi").finish(None, length, DATE);
        let said = response.headers.all(FieldName::CONTENT_LENGTH).next();
        assert_eq!(said, expected.map(str::as_bytes), "{status:?}");
        assert_eq!(response.body.is_some(), expected.is_some(), "{status:?}");
    }
    let unknown = Response::text(Status::OK, "hi").finish(None, |_| None, DATE);
    assert_eq!(unknown.headers.all(FieldName::CONTENT_LENGTH).next(), None);
    assert!(unknown.body.is_some());
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
