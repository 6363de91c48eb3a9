//! What a request is for.

use core::net::Ipv6Addr;
use std::fmt;

use super::Method;

/// A request target, in one of its four forms (RFC 9112 section 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A path at the server, as clients send it.
    Origin(Path),
    /// A whole URI, as they send it to proxies; every server must take it.
    Absolute {
        /// http or https.
        scheme: Scheme,
        /// Whom it is meant for: this counts, not the Host field.
        authority: Authority,
        /// The path there.
        path: Path,
    },
    /// A host and a port, for CONNECT alone.
    Authority(Authority),
    /// The server as a whole, for OPTIONS alone.
    Asterisk,
}

impl Target {
    /// Reads a target of a form that goes with `method`.
    pub fn parse(method: &Method, text: &str) -> Option<Target> {
        match (method, text) {
            (Method::Connect, _) => {
                let authority = Authority::parse(text)?;
                authority.port.is_some().then_some(Target::Authority(authority))
            }
            (Method::Options, "*") => Some(Target::Asterisk),
            (_, path) if path.starts_with('/') => {
                Path::parse(path).map(Target::Origin)
            }
            (_, uri) => {
                let (scheme, rest) = uri.split_once("://")?;
                let scheme = Scheme::parse(scheme)?;
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                let authority = Authority::parse(authority)?;
                // An empty path is that of the root (RFC 9110 section 4.2.3).
                let slash = if path.starts_with('/') { "" } else { "/" };
                let path = Path::parse(&format!("{slash}{path}"))?;
                Some(Target::Absolute { scheme, authority, path })
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Target::Origin(path) => f.write_str(path.as_str()),
            Target::Absolute { scheme, authority, path } => {
                write!(f, "{scheme}://{authority}{}", path.as_str())
            }
            Target::Authority(authority) => write!(f, "{authority}"),
            Target::Asterisk => f.write_str("*"),
        }
    }
}

/// How a target is reached (RFC 9110 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Option<Scheme> {
        match text {
            _ if text.eq_ignore_ascii_case("http") => Some(Scheme::Http),
            _ if text.eq_ignore_ascii_case("https") => Some(Scheme::Https),
            _ => None,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An absolute path with its query, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Reads a path and query (RFC 3986 sections 3.3 and 3.4). Characters that
    /// browsers leave as they are, though the RFC wants them encoded, are let
    /// through; so are stray percent signs, in the query alone.
    pub fn parse(text: &str) -> Option<Path> {
        let end = text.bytes().position(|byte| byte == b'?');
        let path = end.map_or(text, |end| &text[..end]);
        let valid = path.starts_with('/')
            && text.bytes().all(is_target_byte)
            && escapes_are_whole(path);
        valid.then(|| Path(text.to_owned()))
    }

    /// The path and query as they were sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path for itself, and the query without its question mark, if there is one.
    pub fn split(&self) -> (&str, Option<&str>) {
        match self.0.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&self.0, None),
        }
    }
}

/// Whether a byte may stand in a request target: what RFC 3986 allows, and what
/// the URL Standard has browsers send unencoded.
pub fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'<' | b'>')
}

/// Whether each percent sign has its two hexadecimal digits.
fn escapes_are_whole(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut is_digit =
            || bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit());
        if byte == b'%' && !(is_digit() && is_digit()) {
            return false;
        }
    }
    true
}

/// A host and perhaps a port: what Host holds (RFC 9110 section 7.2). No user
/// information, and a host that is not empty, as http wants it (section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub host: String,
    /// The port, where it is given.
    pub port: Option<u16>,
}

impl Authority {
    /// Reads a host and port.
    pub fn parse(text: &str) -> Option<Authority> {
        let end = match text.strip_prefix('[') {
            Some(literal) => literal.find(']')? + 2,
            None => {
                let colon = text.bytes().position(|byte| byte == b':');
                colon.unwrap_or(text.len())
            }
        };
        let (host, port) = text.split_at(end);
        let port = match port.strip_prefix(':') {
            Some("") => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            Some(_) => return None,
            None if port.is_empty() => None,
            None => return None,
        };
        is_host(host).then(|| Authority { host: host.to_owned(), port })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// An IPv6 address in brackets, or a registered name, of whose grammar IPv4
/// addresses are a case (RFC 3986 section 3.2.2).
fn is_host(text: &str) -> bool {
    if let Some(literal) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'))
    {
        return literal.parse::<Ipv6Addr>().is_ok();
    }
    let is_name_byte = |byte| {
        matches!(byte,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
            | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
            | b'*' | b'+' | b',' | b';' | b'=' | b'%')
    };
    !text.is_empty() && text.bytes().all(is_name_byte) && escapes_are_whole(text)
}
