//! A request's content, pulled from the connection.

use std::io;

use bytes::Bytes;
use tokio::time::timeout;

use super::Driver;
use crate::h1::receiving::Received;
use crate::h1::{BodyLength, Head};
use crate::io::body::{Body, BodyError};
use crate::io::stream::Stream;
use crate::message::request::Expectation;
use crate::message::{Response, Status};
use crate::observe::deadline::Deadline;
use crate::process::shutdown::Shutdown;

/// How much room is made for a body.
const BODY_ROOM: usize = 16 * 1024;

/// A request's content, as far as it has come.
#[derive(Default)]
pub(super) struct Incoming {
    /// How many bytes are to come, if that is known.
    pub(super) left: Option<u64>,
    pub(super) progress: Progress,
    /// How many bytes have come.
    pub(super) received: u64,
    /// Why no more can come, if the connection is gone.
    pub(super) broken: Option<io::Error>,
}

#[derive(Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// The client waits for an answer before it sends it.
    Awaited,
    Coming,
    #[default]
    Over,
}

impl Incoming {
    /// The content that comes after a head.
    pub(super) fn of(head: &Head) -> Incoming {
        let (left, progress) = match head.body {
            BodyLength::None => (Some(0), Progress::Over),
            BodyLength::Known(length) => (Some(length), Progress::Coming),
            BodyLength::Chunked => (None, Progress::Coming),
        };
        let is_awaited = head.request.expectation() != Expectation::None;
        let progress = match progress {
            Progress::Coming if is_awaited => Progress::Awaited,
            progress => progress,
        };
        Incoming { left, progress, received: 0, broken: None }
    }

    fn take(&mut self, count: usize) {
        self.progress = Progress::Coming;
        self.received += count as u64;
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
    }
}

impl<S: Stream, P: Shutdown> Body for Driver<'_, S, P> {
    fn length(&self) -> Option<u64> {
        self.body.left
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while self.body.progress != Progress::Over {
            let received =
                self.connection.receive(self.io.input(), &self.server.limits);
            match received {
                Ok((taken, Some(Received::Data(data)))) => {
                    // The data are the last of what is taken.
                    let count = data.len();
                    self.io.consume(taken - count);
                    self.body.take(count);
                    return Ok(Some(self.io.take(count)));
                }
                Ok((taken, None)) => {
                    self.io.consume(taken);
                    self.fill_body().await?;
                }
                Ok((taken, Some(Received::End(_) | Received::Head(_)))) => {
                    self.io.consume(taken);
                    self.body.progress = Progress::Over;
                }
                Err(broken) => {
                    let response = Box::new(broken.error.response());
                    self.body.progress = Progress::Over;
                    return Err(BodyError::Refused(response));
                }
            }
        }
        Ok(None)
    }
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Waits for more of a request's content to arrive. A client that waits to be
    /// told to send it is told, unless it has begun already.
    async fn fill_body(&mut self) -> Result<(), BodyError> {
        let limits = &self.server.limits;
        if self.body.progress == Progress::Awaited {
            self.body.progress = Progress::Coming;
            let told = self.connection.send_continue(self.io.output());
            told.map_err(io::Error::other)?;
        }
        match self.io.flush(limits.write).await {
            Ok(0) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(self.end_body(error.into())),
        }
        let refused = match timeout(limits.body, self.io.fill(BODY_ROOM)).await {
            Ok(Ok(0)) => {
                let why = "the body ends before it is over";
                Response::error(Status::BAD_REQUEST, why)
            }
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => return Err(self.end_body(error.into())),
            Err(_) => {
                self.server.service.miss(Deadline::Body);
                Response::timed_out()
            }
        };
        Err(self.end_body(BodyError::Refused(Box::new(refused))))
    }

    /// Nothing more of the content is waited for.
    fn end_body(&mut self, error: BodyError) -> BodyError {
        self.connection.stop_receiving();
        self.body.progress = Progress::Over;
        if let BodyError::Io(error) = &error {
            self.body.broken = Some(error.kind().into());
        }
        error
    }
}
