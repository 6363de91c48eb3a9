//! What became of a request.

/// A status code (RFC 9110 section 15): one of those that this server has use for,
/// with the reason phrase of its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(u16, &'static str);

impl Status {
    /// The three digits.
    pub fn code(self) -> u16 {
        self.0
    }

    /// The words that stand after the digits, for people.
    pub fn reason(self) -> &'static str {
        self.1
    }

    /// The request succeeded.
    pub const OK: Status = Status(200, "OK");
    /// It succeeded, and there is nothing to say about it.
    pub const NO_CONTENT: Status = Status(204, "No Content");
    /// The client has it already.
    pub const NOT_MODIFIED: Status = Status(304, "Not Modified");
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
    /// What the client expects is not to be had.
    pub const EXPECTATION_FAILED: Status = Status(417, "Expectation Failed");
    /// The request succeeded, and this is a part of what there is.
    pub const PARTIAL_CONTENT: Status = Status(206, "Partial Content");
    /// A condition of the request does not hold.
    pub const PRECONDITION_FAILED: Status = Status(412, "Precondition Failed");
    /// None of the ranges asked for is there.
    pub const RANGE_NOT_SATISFIABLE: Status = Status(416, "Range Not Satisfiable");
    /// The target is elsewhere for good, and is to be asked for there.
    pub const MOVED_PERMANENTLY: Status = Status(301, "Moved Permanently");
    /// The target is elsewhere for good, and is to be asked for with the same method.
    pub const PERMANENT_REDIRECT: Status = Status(308, "Permanent Redirect");
    /// The target is not to be had.
    pub const FORBIDDEN: Status = Status(403, "Forbidden");
    /// There is no such target.
    pub const NOT_FOUND: Status = Status(404, "Not Found");
    /// There is such a target, and not as the client would have it.
    pub const NOT_ACCEPTABLE: Status = Status(406, "Not Acceptable");
    /// Something of ours went wrong.
    pub const INTERNAL_SERVER_ERROR: Status = Status(500, "Internal Server Error");
    /// The server can't, for now.
    pub const SERVICE_UNAVAILABLE: Status = Status(503, "Service Unavailable");
}
