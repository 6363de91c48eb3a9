//! What a client wants done.

use std::fmt;

use super::headers::is_token;

/// A request method (RFC 9110 section 9.1). Case matters: `get` is no GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// Transfer a representation of the target.
    Get,
    /// As GET, without the content.
    Head,
    /// Process the content enclosed.
    Post,
    /// Replace the target with the content enclosed.
    Put,
    /// Remove the target.
    Delete,
    /// Establish a tunnel to the target.
    Connect,
    /// Describe what can be done with the target.
    Options,
    /// Send the request back as it arrived.
    Trace,
    /// Change the target (RFC 5789).
    Patch,
    /// Any other token: well-formed, and nothing that we have heard of.
    Other(Box<str>),
}

impl Method {
    /// Reads a method; none if `text` is no token.
    pub fn parse(text: &[u8]) -> Option<Method> {
        Some(match text {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            b"POST" => Method::Post,
            b"PUT" => Method::Put,
            b"DELETE" => Method::Delete,
            b"CONNECT" => Method::Connect,
            b"OPTIONS" => Method::Options,
            b"TRACE" => Method::Trace,
            b"PATCH" => Method::Patch,
            _ if is_token(text) => Method::Other(str::from_utf8(text).ok()?.into()),
            _ => return None,
        })
    }

    /// The method as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Options => "OPTIONS",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
            Method::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
