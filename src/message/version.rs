//! How a message is spoken.

use std::fmt;

/// A version of HTTP, as the message says it (RFC 9110 section 2.5). Of two, the
/// later is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// What a recipient has to know to read the message at all.
    pub major: u8,
    /// What the sender knows beyond that.
    pub minor: u8,
}

impl Version {
    /// HTTP/1.0 (RFC 1945).
    pub const HTTP_10: Version = Version { major: 1, minor: 0 };
    /// HTTP/1.1 (RFC 9112).
    pub const HTTP_11: Version = Version { major: 1, minor: 1 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "HTTP/{}.{}", self.major, self.minor)
    }
}
