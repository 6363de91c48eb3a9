//! What a client asks.

use super::{Authority, FieldName, Headers, Method, Target, Version};

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

/// What can be wrong with a request whose parts are valid, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// RFC 9112 section 3.2: each form of a target goes with certain methods.
    #[error("the request target is not of a form that goes with the method")]
    TargetForm,
    /// RFC 9112 section 3.2: HTTP/1.1 needs one Host, and none stands more than one.
    #[error("there must be one Host field, and no more")]
    HostCount,
    /// RFC 9110 section 7.2: Host is a host, and perhaps a port.
    #[error("the Host field must be a host, with or without a port")]
    Host,
}

impl Request {
    /// Makes a request of its parts: the one way to do so, whatever carried them.
    ///
    /// # Errors
    /// If the parts do not make one together.
    pub fn new(
        method: Method,
        target: Target,
        version: Version,
        headers: Headers,
    ) -> Result<Request, Invalid> {
        let is_connect = method == Method::Connect;
        let form_fits = match &target {
            Target::Authority(_) => is_connect,
            Target::Asterisk => method == Method::Options,
            Target::Origin(_) | Target::Absolute { .. } => !is_connect,
        };
        if !form_fits {
            return Err(Invalid::TargetForm);
        }
        let host = host(version, &headers)?;
        let authority = match &target {
            Target::Absolute { authority, .. } | Target::Authority(authority) => {
                Some(authority.clone())
            }
            Target::Origin(_) | Target::Asterisk => host,
        };
        Ok(Request { method, target, version, authority, headers })
    }

    /// What the client expects before it sends content (RFC 9110 section 10.1.1).
    /// HTTP/1.0 does not know the field.
    pub fn expectation(&self) -> Expectation {
        let is_continue =
            |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
        let mut expectations = self.headers.list(FieldName::EXPECT).peekable();
        if self.version < Version::HTTP_11 || expectations.peek().is_none() {
            return Expectation::None;
        }
        match expectations.all(is_continue) {
            true => Expectation::Continue,
            false => Expectation::Unknown,
        }
    }
}

/// Host is there once, in HTTP/1.0 at most once (RFC 9112 section 3.2).
fn host(version: Version, headers: &Headers) -> Result<Option<Authority>, Invalid> {
    let mut hosts = headers.all(FieldName::HOST);
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = str::from_utf8(host).map_err(|_| Invalid::Host)?;
            Authority::parse(host).map(Some).ok_or(Invalid::Host)
        }
        (None, _) if version < Version::HTTP_11 => Ok(None),
        _ => Err(Invalid::HostCount),
    }
}

/// What a client expects before it sends content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    None,
    /// To be told to go on.
    Continue,
    /// Something that nobody has defined.
    Unknown,
}
