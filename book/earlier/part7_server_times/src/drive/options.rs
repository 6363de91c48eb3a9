use crate::limits::{Limits, some_time, time};

/// How long a client may take, for what. A time is a number with a unit: ms, s or m.
/// Where it may be 0s, the option says what that is.
#[derive(Debug, clap::Args)]
pub struct TimeOptions {
    /// The time for a request's head
    #[arg(
        long,
        value_name = "TIME",
        default_value = "10s",
        value_parser = some_time
    )]
    head_time: Duration,
    /// The time for responses in flight when the server is told to end; 0s: they are
    /// cut off
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    drain: Duration,
}

impl TimeOptions {
    /// What that comes to for each connection.
    pub fn limits(&self) -> Limits {
        Limits { head_time: self.head_time, drain: self.drain, ..Limits::default() }
    }
}
