//! Reads requests from bytes as the RFCs have them: what a server has to find there.

use std::net::Ipv6Addr;

use crate::checks::sweeps::request_lines::is_tchar;

/// What stands at the beginning of some bytes, if there is nothing against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Its path and query, or an asterisk, or a host and a port.
    pub target: String,
    /// Whether it is of HTTP/1.0.
    pub is_old: bool,
    /// Fields that have a say in what is answered, in their plainest form.
    pub asks: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// How many bytes it takes.
    pub length: usize,
    /// Whether nothing follows it on its connection.
    pub is_last: bool,
    /// Whether a server that says no is within its rights.
    pub may_be_refused: bool,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It breaks this rule.
    Refused(&'static str),
    /// Its body does, which may be found out when it has been answered.
    BadBody(&'static str),
    /// It ends in its head.
    InHead,
    /// It ends in its body.
    InBody,
    /// There are several answers to it, all of them right.
    Open,
}

/// What a server has, as far as it matters to what is asked of it.
#[derive(Debug, Clone)]
pub struct Has {
    pub scheme: &'static str,
    /// The entity tag of what is at the root.
    pub tag: Option<String>,
}

type Found<T> = Result<T, Stop>;
type Field<'a> = (String, &'a [u8]);

const LINE_END: &str = "a line ends with CR LF, and neither stands anywhere else \
    (RFC 9112 section 2.2)";
const REQUEST_LINE: &str = "a request line is a method, a target and a version, a space \
    apart (RFC 9112 section 3)";
const METHOD: &str = "a method is a token (RFC 9110 section 9.1)";
const VERSION: &str = "a version is HTTP/, a digit, a dot and a digit, and 1 the first \
    of them (RFC 9112 section 2.3)";
const TARGET: &str = "a target has one of four forms, and each its methods \
    (RFC 9112 section 3.2)";
const NAME: &str = "a field has a token for its name, and a colon behind it \
    (RFC 9112 section 5)";
const VALUE: &str = "a value has no control characters (RFC 9110 section 5.5)";
const HOST: &str =
    "there is one Host, which has a host in it (RFC 9112 section 3.2)";
const CODING: &str = "Transfer-Encoding is chunked, and nothing else that is spoken \
    here (RFC 9112 section 6.1)";
const LENGTH: &str =
    "Content-Length is one number, in digits (RFC 9110 section 8.6)";
const CHUNK: &str = "a chunk is its size, its bytes and a line's end, each behind the \
    other (RFC 9112 section 7.1)";

/// Reads the first request.
pub fn read(bytes: &[u8], has: &Has) -> Found<Request> {
    // Who looks for the end of a head before anything else waits for one.
    let has_end = bytes.windows(4).any(|it| it == b"\r\n\r\n");
    request(bytes, has).map_err(|stop| match stop {
        Stop::Refused(_) if !has_end => Stop::InHead,
        stop => stop,
    })
}

fn request(bytes: &[u8], has: &Has) -> Found<Request> {
    let mut rest = bytes;
    let mut empty = 0;
    while let Some(behind) = rest.strip_prefix(b"\r\n") {
        (rest, empty) = (behind, empty + 1);
    }
    let first = line(&mut rest)?;
    // One is ignored; who is sent more may have enough (RFC 9112 section 2.2).
    if empty > 1 {
        return Err(Stop::Open);
    }
    let words: Vec<&[u8]> = first.split(|&it| it == b' ').collect();
    let [method, target, version] = words[..] else {
        return Err(Stop::Refused(REQUEST_LINE));
    };
    let method = text(method, is_tchar).ok_or(Stop::Refused(METHOD))?;
    let minor = minor(version)?;
    let fields = fields(&mut rest)?;
    let all = |name: &str| -> Vec<&[u8]> {
        let its = fields.iter().filter(|(it, _)| it == name);
        its.map(|(_, value)| *value).collect()
    };
    let target = self::target(&method, target, has)?;
    match all("host")[..] {
        [] if minor == 0 => {}
        [host] => authority(host, HOST)?,
        _ => return Err(Stop::Refused(HOST)),
    }
    let options = words_of(&all("connection"));
    let has_option = |name: &str| options.iter().any(|it| it == name.as_bytes());
    let (codings, lengths) = (all("transfer-encoding"), all("content-length"));
    let is_odd = lengths.len() > 1;
    let body = match (&codings[..], &lengths[..]) {
        ([], []) => Vec::new(),
        ([], lengths) => {
            let length = length(lengths)?;
            let body = rest.get(..length).ok_or(Stop::InBody)?;
            rest = &rest[length..];
            body.to_vec()
        }
        // Both, or none of its version: refused, or read and then closed.
        (_, [_, ..]) => return Err(Stop::Open),
        _ if minor == 0 => return Err(Stop::Open),
        (codings, []) => {
            if words_of(codings) != [b"chunked"] {
                return Err(Stop::Refused(CODING));
            }
            chunks(&mut rest)?
        }
    };
    let expects = all("expect");
    let waits = |it: &&[u8]| it.eq_ignore_ascii_case(b"100-continue");
    // Nobody expects a body there, nor none here (RFC 9110 section 9.3).
    let is_read = matches!(&*method, "POST" | "PUT");
    let has_odd_body = is_read == (codings.is_empty() && lengths.is_empty());
    let asks = match &*method {
        "GET" | "HEAD" => asks(&method, &all, has)?,
        _ => Vec::new(),
    };
    let has_odd_range =
        !all("range").is_empty() && !asks.iter().any(|(name, _)| *name == "Range");
    Ok(Request {
        target,
        is_old: minor == 0,
        asks,
        body,
        length: bytes.len() - rest.len(),
        is_last: has_option("close") || minor == 0 && !has_option("keep-alive"),
        may_be_refused: is_odd
            || has_odd_body
            || has_odd_range
            || minor > 1
            || empty > 0
            || !expects.iter().all(waits)
            || expects.len() > 1,
        method,
    })
}

/// Takes a line.
fn line<'a>(rest: &mut &'a [u8]) -> Found<&'a [u8]> {
    let end = rest.iter().position(|it| b"\r\n".contains(it));
    let end = end.ok_or(Stop::InHead)?;
    match &rest[end..] {
        [b'\r', b'\n', behind @ ..] => {
            let line = &rest[..end];
            *rest = behind;
            Ok(line)
        }
        [b'\r'] => Err(Stop::InHead),
        _ => Err(Stop::Refused(LINE_END)),
    }
}

/// Something of at least one byte, all of which may stand there.
fn text(bytes: &[u8], takes: impl Fn(u8) -> bool) -> Option<String> {
    let takes = !bytes.is_empty() && bytes.iter().all(|&it| takes(it));
    takes.then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn minor(version: &[u8]) -> Found<u8> {
    match version {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'9'] => {
            Ok(minor - b'0')
        }
        _ => Err(Stop::Refused(VERSION)),
    }
}

/// Takes field lines, and the empty one behind them.
fn fields<'a>(rest: &mut &'a [u8]) -> Found<Vec<Field<'a>>> {
    let mut fields = Vec::new();
    loop {
        let line = line(rest)?;
        if line.is_empty() {
            return Ok(fields);
        }
        // Folding is refused, or undone (RFC 9112 section 5.2).
        if b" \t".contains(&line[0]) {
            return Err(Stop::Open);
        }
        let colon = line.iter().position(|&it| it == b':');
        let (name, value) = line.split_at(colon.ok_or(Stop::Refused(NAME))?);
        let name = text(name, is_tchar).ok_or(Stop::Refused(NAME))?;
        if value.iter().any(|&it| it != b'\t' && it.is_ascii_control()) {
            return Err(Stop::Refused(VALUE));
        }
        fields.push((name.to_lowercase(), trim(&value[1..])));
    }
}

/// Without spaces and tabs around it.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// The words of a list over several lines, in lower case.
fn words_of(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    let words = lines.iter().flat_map(|it| it.split(|&it| it == b','));
    let words = words.map(|it| trim(it).to_ascii_lowercase());
    words.filter(|it| !it.is_empty()).collect()
}

fn length(lines: &[&[u8]]) -> Found<usize> {
    let numbers = lines.iter().flat_map(|it| it.split(|&it| it == b','));
    let numbers: Vec<&[u8]> = numbers.map(trim).collect();
    let number = numbers[0];
    if numbers.iter().any(|it| !it.iter().all(u8::is_ascii_digit)) {
        return Err(Stop::Refused(LENGTH));
    }
    match (numbers.iter().all(|it| *it == number), number) {
        (true, []) => Err(Stop::Refused(LENGTH)),
        // As often as one likes the same may do (RFC 9110 section 8.6).
        (true, _) if lines.len() == 1 && numbers.len() > 1 => Err(Stop::Open),
        (true, _) => {
            let number = String::from_utf8_lossy(number);
            // What is longer than all that is there need not fit into anything.
            number.parse().map_err(|_| Stop::InBody)
        }
        (false, _) => {
            let value = |it: &&[u8]| {
                let zeros = it.iter().take_while(|&&it| it == b'0').count();
                it[zeros.min(it.len().saturating_sub(1))..].to_vec()
            };
            let first = value(&number);
            match numbers.iter().all(|it| it.is_empty() || value(it) == first) {
                true => Err(Stop::Open),
                false if number.is_empty() => Err(Stop::Open),
                false => Err(Stop::Refused(LENGTH)),
            }
        }
    }
}

/// Takes chunks, to the end of their trailers (RFC 9112 section 7.1).
fn chunks(rest: &mut &[u8]) -> Found<Vec<u8>> {
    let in_body = |stop| match stop {
        Stop::InHead => Stop::InBody,
        _ => Stop::BadBody(CHUNK),
    };
    let mut body = Vec::new();
    loop {
        let line = line(rest).map_err(in_body)?;
        let digits = line.iter().take_while(|it| it.is_ascii_hexdigit()).count();
        let (size, extensions) = line.split_at(digits);
        if digits == 0 {
            return Err(Stop::BadBody(CHUNK));
        }
        are_extensions(extensions)?;
        let size = String::from_utf8_lossy(size);
        let size = usize::from_str_radix(&size, 16).map_err(|_| Stop::InBody)?;
        if size == 0 {
            break;
        }
        let (data, behind) = rest.split_at_checked(size).ok_or(Stop::InBody)?;
        body.extend(data);
        *rest = match behind {
            [b'\r', b'\n', behind @ ..] => behind,
            [] | [b'\r'] => return Err(Stop::InBody),
            _ => return Err(Stop::BadBody(CHUNK)),
        };
    }
    fields(rest).map_err(in_body)?;
    Ok(body)
}

/// Whether this may stand behind a chunk's size (RFC 9112 section 7.1.1).
fn are_extensions(mut rest: &[u8]) -> Found<()> {
    const BAD: Stop = Stop::BadBody(CHUNK);
    let token = |rest: &mut &[u8]| {
        let count = rest.iter().take_while(|&&it| is_tchar(it)).count();
        *rest = &rest[count..];
        count > 0
    };
    let space = |rest: &mut &[u8]| {
        let is_space = |it: &&u8| b" \t".contains(it);
        *rest = &rest[rest.iter().take_while(is_space).count()..];
    };
    while !rest.is_empty() {
        space(&mut rest);
        // Some take a size with spaces behind it, and nothing else is hidden there.
        let Some(behind) = rest.strip_prefix(b";") else {
            return Err(if rest.is_empty() { Stop::Open } else { BAD });
        };
        rest = behind;
        space(&mut rest);
        if !token(&mut rest) {
            return Err(BAD);
        }
        let before = rest;
        space(&mut rest);
        let Some(behind) = rest.strip_prefix(b"=") else {
            rest = before;
            continue;
        };
        rest = behind;
        space(&mut rest);
        if !token(&mut rest) {
            quoted(&mut rest).ok_or(BAD)?;
        }
    }
    Ok(())
}

/// Takes a quoted string (RFC 9110 section 5.6.4).
fn quoted(rest: &mut &[u8]) -> Option<()> {
    let is_text = |it: u8| it == b'\t' || !it.is_ascii_control();
    let mut inside = rest.strip_prefix(b"\"")?;
    loop {
        inside = match inside {
            [b'"', behind @ ..] => {
                *rest = behind;
                return Some(());
            }
            [b'\\', it, behind @ ..] if is_text(*it) => behind,
            [it, behind @ ..] if is_text(*it) && *it != b'\\' => behind,
            _ => return None,
        };
    }
}

/// A host, and perhaps a port, or what is broken where there is none.
fn authority(bytes: &[u8], rule: &'static str) -> Found<()> {
    match is_authority(bytes) {
        // Which names are somebody's is the server's affair.
        Some(()) if bytes.contains(&b'%') => Err(Stop::Open),
        Some(()) => Ok(()),
        None => Err(Stop::Refused(rule)),
    }
}

/// Whether it is a host, and perhaps a port (RFC 3986 section 3.2).
fn is_authority(bytes: &[u8]) -> Option<()> {
    let text = str::from_utf8(bytes).ok()?;
    let (host, port) = match text.strip_prefix('[') {
        Some(text) => {
            let (address, port) = text.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, port)
        }
        None => {
            let at = text.find(':').unwrap_or(text.len());
            let (name, port) = text.split_at(at);
            is_name(name).then_some((name, port))?
        }
    };
    let port = if port.is_empty() { ":" } else { port };
    let digits = port.strip_prefix(':')?;
    let is_number = digits.bytes().all(|it| it.is_ascii_digit());
    let fits = digits.is_empty() || digits.parse::<u16>().is_ok();
    (!host.is_empty() && is_number && fits).then_some(())
}

fn is_name(name: &str) -> bool {
    let mut rest = name.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [b'%', a, b, rest @ ..] if are_digits(*a, *b) => rest,
            [it, rest @ ..] if is_unreserved(*it) || is_delimiter(*it) => rest,
            _ => return false,
        };
    }
}

fn are_digits(one: u8, other: u8) -> bool {
    one.is_ascii_hexdigit() && other.is_ascii_hexdigit()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether it is one of the sub-delims (RFC 3986 section 2.2).
fn is_delimiter(byte: u8) -> bool {
    b"!$&'()*+,;=".contains(&byte)
}

/// A target, in the form that it has if it is no whole URI.
fn target(method: &str, target: &[u8], has: &Has) -> Found<String> {
    const BAD: Stop = Stop::Refused(TARGET);
    let is_whole = target.iter().position(|&it| it == b':');
    match (method, target) {
        ("OPTIONS", b"*") => Ok("*".into()),
        ("CONNECT", _) => {
            authority(target, TARGET)?;
            let text = text(target, |_| true).ok_or(BAD)?;
            let last = text.bytes().next_back();
            match last.is_some_and(|it| it.is_ascii_digit()) && text.contains(':') {
                true => Ok(text),
                false => Err(BAD),
            }
        }
        (_, [b'/', ..]) => path_and_query(target),
        (_, _) => {
            let (scheme, rest) = target.split_at(is_whole.ok_or(BAD)?);
            if !scheme.eq_ignore_ascii_case(has.scheme.as_bytes()) {
                return Err(BAD);
            }
            let rest = rest.strip_prefix(b"://").ok_or(BAD)?;
            let end = rest.iter().position(|it| b"/?#".contains(it));
            let (host, path) = rest.split_at(end.unwrap_or(rest.len()));
            authority(host, TARGET)?;
            match (method, path.first()) {
                // It is an asterisk then (RFC 9112 section 3.2.4).
                ("OPTIONS", None) => Err(Stop::Open),
                (_, Some(b'/')) => path_and_query(path),
                _ => path_and_query(&[b"/", path].concat()),
            }
        }
    }
}

fn path_and_query(target: &[u8]) -> Found<String> {
    let end = target.iter().position(|&it| it == b'?').unwrap_or(target.len());
    let (path, query) = target.split_at(end);
    if target.iter().any(|it| b"\"<>#".contains(it) || !(33..127).contains(it)) {
        return Err(Stop::Refused(TARGET));
    }
    let mut plain = String::new();
    let mut rest = path;
    loop {
        rest = match rest {
            [] => break,
            [b'%', a, b, rest @ ..] if are_digits(*a, *b) => {
                let digits = [*a, *b].map(char::from);
                let digits = String::from_iter(digits).to_uppercase();
                let byte = u8::from_str_radix(&digits, 16).unwrap_or_default();
                match is_unreserved(byte) {
                    true => plain.push(char::from(byte)),
                    // What a path is made of, and what ends a name to some.
                    false if b"/\\\0".contains(&byte) => return Err(Stop::Open),
                    false => plain += &format!("%{digits}"),
                }
                rest
            }
            [b'%', ..] => return Err(Stop::Refused(TARGET)),
            [it, rest @ ..] => {
                let is_one =
                    is_unreserved(*it) || is_delimiter(*it) || b"/:@".contains(it);
                if !is_one {
                    return Err(Stop::Open);
                }
                plain.push(char::from(*it));
                rest
            }
        };
    }
    // What is done about these is another check's affair.
    let mut segments = plain.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if [".", ".."].contains(&segment) || segment.is_empty() && !is_last {
            return Err(Stop::Open);
        }
    }
    let query = text(query, |it| {
        is_unreserved(it) || is_delimiter(it) || b"/:@?".contains(&it)
    });
    match (query, end == target.len()) {
        (Some(query), _) => Ok(plain + &query),
        (None, true) => Ok(plain),
        (None, false) => Err(Stop::Open),
    }
}

/// What is asked beside a method and a target, in its plainest form.
fn asks<'a>(
    method: &str,
    all: &impl Fn(&str) -> Vec<&'a [u8]>,
    has: &Has,
) -> Found<Vec<(&'static str, String)>> {
    let is_there = |name: &str| !all(name).is_empty();
    if ["if-range", "if-modified-since", "if-unmodified-since"]
        .into_iter()
        .any(is_there)
    {
        return Err(Stop::Open);
    }
    let mut asks = Vec::new();
    for (name, plain) in
        [("if-match", "If-Match"), ("if-none-match", "If-None-Match")]
    {
        if !is_there(name) {
            continue;
        }
        let tag = has.tag.as_deref().ok_or(Stop::Open)?;
        let lines = all(name);
        match (names(&lines, tag)?, name) {
            (true, "if-none-match") => asks.push((plain, tag.to_owned())),
            (false, "if-match") => asks.push((plain, "\"none\"".to_owned())),
            _ => {}
        }
    }
    match all("range")[..] {
        [range] if method == "GET" => {
            asks.extend(self::range(range)?.map(|it| ("Range", it)));
        }
        [_] | [] => {}
        _ => return Err(Stop::Open),
    }
    let codings = all("accept-encoding");
    if !codings.is_empty() {
        asks.push(("Accept-Encoding", self::codings(&codings)?));
    }
    Ok(asks)
}

/// Whether a list of entity tags has this one in it (RFC 9110 section 8.8.3).
fn names(lines: &[&[u8]], tag: &str) -> Found<bool> {
    let text = lines.join(&b", "[..]);
    let mut rest = trim(&text);
    if rest == b"*" {
        return Ok(true);
    }
    // How weak tags compare is another check's affair.
    if tag.starts_with("W/") {
        return Err(Stop::Open);
    }
    let mut has_it = false;
    while !rest.is_empty() {
        let strong = rest.strip_prefix(b"W/").unwrap_or(rest);
        let inside = strong.strip_prefix(b"\"").ok_or(Stop::Open)?;
        let is_inside =
            |it: &&u8| **it == 0x21 || (0x23..=0x7e).contains(*it) || **it >= 0x80;
        let count = inside.iter().take_while(is_inside).count();
        let behind = inside[count..].strip_prefix(b"\"").ok_or(Stop::Open)?;
        if &inside[..count] == tag.trim_matches('"').as_bytes() {
            // Nor is what If-Match makes of a weak one.
            if strong.len() < rest.len() {
                return Err(Stop::Open);
            }
            has_it = true;
        }
        rest = trim(behind);
        rest = match rest {
            [] => break,
            [b',', behind @ ..] => trim(behind),
            _ => return Err(Stop::Open),
        };
    }
    Ok(has_it)
}

/// One range of bytes, in its plainest form; none if it is to be ignored, or refused
/// (RFC 9110 section 14.2).
fn range(value: &[u8]) -> Found<Option<String>> {
    let text = String::from_utf8_lossy(value).into_owned();
    let Some((unit, set)) = text.split_once('=') else { return Ok(None) };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Ok(None);
    }
    // Several are another check's affair, and so is whitespace around one.
    if set.contains([',', ' ', '\t']) {
        return Err(Stop::Open);
    }
    let Some((first, last)) = set.split_once('-') else { return Ok(None) };
    let number = |text: &str| -> Option<u32> {
        let is_number = text.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    Ok(match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => {
            Some(format!("bytes={first}-{last}"))
        }
        (Some(first), None) if last.is_empty() => Some(format!("bytes={first}-")),
        (None, Some(last)) if first.is_empty() => Some(format!("bytes=-{last}")),
        _ if set.len() > 8 => return Err(Stop::Open),
        _ => None,
    })
}

/// Codings that are wanted, each with its weight (RFC 9110 section 12.5.3).
fn codings(lines: &[&[u8]]) -> Found<String> {
    let mut plain = Vec::new();
    for word in words_of(lines) {
        let word = String::from_utf8(word).map_err(|_| Stop::Open)?;
        let (coding, weight) = word.split_once(';').unwrap_or((&word, "q=1"));
        let coding = coding.trim_end_matches([' ', '\t']);
        let weight = weight.trim_start_matches([' ', '\t']);
        let weight = weight.strip_prefix("q=").ok_or(Stop::Open)?;
        let is_one = match weight.as_bytes() {
            [b'0' | b'1'] => true,
            [b'0', b'.', rest @ ..] if rest.len() <= 3 => {
                rest.iter().all(u8::is_ascii_digit)
            }
            [b'1', b'.', rest @ ..] if rest.len() <= 3 => {
                rest.iter().all(|&it| it == b'0')
            }
            _ => false,
        };
        let is_coding = coding == "*" || coding.bytes().all(is_tchar);
        if !is_one || !is_coding || coding.is_empty() || coding.starts_with("x-") {
            return Err(Stop::Open);
        }
        let weight: f64 = weight.parse().map_err(|_| Stop::Open)?;
        plain.push(format!("{coding};q={weight}"));
    }
    let names: Vec<&str> =
        plain.iter().filter_map(|it| it.split(';').next()).collect();
    let has_two = |(at, it): (usize, &&str)| names[..at].contains(it);
    match names.iter().enumerate().any(has_two) {
        true => Err(Stop::Open),
        false => Ok(plain.join(", ")),
    }
}
