//! What became of a request: what a log, or whoever counts, is told.

use std::time::{Duration, SystemTime};

use super::deadline::Deadline;
use crate::io::arrival::Arrival;
use crate::message::{Request, Status};

/// What became of a request. There is one for each response, at its end.
#[derive(Debug)]
pub struct Record<'a> {
    /// Who asked, and how they came.
    pub arrival: &'a Arrival,
    /// What was asked, as far as it could be understood.
    pub asked: Asked<'a>,
    /// What was answered.
    pub status: Status,
    /// How many bytes of the request's content were read.
    pub received: u64,
    /// How many bytes of content were sent.
    pub sent: u64,
    /// When the request's head had come.
    pub time: SystemTime,
    /// How long it took from then until all of the response was handed on.
    pub duration: Duration,
    /// How it ended.
    pub end: End,
}

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// A request.
    Request(&'a Request),
    /// Something that was none: the bytes of its first line, as far as they came.
    Line(&'a [u8]),
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All of it was sent.
    Whole,
    /// Some of it was, and then the client or the server could not go on.
    Cut,
}

/// What is told of each response.
pub trait Observer: Send + Sync {
    /// Takes note of one. Nobody waits here for a disk or for a reader.
    fn observe(&self, record: &Record);

    /// Takes note of a client who took too long.
    fn miss(&self, _deadline: Deadline) {}
}
