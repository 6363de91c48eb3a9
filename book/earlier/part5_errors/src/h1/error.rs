use crate::message::{Response, Status};

/// The rule that a request breaks. The message is for the client to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// RFC 9112 section 2.2: lines end with CRLF, and CR stands nowhere else.
    #[error("a line must end with CRLF")]
    LineEnd,
    /// RFC 9112 section 3.1: a method is a token and one space follows it.
    #[error("the method must be a token, with one space after it")]
    Method,
    /// RFC 9112 section 3.2: a target is a URI or a part of one.
    #[error("the request target has a character that must be encoded")]
    TargetByte,
    /// RFC 9112 section 3.2: each of its forms goes with certain methods.
    #[error("the request target is not of a form that goes with the method")]
    TargetForm,
    /// RFC 9112 section 2.3: the version is `HTTP/`, a digit, a dot and a digit.
    #[error("the request line must end with a version such as HTTP/1.1")]
    Version,
    /// RFC 9110 section 15.6.6: we speak version 1 only.
    #[error("only versions HTTP/1.0 and HTTP/1.1 are spoken here")]
    UnsupportedVersion,
}

impl Error {
    /// The status that tells the client.
    pub fn status(self) -> Status {
        match self {
            Error::UnsupportedVersion => Status::HTTP_VERSION_NOT_SUPPORTED,
            _ => Status::BAD_REQUEST,
        }
    }
}
