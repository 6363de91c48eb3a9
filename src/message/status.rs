//! What became of a request.

/// A status code (RFC 9110 section 15): one of those that a server like ours has
/// use for, with the reason phrase of its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(u16, &'static str);

impl Status {
    /// The request succeeded.
    pub const OK: Status = Status(200, "OK");
    /// It breaks a rule of the protocol.
    pub const BAD_REQUEST: Status = Status(400, "Bad Request");
    /// The method is known, and not for this target.
    pub const METHOD_NOT_ALLOWED: Status = Status(405, "Method Not Allowed");
    /// It did not arrive in time.
    pub const REQUEST_TIMEOUT: Status = Status(408, "Request Timeout");
    /// The request-target is longer than we care to read.
    pub const URI_TOO_LONG: Status = Status(414, "URI Too Long");
    /// It is not for this server, or not for this port.
    pub const MISDIRECTED_REQUEST: Status = Status(421, "Misdirected Request");
    /// The head is larger than we care to read (RFC 6585 section 5).
    pub const REQUEST_HEADER_FIELDS_TOO_LARGE: Status =
        Status(431, "Request Header Fields Too Large");
    /// The method, or a transfer coding, is one that we never heard of.
    pub const NOT_IMPLEMENTED: Status = Status(501, "Not Implemented");
    /// The major version is not ours.
    pub const HTTP_VERSION_NOT_SUPPORTED: Status =
        Status(505, "HTTP Version Not Supported");

    /// Another status.
    pub const fn new(code: u16, reason: &'static str) -> Status {
        Status(code, reason)
    }

    /// The three digits.
    pub fn code(self) -> u16 {
        self.0
    }

    /// The words that stand after the digits, for people.
    pub fn reason(self) -> &'static str {
        self.1
    }
}
