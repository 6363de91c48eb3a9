use crate::limits::{Limits, time};

/// How long a client may take, for what. A time is a number with a unit: ms, s or m.
#[derive(Debug, clap::Args)]
pub struct TimeOptions {
    /// The time for a request's head
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    head_time: Duration,
    /// The time for responses in flight when the server is told to end
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    drain: Duration,
}

impl TimeOptions {
    /// What that comes to for each connection.
    pub fn limits(&self) -> Limits {
        Limits { head_time: self.head_time, drain: self.drain, ..Limits::default() }
    }
}
