//! What may be asked of the server, in bytes and in time: one value, made where the
//! server starts and handed down. A peer must not be able to take more.

use std::net::IpAddr;
use std::time::Duration;

use crate::io::close::Linger;

/// What a request's head may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLimits {
    /// Its bytes, from the request line to the empty line: as Node's. Apache takes
    /// 8190 bytes a line, nginx four buffers of 8 KiB, for those with many cookies.
    pub bytes: usize,
    /// The bytes of its request target: RFC 9110 section 4.1 wants 8000 at least.
    pub target: usize,
    /// Its field lines. A browser sends about 20; hyper's limit is 100 too.
    pub fields: usize,
    /// The empty lines before it. Old clients sent one after a body.
    pub empty_lines: usize,
}

impl Default for HeadLimits {
    fn default() -> HeadLimits {
        HeadLimits {
            bytes: 16 * 1024,
            target: 8 * 1024,
            fields: 100,
            empty_lines: 8,
        }
    }
}

/// What a connection may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A request's head.
    pub head: HeadLimits,
    /// The bytes of chunk extensions in one body. They mean nothing to us, and
    /// reading them costs as much as reading what does; hyper's limit is the same.
    pub chunk_extensions: usize,
    /// The bytes of a body that are read for no other reason than that another
    /// request may stand behind it. To close costs a handshake, about as much.
    pub unwanted: u64,
    /// The time for that: at 20 KB a second they are there. Whoever asked waits for the
    /// answer meanwhile.
    pub unwanted_time: Duration,
    /// The time for a TLS handshake: some round trips and two signatures.
    pub handshake: Duration,
    /// The time for a head, from its first byte; and for the first byte of all. Half
    /// of what it takes a browser over a bad line.
    pub head_time: Duration,
    /// The time that a client may think before its next request. nginx allows 75 s.
    pub idle: Duration,
    /// The time for more of a body to arrive.
    pub body: Duration,
    /// The time that a client may take to make room for more of a response.
    pub write: Duration,
    /// The time that a connection may linger after its last response.
    pub linger: Linger,
    /// The time for responses in flight once the server is told to end.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let seconds = Duration::from_secs;
        Limits {
            head: HeadLimits::default(),
            chunk_extensions: 16 * 1024,
            unwanted: 64 * 1024,
            unwanted_time: seconds(5),
            handshake: seconds(10),
            head_time: seconds(10),
            idle: seconds(60),
            body: seconds(30),
            write: seconds(30),
            linger: Linger::default(),
            drain: seconds(5),
        }
    }
}

/// What all connections together may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// How many there may be.
    pub total: usize,
    /// How many of them may be from one source.
    pub of_source: usize,
    /// Those for whom that does not count.
    pub exempt: Vec<IpAddr>,
}

/// How a client has to get on while it is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many bytes buy a second, in either direction. A bad line has ten times as
    /// many; Apache wants 500 of a body, and nothing of who reads.
    pub rate: u64,
    /// How much time there is at the start, and can be in hand: a phone that falls
    /// silent in a tunnel comes out of it. Whoever buys none is waited for no longer.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { rate: 1000, patience: Duration::from_secs(60) }
    }
}

impl ConnectionLimits {
    /// How many there are at most, if nobody says otherwise: at 64 KiB each they take
    /// 640 MB. nginx has 512 for each process, Apache 400 workers.
    pub const USUAL: usize = 10_000;

    /// How many so many descriptors suffice for. Some are kept back: those that the
    /// server has from its start, and of each four others one, for a file that is
    /// being sent.
    pub fn most(descriptors: usize) -> usize {
        const OURS: usize = 32;
        descriptors.saturating_sub(OURS) / 4 * 3
    }
}

/// The longest time that an option may say. Nobody waits for longer, and a clock can't
/// be asked for a day after the last that it has.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Reads a time as an option has it: a number with a unit, which is ms, s or m.
///
/// # Errors
/// If it is none, or longer than a year, in a few words.
pub fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "it is no number with a unit")?;
    let time = match &text[digits.len()..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err("its unit is none of ms, s and m".into()),
    };
    match time > LONGEST {
        true => Err("it is longer than a year".into()),
        false => Ok(time),
    }
}

/// Reads a time in which something has to come: in no time nothing does.
///
/// # Errors
/// As [`time`], and if it is none at all.
pub fn some_time(text: &str) -> Result<Duration, String> {
    match time(text)? {
        Duration::ZERO => Err("in no time nobody can be served".into()),
        time => Ok(time),
    }
}
