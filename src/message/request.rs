//! What a client asks.

use super::{Authority, Headers, Method, Target};

/// A request, valid as a whole: whoever holds one need not check it again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// What it is to be done to.
    pub target: Target,
    /// How the client speaks.
    pub version: Version,
    /// Whom the client means to speak to: from the target if it says, else from
    /// Host, without which only HTTP/1.0 can do.
    pub authority: Option<Authority>,
    /// Everything else.
    pub headers: Headers,
}

/// A version that we speak. HTTP/1.2 and later count as 1.1, which is what we
/// understand of them (RFC 9110 section 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}
