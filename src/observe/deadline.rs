//! Clients who took too long.

use std::io::{self, ErrorKind};

/// What a client was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The rest of a request's head.
    Head,
    /// More of its body.
    Body,
    /// Room for more of a response.
    Write,
    /// Another request.
    Idle,
    /// To get on, with any of it, as fast as can be wanted.
    Pace,
}

impl Deadline {
    /// What was waited for when a stream broke, if it broke for that.
    pub fn of(error: &io::Error) -> Option<Deadline> {
        match error.kind() {
            ErrorKind::TimedOut => Some(Deadline::Write),
            ErrorKind::QuotaExceeded => Some(Deadline::Pace),
            _ => None,
        }
    }

    /// Each of them.
    pub const ALL: [Deadline; 5] = [
        Deadline::Head,
        Deadline::Body,
        Deadline::Write,
        Deadline::Idle,
        Deadline::Pace,
    ];
}
