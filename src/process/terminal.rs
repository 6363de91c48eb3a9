//! The terminal that somebody has started the server at, and may close.

use std::fs::File;

/// Whether there was a terminal at the start.
#[derive(Debug, Clone, Copy)]
pub struct Terminal(bool);

impl Terminal {
    /// The one of this process, if it has one: a daemon has none.
    pub fn of_this_process() -> Terminal {
        Terminal(is_there())
    }

    /// Whether there was one, and it is gone. Then HUP means what it says.
    pub fn is_closed(self) -> bool {
        self.0 && !is_there()
    }
}

/// To a process without a terminal, this file can't be opened.
fn is_there() -> bool {
    File::open("/dev/tty").is_ok()
}
