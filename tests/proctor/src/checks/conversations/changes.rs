//! Requests with something changed in them, anywhere: by that they are others, or none.

use std::collections::BTreeMap;

use super::reader::{self, Has, Request, Stop};
use super::{Known, nothing_is_answered, same};
use crate::check::{Exam, GET};
use crate::draw::{Draw, Picks};
use crate::line::{Call, Outcome};
use crate::stage::Stage::Part6;
use crate::sweep::simplest;
use crate::target::Port;

/// How many there are at most, in the clear and over TLS.
const MOST: usize = 2500;
const MOST_TLS: usize = 24;

/// What is changed: requests in which much of the grammar stands.
const ALL: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html, */*;q=0.8\r\n\r\n",
    "GET SCHEME://localhost:80/?b=c HTTP/1.1\r\nHost: b\r\n\r\n",
    "HEAD /?a=%20b HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: [::1]:80\r\n\r\n",
    "GET / HTTP/1.0\r\nCookie: a=b; c=\"d\"\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: localhost\r\n\r\n\
        5;a=\"b c\";d=e\r\nhello\r\n0A\r\n0123456789\r\n000\r\nA: b\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a.b:8080\r\nConnection: te, keep-alive\r\n\r\n",
    "PUT /?a HTTP/1.1\r\nHost: localhost\r\nConnection: te, close\r\n\
        Content-Length: 5\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
];

/// Those from Part 6 on.
const MORE: &[&str] = &[
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: localhost\r\n\r\n\
        5;a=\"b c\";d=e\r\nhello\r\n0A\r\n0123456789\r\n000\r\nA: b\r\n\r\n",
    "GET / HTTP/1.1\r\nIf-None-Match: \"a\", TAG\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nIf-Match: TAG, W/\"b\"\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=2-5\r\n\r\n",
    "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nHost: localhost\r\n\
        Content-Length: 5\r\n\r\nhello",
];

/// And those for files.
const FILES: &[&str] = &[
    "GET /a%20b.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /coded.txt HTTP/1.1\r\nAccept-Encoding: gzip;q=0.5, br\r\nHost: a\r\n\r\n",
    "HEAD /folder/inner.txt?x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /a/b%20c;d=e/@: HTTP/1.1\r\nHost: localhost\r\n\r\n",
];

/// What is put somewhere.
const PIECES: &[&[u8]] = &[
    b" ",
    b"\t",
    b"\0",
    b"\r\n",
    b"\n",
    b"\r",
    b"\x0b",
    b"\x1f",
    b"\x7f",
    b"\x80",
    b"\xa0",
    b"\xff",
    "\u{85}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{663}".as_bytes(),
    b",",
    b";",
    b":",
    b"\"",
    b"=",
    b"/",
    b"\\",
    b"%",
    b"+",
    b"-",
    b".",
    b"_",
    b"0",
    b"1",
    b"9",
    b"x",
    b"X",
    b"?",
    b"#",
    b"*",
    b"@",
    b"(",
    b"'",
    b"&",
    b"|",
    b"\r\n ",
    b"%00",
    b"%2e",
    b", ",
    b"; ",
    b": ",
    b"0x",
];

/// Whether there is to be something against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Good,
    Bad,
}

/// Wants requests that are changed to be taken for what they are then.
pub fn are_what_they_are(exam: &Exam, kind: Kind) -> Outcome {
    let (_, root) = exam.get()?;
    let has = Has {
        scheme: match exam.line.port {
            Port::Clear => "http",
            Port::Tls => "https",
        },
        tag: root.field("ETag").map(|it| it.value.clone()),
    };
    let known = Known::default();
    let changed = Changed { exam, has, known };
    let most = match exam.line.port {
        Port::Clear => MOST,
        Port::Tls => MOST_TLS,
    };
    let cases = changed.cases(most.min(exam.line.target.cases), kind);
    simplest(exam, &cases, 1, |picks| {
        let (bytes, cut) = changed.make(&mut Draw::again(picks));
        match kind_of(&bytes, &changed.has) == kind {
            true => changed.hold(&bytes, cut),
            false => Ok(()),
        }
    })
}

/// Of what stands in some bytes, one behind the other, whether something is refused.
fn kind_of(bytes: &[u8], has: &Has) -> Kind {
    let mut rest = bytes;
    while !rest.is_empty() {
        match reader::read(rest, has) {
            Ok(request) if !request.is_last => rest = &rest[request.length..],
            Err(Stop::Refused(_) | Stop::BadBody(_)) => return Kind::Bad,
            _ => return Kind::Good,
        }
    }
    Kind::Good
}

struct Changed<'a> {
    exam: &'a Exam<'a>,
    has: Has,
    known: Known,
}

impl Changed<'_> {
    /// So many by lot, as many of each request.
    fn cases(&self, most: usize, kind: Kind) -> Vec<Picks> {
        let mut cases = BTreeMap::new();
        for lot in 0..6 * most as u64 {
            let mut draw = Draw::by_lot(self.exam.line.target.seed ^ (lot << 32));
            let (bytes, _) = self.make(&mut draw);
            if kind_of(&bytes, &self.has) == kind {
                cases.insert(lot, draw.made().to_vec());
            }
            if cases.len() == most {
                break;
            }
        }
        cases.into_values().collect()
    }

    /// A request with one thing changed or two, and a GET behind it; and where it is cut.
    fn make(&self, draw: &mut Draw) -> (Vec<u8>, Option<usize>) {
        let has_files = self.exam.line.target.root.is_some();
        let more = if self.exam.stage < Part6 { &[] } else { MORE };
        let files = if more.is_empty() || !has_files { &[] } else { FILES };
        let all = [ALL, more, files].concat();
        let tag = self.has.tag.as_deref().unwrap_or("\"none\"");
        let text = draw.one(&all).replace("SCHEME", self.has.scheme);
        let mut bytes = text.replace("TAG", tag).into_bytes();
        change(draw, &mut bytes);
        if draw.below(3) == 1 {
            change(draw, &mut bytes);
        }
        let cut = draw.below(4 * bytes.len());
        let cut = (1..bytes.len()).contains(&cut).then_some(cut);
        bytes.extend(GET);
        (bytes, cut)
    }

    /// Says it, and wants each answer to be what is answered to the same in its plainest
    /// form.
    fn hold(&self, bytes: &[u8], cut: Option<usize>) -> Outcome {
        let mut call = self.exam.line.call()?;
        let (first, second) = bytes.split_at(cut.unwrap_or(bytes.len()));
        call.send(first)?;
        if !second.is_empty() {
            call.wait_until_read();
            call.send(second)?;
        }
        call.finish_when_answered();
        let mut rest = bytes;
        while !rest.is_empty() {
            match reader::read(rest, &self.has) {
                Ok(request) => {
                    if !self.answers(&mut call, &request)? {
                        break;
                    }
                    rest = &rest[request.length..];
                    if rest.is_empty() {
                        call.nothing_follows()?;
                    }
                }
                Err(stop) => {
                    refuses(&mut call, rest, stop)?;
                    break;
                }
            }
        }
        self.exam.line.forget(&call);
        Ok(())
    }

    /// Wants the answer to a request: whether another may follow it.
    fn answers(&self, call: &mut Call, request: &Request) -> Outcome<bool> {
        let method = &*request.method;
        let response = call.response(method)?;
        let plain = plain(request);
        let alone = self.known.alone(self.exam, method, &plain)?;
        let (status, wanted) = (response.status, alone.status);
        let is_ignored = wanted == 206 && status == 200;
        let is_no = (400..500).contains(&status) || matches!(status, 501 | 505);
        if status != wanted && !is_ignored && !(request.may_be_refused && is_no) {
            let plain = String::from_utf8_lossy(&plain);
            let what = format!(
                "status {status} instead of {wanted}, which is what comes back to the \
                 same in its plainest form, {:?}",
                plain.lines().next().unwrap_or_default()
            );
            return Err(call.wrong(&response, response.status_at, what));
        }
        if status == wanted && matches!(status, 200 | 206 | 304) {
            same(call, &response, &alone, "in its plainest form it gets")?;
            if method != "HEAD" {
                call.content(&response, &alone.content)?;
            }
        }
        if request.is_last {
            nothing_is_answered(call)?;
            return Ok(false);
        }
        // Up to Part 5 what is served ends it, which is another check's affair.
        if !self.exam.stays() && status < 400 {
            return Ok(false);
        }
        if response.is_last() {
            call.nothing_follows_the_last()?;
            return Ok(false);
        }
        // Who stays should say so there, and need not stay.
        Ok(!request.is_old || response.lists("Connection", "keep-alive"))
    }
}

/// The same request with nothing about it that changes nothing.
fn plain(request: &Request) -> Vec<u8> {
    let Request { method, target, asks, body, .. } = request;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in asks {
        head += &format!("{name}: {value}\r\n");
    }
    match &**method {
        "POST" | "PUT" => {
            head += &format!("Content-Length: {}\r\n\r\n", body.len());
            [head.as_bytes(), body].concat()
        }
        _ => (head + "\r\n").into_bytes(),
    }
}

/// Wants what is no request to be answered accordingly, and nothing behind it.
fn refuses(call: &mut Call, bytes: &[u8], stop: Stop) -> Outcome {
    let begin = bytes.trim_ascii_start();
    // Whether it is a HEAD, whose answer has no content, is for the server to say.
    let is_like_head =
        begin.get(..4).is_some_and(|it| it.eq_ignore_ascii_case(b"head"));
    let method = if is_like_head { "HEAD" } else { crate::check::method(begin) };
    let why = match stop {
        Stop::Open => return Ok(()),
        Stop::Refused(why) => Some(why),
        Stop::BadBody(why) if bytes.starts_with(b"POST /echo") => Some(why),
        Stop::BadBody(_) | Stop::InHead | Stop::InBody => None,
    };
    if stop == Stop::InHead || stop == Stop::InBody {
        // Its end may be waited for, and then there is nobody to answer.
        if !call.hears_more(call.patience())? {
            return Ok(());
        }
    }
    if !matches!(stop, Stop::Refused(_)) && call.breaks_off(method)? {
        return Ok(());
    }
    let response = call.response(method)?;
    let is_no = (400..500).contains(&response.status)
        || matches!(response.status, 501 | 505);
    match why {
        Some(why) if !is_no => {
            let what = format!("status {}, and {why}", response.status);
            Err(call.wrong(&response, response.status_at, what))
        }
        _ if stop == Stop::InHead && !is_no => {
            let what = "an answer to a head that has no end";
            Err(call.wrong(&response, response.status_at, what))
        }
        _ if is_like_head => Ok(()),
        _ => call.nothing_follows_the_last(),
    }
}

/// Changes something.
fn change(draw: &mut Draw, bytes: &mut Vec<u8>) {
    let kind = draw.below(16);
    let at = draw.below(bytes.len());
    let piece = PIECES[draw.below(PIECES.len())];
    let byte = bytes[at];
    match kind {
        0 => {}
        1 | 2 => drop(bytes.splice(at..at, piece.iter().copied())),
        3 | 4 => drop(bytes.splice(at..=at, piece.iter().copied())),
        5 | 6 => drop(bytes.remove(at)),
        7 => bytes.insert(at, byte),
        8 if byte.is_ascii_alphabetic() => bytes[at] ^= b' ',
        8 | 9 => drop(bytes.splice(at..=at, format!("%{byte:02x}").into_bytes())),
        10 => {
            let like = like(byte).map(|it| it.to_string().into_bytes());
            let like = like.unwrap_or_else(|| vec![byte | 0x80]);
            drop(bytes.splice(at..=at, like));
        }
        11 if at + 1 < bytes.len() => bytes.swap(at, at + 1),
        _ => change_lines(bytes, at, kind),
    }
}

/// Changes something about the line that stands somewhere.
fn change_lines(bytes: &mut Vec<u8>, at: usize, kind: usize) {
    let from =
        bytes[..at].iter().rposition(|&it| it == b'\n').map_or(0, |it| it + 1);
    let end = bytes[at..].iter().position(|&it| it == b'\n');
    let Some(end) = end.map(|it| at + it + 1) else { return };
    let line = bytes[from..end].to_vec();
    match kind {
        12 => drop(bytes.splice(end..end, line)),
        13 => drop(bytes.drain(from..end)),
        // Behind the next.
        14 => {
            let next = bytes[end..].iter().position(|&it| it == b'\n');
            let Some(next) = next.map(|it| end + it + 1) else { return };
            drop(bytes.splice(next..next, line));
            drop(bytes.drain(from..end));
        }
        // Folded.
        _ => drop(bytes.splice(at..at, *b"\r\n ")),
    }
}

/// What is like a character, to those who know more of them.
fn like(byte: u8) -> Option<char> {
    match byte {
        b'k' | b'K' => Some('\u{212a}'),
        b's' => Some('\u{17f}'),
        b'i' => Some('\u{131}'),
        b'-' => Some('\u{2010}'),
        b' ' => Some('\u{3000}'),
        0x21..=0x7e => char::from_u32(0xfee0 + u32::from(byte)),
        _ => None,
    }
}
