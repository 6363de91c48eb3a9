//! What a request is for, and whom it is meant for.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Switch;
use super::head::{Head, Refusal, bad};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A path with its query.
    Path(String),
    /// http or https, a host, a path.
    Whole { https: bool, path: String },
    /// CONNECT's.
    Elsewhere,
    /// OPTIONS's.
    Server,
}

/// Which bytes stand in a target.
pub fn bytes(text: &[u8], s: Switch) -> Result<(), Refusal> {
    let is_text = s.is("utf8-in-targets") && str::from_utf8(text).is_ok();
    let is_allowed = |byte: u8| match byte {
        b'#' if s.is("fragments-in-uris") => text.starts_with(b"http"),
        b'#' => s.is("fragments-in-targets"),
        b'"' | b'<' | b'>' => s.is("delimiters-in-targets"),
        b'|' | b'^' | b'`' | b'{' | b'}' | b'\\' => !s.is("strict-uris"),
        0x80.. => s.is("high-bytes-in-targets") || is_text,
        0x7f | 0..=0x1f => s.is("controls-in-targets"),
        _ => true,
    };
    match text.iter().all(|&b| is_allowed(b)) {
        true => Ok(()),
        false => bad("the target has a byte that must be encoded"),
    }
}

/// Reads a target of a form that goes with the method.
pub fn parse(method: &str, text: &[u8], s: Switch) -> Result<Target, Refusal> {
    const NO_TARGET: &str = "this is no target for the method";
    let text = String::from_utf8_lossy(text).into_owned();
    if method == "CONNECT" {
        let lax = (s.is("connect-to-a-path") && text.starts_with('/'))
            || (s.is("connect-without-port") && is_authority(&text, s))
            || (s.is("connect-to-a-uri") && text.starts_with("http"));
        let port = text.rsplit(':').next().unwrap_or_default();
        let has_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let has_port =
            has_port || (s.is("connect-port-may-be-empty") && port.is_empty());
        return match lax
            || (text.contains(':') && has_port && is_authority(&text, s))
        {
            true => Ok(Target::Elsewhere),
            false => bad(NO_TARGET),
        };
    }
    if (s.is("at-signs-are-users") && text.contains('@'))
        || (s.is("https-is-no-scheme") && text.starts_with("https:"))
    {
        return bad(NO_TARGET);
    }
    if s.is("a-uri-in-the-query") && text.contains("://") {
        return whole(&text, s);
    }
    if text == "*" {
        let fits = (method == "OPTIONS" && !s.is("asterisk-unknown"))
            || s.is("asterisk-for-all")
            || (s.is("asterisk-for-head") && method == "HEAD");
        return match fits {
            true => Ok(Target::Server),
            false => bad(NO_TARGET),
        };
    }
    if s.is("asterisk-begins-so") && method == "OPTIONS" && text.starts_with('*') {
        return Ok(Target::Server);
    }
    if text.starts_with('/') {
        if s.is("two-slashes-are-a-host") && text.starts_with("//") {
            return bad(NO_TARGET);
        }
        return path(&text, s).map(Target::Path);
    }
    if s.is("path-without-slash") && !text.is_empty() && !text.contains("://") {
        return Ok(Target::Path(format!("/{text}")));
    }
    if s.is("authority-for-any-method")
        && is_authority(&text, s)
        && text.contains(':')
    {
        return Ok(Target::Elsewhere);
    }
    whole(&text, s)
}

fn whole(text: &str, s: Switch) -> Result<Target, Refusal> {
    const NO_URI: &str = "the target is no URI of ours";
    if s.is("no-absolute-form") {
        return bad(NO_URI);
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return match s.is("scheme-without-slashes") && text.starts_with("http:/") {
            true => Ok(Target::Path(text[5..].to_owned())),
            false => bad(NO_URI),
        };
    };
    let https = match scheme {
        _ if s.is("scheme-by-its-case") && scheme.eq_ignore_ascii_case("http") => {
            if scheme != "http" {
                return bad(NO_URI);
            }
            false
        }
        "https" => true,
        _ if scheme.eq_ignore_ascii_case("https") && !s.is("https-by-its-case") => {
            true
        }
        _ if scheme.eq_ignore_ascii_case("http") => false,
        _ if s.is("any-scheme") => false,
        _ if s.is("schemes-that-begin-with-http") && scheme.starts_with("http") => {
            false
        }
        _ => return bad(NO_URI),
    };
    let end = match rest.find('/') {
        Some(slash) if s.is("first-slash-ends-the-authority") => slash,
        _ => rest.find(['/', '?']).unwrap_or(rest.len()),
    };
    if s.is("absolute-form-needs-a-path") && !rest[end..].starts_with('/') {
        return bad(NO_URI);
    }
    if s.is("absolute-form-needs-a-slash") && !rest.contains('/') {
        return bad(NO_URI);
    }
    let authority = &rest[..end];
    if s.is("no-ipv6-in-uris") && authority.starts_with('[') {
        return bad(NO_URI);
    }
    if s.is("no-port-in-uris") && authority.contains(':') {
        return bad(NO_URI);
    }
    let authority = match s.is("userinfo-in-targets") {
        true => authority.rsplit('@').next().unwrap_or_default(),
        false => authority,
    };
    let lax = (s.is("empty-authority") && authority.is_empty())
        || s.is("authority-is-not-looked-at");
    if !lax && !is_authority(authority, s) {
        return bad(NO_URI);
    }
    let slash = if rest[end..].starts_with('/') { "" } else { "/" };
    let path = path(&format!("{slash}{}", &rest[end..]), s)?;
    Ok(Target::Whole { https, path })
}

fn path(text: &str, s: Switch) -> Result<String, Refusal> {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if s.is("two-marks-are-bad") && query.contains('?') {
        return bad("too many values to unpack");
    }
    if s.is("dots-are-400") && path.contains("..") {
        return bad("no dots here");
    }
    let any_two = || path.split('%').skip(1).all(|rest| rest.len() >= 2);
    let is_taken =
        s.is("any-percent-sign") || (s.is("percent-of-any-two") && any_two());
    if !escapes_are_whole(path.as_bytes()) && !is_taken {
        return bad("a percent sign must have its two digits");
    }
    if s.is("escapes-in-queries-too") && !escapes_are_whole(query.as_bytes()) {
        return bad("a percent sign must have its two digits");
    }
    if s.is("no-percent-at-all") && path.contains('%') {
        return bad("a percent sign");
    }
    Ok(text.to_owned())
}

fn escapes_are_whole(text: &[u8]) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let places = text.iter().enumerate().filter(|(_, b)| **b == b'%');
    places
        .into_iter()
        .all(|(i, _)| is_digit(text.get(i + 1)) && is_digit(text.get(i + 2)))
}

/// Percent-decodes, once. What is no escape stays.
pub fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text.get(at + 1..at + 3).and_then(|d| str::from_utf8(d).ok());
        let byte = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) if text[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// Exactly one Host in 1.1, at most one in 1.0, and a host and port in it.
pub fn check_host(head: &Head, s: Switch) -> Result<(), Refusal> {
    let mut hosts: Vec<&[u8]> = head.all("host").collect();
    let is_old = head.version < (1, 1);
    let is_whole = matches!(head.target, Target::Whole { .. });
    if (is_old && s.is("host-unchecked-in-1.0"))
        || (is_whole && s.is("host-unchecked-beside-a-uri"))
        || (s.is("host-unchecked-for-options") && head.method == "OPTIONS")
        || (s.is("host-unchecked-unless-get") && head.method != "GET")
    {
        return Ok(());
    }
    if s.is("forwarded-host-counts") && head.has("x-forwarded-host") {
        hosts = head.all("x-forwarded-host").collect();
    }
    match s {
        _ if s.is("last-host-counts") => {
            hosts = hosts.last().copied().into_iter().collect()
        }
        _ if s.is("first-host-counts") => hosts.truncate(1),
        _ if s.is("equal-hosts-are-one") => hosts.dedup(),
        _ if s.is("a-host-that-is-valid-will-do") => {
            hosts.retain(|h| is_authority(&String::from_utf8_lossy(h), s));
        }
        _ => {}
    }
    let host = match hosts[..] {
        [host] => host,
        [] if is_old && !s.is("host-wanted-in-1.0") => return Ok(()),
        [] if s.is("host-not-wanted") => return Ok(()),
        [] if s.is("host-in-uri-will-do") && is_whole => return Ok(()),
        _ => return bad("there must be one Host"),
    };
    let lax = (s.is("empty-host") && host.is_empty())
        || s.is("host-is-not-looked-at")
        || (s.is("high-bytes-in-hosts") && host.iter().any(|&b| b >= 0x80));
    let text = match str::from_utf8(host) {
        Ok(text) => text,
        Err(_) if lax => return Ok(()),
        Err(_) => return bad("Host must be a host"),
    };
    if s.is("only-localhost")
        && !text.starts_with("localhost")
        && !text.starts_with("127")
    {
        return bad("Host is not ours");
    }
    if s.is("host-equals-uri") && is_whole {
        return bad("Host is not what the target says");
    }
    match lax || is_authority(text, s) {
        true => Ok(()),
        false => bad("Host must be a host"),
    }
}

fn is_authority(text: &str, s: Switch) -> bool {
    if s.is("host-with-userinfo") && text.contains('@') {
        return text
            .rsplit('@')
            .next()
            .is_some_and(|rest| is_authority(rest, Switch::NONE));
    }
    if s.is("an-empty-user-is-none")
        && let Some(rest) = text.strip_prefix('@')
    {
        return is_authority(rest, Switch::NONE);
    }
    if s.is("host-with-a-path") && text.contains('/') {
        return text
            .split('/')
            .next()
            .is_some_and(|rest| is_authority(rest, Switch::NONE));
    }
    if s.is("host-with-a-query") && text.contains(['?', '#']) {
        return text
            .split(['?', '#'])
            .next()
            .is_some_and(|rest| is_authority(rest, Switch::NONE));
    }
    if s.is("host-with-spaces") && text.contains(' ') {
        return text.split(' ').all(|rest| is_authority(rest, Switch::NONE));
    }
    if s.is("first-of-hosts") && text.contains(", ") {
        let first = text.split(", ").next();
        return first.is_some_and(|host| is_authority(host, Switch::NONE));
    }
    if s.is("host-split-at-commas") && text.contains(',') {
        return false;
    }
    if s.is("host-as-a-uri") && text.starts_with("http://") {
        return true;
    }
    if s.is("brackets-are-stripped")
        && text.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok()
    {
        return true;
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(_) if s.is("no-ipv6") => return false,
        Some(literal) => {
            let Some(end) = literal.find(']') else { return false };
            let literal_is =
                |is: &dyn Fn(u8) -> bool| end > 0 && literal[..end].bytes().all(is);
            let address = match literal[..end].split_once('%') {
                Some((address, zone))
                    if s.is("ipv6-with-a-zone") && !zone.is_empty() =>
                {
                    address
                }
                _ => &literal[..end],
            };
            let is_small = !address.bytes().any(|b| b.is_ascii_uppercase());
            let is_address = (address.parse::<Ipv6Addr>().is_ok()
                && (is_small || !s.is("ipv6-in-lower-case")))
                || (s.is("any-address-in-brackets")
                    && address.parse::<Ipv4Addr>().is_ok())
                || (s.is("ipv6-by-its-letters")
                    && literal_is(&|b| {
                        b.is_ascii_hexdigit() || b".:".contains(&b)
                    }))
                || (s.is("anything-in-brackets") && end > 0);
            let behind = &literal[end + 1..];
            if s.is("anything-behind-brackets") && is_address {
                return true;
            }
            return is_address && (behind.is_empty() || is_port_part(behind, s));
        }
        None => match text.find(':') {
            Some(colon) if s.is("last-colon-is-the-port") => {
                let colon = text.rfind(':').unwrap_or(colon);
                (&text[..colon], &text[colon..])
            }
            Some(colon) if s.is("what-is-behind-a-port") => {
                let behind = &text[colon + 1..];
                let end = behind.find(':').unwrap_or(behind.len());
                (&text[..colon], &text[colon..=colon + end])
            }
            Some(colon) => (&text[..colon], &text[colon..]),
            None => (text, ""),
        },
    };
    (port.is_empty() || is_port_part(port, s)) && is_name(host, s)
}

/// A colon, and a port or nothing.
fn is_port_part(text: &str, s: Switch) -> bool {
    let Some(port) = text.strip_prefix(':') else { return false };
    match s {
        _ if s.is("any-port") => true,
        _ if s.is("port-of-any-size") => port.bytes().all(|b| b.is_ascii_digit()),
        _ if s.is("port-with-a-sign") && port.starts_with('+') => {
            port[1..].parse::<u16>().is_ok()
        }
        _ if s.is("port-must-be-there") && port.is_empty() => false,
        _ if s.is("port-not-zero") && port == "0" => false,
        _ if s.is("port-of-four-digits") && port.len() > 4 => false,
        _ if s.is("port-of-five-digits") && port.len() > 5 => false,
        _ => {
            let digits = port.bytes().all(|b| b.is_ascii_digit());
            port.is_empty() || (digits && port.parse::<u16>().is_ok())
        }
    }
}

fn is_name(host: &str, s: Switch) -> bool {
    let is_byte = |byte: u8| match byte {
        b'_' => !s.is("no-underscore-in-hosts"),
        b'A'..=b'Z' => !s.is("no-capitals-in-hosts"),
        b'z' => !s.is("z-is-no-letter"),
        b'9' => !s.is("9-is-no-digit"),
        b'0'..=b'9' | b'a'..=b'z' | b'-' | b'.' => true,
        b'{' => s.is("twenty-seven-letters"),
        b'}' => s.is("closing-braces-in-hosts"),
        b'>' => s.is("closing-angles-in-hosts"),
        b':' => s.is("last-colon-is-the-port"),
        b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
        | b';' | b'=' | b'%' => !s.is("plain-host-names-alone"),
        _ => false,
    };
    let numbers =
        host.split('.').all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if (s.is("hosts-of-numbers-are-addresses")
        && numbers
        && host.parse::<Ipv4Addr>().is_err())
        || (s.is("no-dot-behind-hosts") && host.ends_with('.'))
        || (s.is("hosts-of-63-bytes") && host.len() > 63)
    {
        return false;
    }
    let is_letter =
        |c: char| s.is("hosts-in-utf8") && !c.is_ascii() && c.is_alphanumeric();
    let is_part = |c: char| is_letter(c) || u8::try_from(c).is_ok_and(is_byte);
    let is_plain = !host.is_empty() && host.chars().all(is_part);
    let is_taken = s.is_any(&["any-percent-sign", "any-percent-sign-in-hosts"]);
    is_plain && (escapes_are_whole(host.as_bytes()) || is_taken)
}
