//! Answers to the exercises of Part 5.

use std::borrow::Cow;
use std::io;

use rohttp::h1::{Error, Head, Parser};
use rohttp::limits::HeadLimits;
use rohttp::message::headers::is_field_byte;
use rohttp::message::{
    FieldName, FieldValue, Invalid, Method, Request, Response, Scheme, Status,
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::conversation::answer::answer;

/// Reads a head that ought to be there whole.
fn parse(input: &[u8]) -> Result<Head, Error> {
    let head = Parser::default().parse(input, &HeadLimits::default())?;
    Ok(head.expect("it is whole"))
}

/// 5.2: a head that breaks many rules, and is mended one at a time.
pub const MENDED: [(&str, Error); 6] = [
    ("G@T /#x HTTP/3.0\nHost : a b\r\n\r\n", Error::Method),
    ("GET /#x HTTP/3.0\nHost : a b\r\n\r\n", Error::TargetByte),
    ("GET /x HTTP/3.0\nHost : a b\r\n\r\n", Error::UnsupportedVersion),
    ("GET /x HTTP/1.1\nHost : a b\r\n\r\n", Error::LineEnd),
    ("GET /x HTTP/1.1\r\nHost : a b\r\n\r\n", Error::FieldName),
    ("GET /x HTTP/1.1\r\nHost: a b\r\n\r\n", Error::Request(Invalid::Host)),
];

#[test]
fn the_leftmost_broken_rule_is_the_one_that_is_told() {
    for (head, error) in MENDED {
        assert_eq!(parse(head.as_bytes()).unwrap_err(), error, "{head:?}");
    }
}

/// 5.4: writes a request as it came, as far as anyone can tell.
pub fn encode_request(request: &Request) -> Vec<u8> {
    let Request { method, target, version, .. } = request;
    let mut bytes = format!("{method} {target} {version}\r\n").into_bytes();
    for (name, value) in request.headers.iter() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

#[test]
fn what_is_written_is_read_as_the_same_request() {
    let heads: [&[u8]; 5] = [
        b"\r\nGET /?100% HTTP/1.9\r\nhOST: \t a:80 \r\nX:\r\nX: \xff\r\n\r\n",
        b"GET HTTP://b:8?y HTTP/1.1\r\nHost: a\r\n\r\n",
        b"M-SEARCH //x HTTP/1.0\r\n\r\n",
        b"CONNECT [::1]:443 HTTP/1.1\r\nHost: a:\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    ];
    for head in heads {
        let request = parse(head).unwrap().request;
        let written = encode_request(&request);
        assert_eq!(parse(&written).unwrap().request, request);
        // The second time there is nothing left to tidy up.
        assert_eq!(encode_request(&parse(&written).unwrap().request), written);
    }
}

/// 5.5: answers as Part 5 does, and OPTIONS with what there is.
pub fn answer_options(request: &Request, scheme: Scheme) -> Response {
    const ALLOWED: FieldValue = FieldValue::from_static("GET, HEAD, OPTIONS");
    let response = answer(request, scheme);
    if response.status != Status::METHOD_NOT_ALLOWED {
        return response;
    }
    let response = match request.method {
        Method::Options => Response::new(Status::OK, Cow::default()),
        _ => {
            let why = "ask with GET, HEAD or OPTIONS";
            Response::error(Status::METHOD_NOT_ALLOWED, why)
        }
    };
    response.with(FieldName::ALLOW, ALLOWED)
}

#[test]
fn options_are_told_and_nothing_else_has_changed() {
    for (line, code, allow) in [
        ("OPTIONS * HTTP/1.1", 200, true),
        ("OPTIONS /x HTTP/1.1", 200, true),
        ("OPTIONS http://a HTTP/1.1", 200, true),
        ("OPTIONS https://a HTTP/1.1", 421, false),
        ("PUT / HTTP/1.1", 405, true),
        ("options / HTTP/1.1", 501, false),
        ("GET / HTTP/1.1", 200, false),
    ] {
        let head = parse(format!("{line}\r\nHost: a\r\n\r\n").as_bytes()).unwrap();
        let response = answer_options(&head.request, Scheme::Http);
        assert_eq!(response.status.code(), code, "{line}");
        let allowed: Vec<_> = response.headers.all(FieldName::ALLOW).collect();
        let expected = allow.then_some(&b"GET, HEAD, OPTIONS"[..]);
        assert_eq!(allowed, Vec::from_iter(expected), "{line}");
    }
}

/// 5.6: heads that httparse takes and that we don't, and why not.
pub const LAXER: [(&str, Error); 9] = [
    ("GET / HTTP/1.1\nHost: a\n\n", Error::LineEnd),
    ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::LineEnd),
    ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", Error::TargetForm),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", Error::TargetForm),
    ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", Error::TargetByte),
    ("GET / HTTP/1.1\r\n\r\n", Error::Request(Invalid::HostCount)),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Error::Request(Invalid::Host)),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        Error::ContentLength,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        Error::LengthAndCoding,
    ),
];

/// 5.6: and one that we take and it does not.
pub const STRICTER: &str = "GET / HTTP/1.9\r\nHost: a\r\n\r\n";

#[test]
fn httparse_is_laxer_but_for_one_thing() {
    let takes = |head: &str| {
        let most = HeadLimits::default().fields;
        let mut fields = vec![httparse::EMPTY_HEADER; most];
        let status = httparse::Request::new(&mut fields).parse(head.as_bytes());
        status.is_ok_and(|status| status.is_complete())
    };
    for (head, error) in LAXER {
        assert!(takes(head), "{head:?}");
        assert_eq!(parse(head.as_bytes()).unwrap_err(), error, "{head:?}");
    }
    assert!(!takes(STRICTER));
    assert!(parse(STRICTER.as_bytes()).is_ok());
}

/// 5.7: what is wrong with a chunk's first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadChunk;

/// 5.7: the longest extension in bytes. Nobody is known to send any.
pub const MAX_EXTENSION: usize = 256;

/// 5.7: reads a chunk's first line (RFC 9112 section 7.1): the chunk's size, and
/// how long the line is; none as long as its end has not come.
pub fn chunk_size(input: &[u8]) -> Result<Option<(u64, usize)>, BadChunk> {
    // Sixteen digits are a u64.
    let digits = input.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = input.split_at(digits);
    match rest.first() {
        _ if digits > 16 => return Err(BadChunk),
        None => return Ok(None),
        Some(b'\r' | b';') if digits > 0 => {}
        Some(_) => return Err(BadChunk),
    }
    let extension = rest.iter().take_while(|&&byte| is_field_byte(byte)).count();
    let size = str::from_utf8(size).map_err(|_| BadChunk)?;
    let size = u64::from_str_radix(size, 16).map_err(|_| BadChunk)?;
    match rest.split_at(extension).1 {
        _ if extension > MAX_EXTENSION => Err(BadChunk),
        [] | [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => Ok(Some((size, digits + extension + 2))),
        _ => Err(BadChunk),
    }
}

#[test]
fn chunk_sizes_are_read_alike_however_they_are_cut() {
    let long = |count| format!("1;{}\r\n", "x".repeat(count - 1));
    let cases = [
        ("0\r\n", Some(0)),
        ("1f\r\n", Some(31)),
        ("00A\r\n", Some(10)),
        ("5;name=\"v\"\r\n", Some(5)),
        ("ffffffffffffffff\r\n", Some(u64::MAX)),
        (&long(MAX_EXTENSION), Some(1)),
        (&long(MAX_EXTENSION + 1), None),
        ("00000000000000000\r\n", None),
        ("\r\n", None),
        (";x\r\n", None),
        ("+1\r\n", None),
        ("0x1\r\n", None),
        ("1 \r\n", None),
        ("1\n", None),
        ("1\r\r\n", None),
        ("1;a\nb\r\n", None),
    ];
    for (line, size) in cases {
        let whole = chunk_size(line.as_bytes());
        let expected = size.map(|size| Some((size, line.len()))).ok_or(BadChunk);
        assert_eq!(whole, expected, "{line:?}");
        assert_eq!(chunk_size(format!("{line}hello").as_bytes()), whole);
        for end in 0..line.len() {
            let early = chunk_size(&line.as_bytes()[..end]);
            assert!(early == Ok(None) || early == Err(BadChunk), "{line:?}");
            assert!(early == Ok(None) || early == whole, "{line:?}");
        }
    }
}

/// 5.8: reads past a body of a known length, of which `input` may hold a part.
/// False if the stream ends before the body does.
pub async fn skip<S: AsyncRead + Unpin>(
    stream: &mut S,
    input: &mut Vec<u8>,
    length: u64,
) -> io::Result<bool> {
    let here = usize::try_from(length).map_or(input.len(), |n| n.min(input.len()));
    input.drain(..here);
    let missing = length - here as u64;
    let mut body = stream.take(missing);
    Ok(tokio::io::copy(&mut body, &mut tokio::io::sink()).await? == missing)
}

#[tokio::test]
async fn a_body_is_skipped_and_not_a_byte_more_wherever_it_was_cut() {
    let bytes = b"helloGET / HTTP/1.1";
    for cut in 0..=bytes.len() {
        let (come, mut coming) = bytes.split_at(cut);
        let mut input = come.to_owned();
        assert!(skip(&mut coming, &mut input, 5).await.unwrap());
        assert_eq!([&input[..], coming].concat(), &bytes[5..], "cut at {cut}");
    }
    let (mut coming, mut input) = (&b"lo"[..], b"hel".to_vec());
    assert!(!skip(&mut coming, &mut input, 6).await.unwrap());
    assert!(!skip(&mut &b""[..], &mut Vec::new(), u64::MAX).await.unwrap());
}
