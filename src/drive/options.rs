//! The options that say how long a client may take.

use std::time::Duration;

use crate::io::close::Linger;
use crate::limits::{Limits, Pace, some_time, time};

/// How long a client may take, for what. A time is a number with a unit: ms, s or m.
/// Where it may be 0s, the option says what that is.
#[derive(Debug, clap::Args)]
pub struct TimeOptions {
    /// The time for a TLS handshake
    #[arg(
        long,
        value_name = "TIME",
        default_value = "10s",
        value_parser = some_time
    )]
    handshake_time: Duration,
    /// The time for a request's head
    #[arg(
        long,
        value_name = "TIME",
        default_value = "10s",
        value_parser = some_time
    )]
    head_time: Duration,
    /// The time for more of a request's body to come
    #[arg(
        long,
        value_name = "TIME",
        default_value = "30s",
        value_parser = some_time
    )]
    body_time: Duration,
    /// The time for a client to make room for more of a response
    #[arg(
        long,
        value_name = "TIME",
        default_value = "60s",
        value_parser = some_time
    )]
    write_time: Duration,
    /// The time between a response and the next request; 0s: what has not come by then
    /// does not come on this connection
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    idle_time: Duration,
    /// The time for a client to hang up after its last response; 0s: we do
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    linger_time: Duration,
    /// How many bytes of a body or of a response buy a second more, up to a minute
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = Pace::default().rate,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    least_rate: u64,
    /// The time for responses in flight when the server is told to end; 0s: they are
    /// cut off
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    drain: Duration,
}

impl TimeOptions {
    /// What that comes to for each connection.
    pub fn limits(&self) -> Limits {
        let total = self.linger_time;
        Limits {
            handshake: self.handshake_time,
            head_time: self.head_time,
            idle: self.idle_time,
            body: self.body_time,
            write: self.write_time,
            linger: Linger { total, ..Linger::default() },
            drain: self.drain,
            ..Limits::default()
        }
    }

    /// And how a client has to get on meanwhile.
    pub fn pace(&self) -> Pace {
        Pace { rate: self.least_rate, ..Pace::default() }
    }
}
