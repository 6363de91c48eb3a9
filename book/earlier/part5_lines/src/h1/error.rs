/// The rule that a request breaks. The message is for the client to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// RFC 9112 section 2.2: lines end with CRLF, and CR stands nowhere else.
    #[error("a line must end with CRLF")]
    LineEnd,
    /// RFC 9112 section 2.2: empty lines before a request are skipped, some.
    #[error("too many empty lines before the request")]
    EmptyLines,
    /// RFC 9112 section 3.1: a method is a token and one space follows it.
    #[error("the method must be a token, with one space after it")]
    Method,
    /// RFC 9112 section 3.2: a target is a URI or a part of one.
    #[error("the request target has a character that must be encoded")]
    TargetByte,
    /// RFC 9112 section 3.2: each of its forms goes with certain methods.
    #[error("the request target is not of a form that goes with the method")]
    TargetForm,
    /// RFC 9112 section 3: longer than [`crate::limits::HeadLimits::target`].
    #[error("the request target is too long")]
    TargetTooLong,
    /// RFC 9112 section 2.3: the version is `HTTP/`, a digit, a dot and a digit.
    #[error("the request line must end with a version such as HTTP/1.1")]
    Version,
    /// RFC 9110 section 15.6.6: we speak version 1 only.
    #[error("only versions HTTP/1.0 and HTTP/1.1 are spoken here")]
    UnsupportedVersion,
    /// RFC 9110 section 5.1: a field name is a token, and RFC 9112 section 5.1: no
    /// whitespace stands between it and the colon.
    #[error("a field name must be a token, with a colon right after it")]
    FieldName,
    /// RFC 9110 section 5.5: no control characters but tabs.
    #[error("a field value has a control character")]
    FieldValue,
    /// RFC 9112 section 5.2: a field value goes on no second line.
    #[error("a field line must not begin with whitespace")]
    Folded,
    /// RFC 6585 section 5: more fields than [`crate::limits::HeadLimits::fields`].
    #[error("too many fields")]
    TooManyFields,
    /// RFC 6585 section 5: longer than [`crate::limits::HeadLimits::bytes`].
    #[error("the request's head is too large")]
    TooLarge,
    /// The parts of the head are valid, and do not make a request.
    #[error(transparent)]
    Request(#[from] Invalid),
}

impl Error {
    /// The status that tells the client.
    pub fn status(self) -> Status {
        match self {
            Error::TargetTooLong => Status::URI_TOO_LONG,
            Error::TooManyFields | Error::TooLarge => {
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Error::UnsupportedVersion => Status::HTTP_VERSION_NOT_SUPPORTED,
            _ => Status::BAD_REQUEST,
        }
    }
}
