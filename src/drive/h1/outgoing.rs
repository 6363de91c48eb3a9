//! A response, pushed to the connection.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::Driver;
use crate::h1::Persistence;
use crate::h1::sending::Misuse;
use crate::io::body::{Body, BodyError};
use crate::io::buffered::LENT;
use crate::io::disk::DiskError;
use crate::io::stream;
use crate::io::stream::Stream;
use crate::message::{Method, Request, Response};
use crate::process::shutdown::Shutdown;
use crate::resource::content::{self, Content, ContentError, Piece};

/// How much output may gather before it must leave.
const OUTPUT_ROOM: usize = 32 * 1024;
/// How much of a file is read in one go: it waits in memory for a client who may not
/// come for it.
const CONTENT_ROOM: usize = 32 * 1024;

/// How much of a file the system is given to send in one go. With four times as much, a
/// film cost no less.
const HANDED: usize = 1024 * 1024;

/// Why a connection breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The client went, or made no room.
    #[error(transparent)]
    Client(#[from] io::Error),
    /// The client did not keep to the rules when a response had begun.
    #[error(transparent)]
    Refused(BodyError),
    /// What is to be sent can't be had.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// We have lost the thread.
    #[error(transparent)]
    Misuse(#[from] Misuse),
    /// There is nobody to read a file.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Failure {
        match error {
            BodyError::Io(error) => Failure::Client(error),
            refused => Failure::Refused(refused),
        }
    }
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends a response.
    pub(super) async fn respond(
        &mut self,
        request: Option<&Request>,
        method: Option<&Method>,
        response: Response<Content>,
        persistence: Persistence,
    ) -> Result<(), Failure> {
        let service = &self.server.service;
        let response = service.finish(response, request, method, &self.arrival);
        let persistence = match self.shutdown.is_requested() {
            true => Persistence::Close,
            false => persistence,
        };
        let content = self.connection.respond(
            self.io.output(),
            response,
            Content::length,
            persistence,
        )?;
        match content {
            Some(content) => self.send(content).await,
            None => Ok(()),
        }
    }

    /// Sends content. Files are read where that makes nobody else wait.
    async fn send(&mut self, mut content: Content) -> Result<(), Failure> {
        loop {
            if self.io.output().is_empty() {
                self.pass(&mut content).await?;
            }
            let Some(piece) = content.next(CONTENT_ROOM) else { break };
            match piece {
                Piece::Bytes(bytes) => self.data(bytes).await?,
                Piece::File(file, range) => {
                    let bytes = match content::read_at_once(&file, &range) {
                        Some(bytes) => bytes,
                        None => {
                            let read = move || content::read(&file, range);
                            self.server.service.disk.run(read).await??
                        }
                    };
                    self.data(bytes).await?;
                }
                Piece::Request(_) => {
                    while let Some(bytes) = self.next().await? {
                        self.data(bytes).await?;
                    }
                }
            }
        }
        self.connection.end(self.io.output())?;
        Ok(())
    }

    /// Sends what comes next of a file, as long as that makes nobody wait, and keeps
    /// none of it: what the client does not take is read again.
    async fn pass(&mut self, content: &mut Content) -> Result<(), Failure> {
        let patience = self.server.limits.write;
        let mut room = CONTENT_ROOM;
        while let Some((file, range)) = content.next_file() {
            let left = (range.end - range.start) as usize;
            // Who has taken a piece whole is quick. For little it is not worth a thread.
            let handed = match room > CONTENT_ROOM && left > LENT {
                true => self.hand_over(file.clone(), range.clone()).await,
                false => None,
            };
            let (count, most) = match handed {
                Some(count) => (count, left.min(HANDED)),
                None => {
                    let most = left.min(room);
                    let read = |into: &mut [u8]| {
                        content::read_into_at_once(file, range.start, into)
                    };
                    match self.io.pass(most, read, patience).await? {
                        Some(count) => (count, most),
                        None => break,
                    }
                }
            };
            content.skip(count as u64);
            self.connection.passed(count as u64)?;
            self.sent += count as u64;
            // Who takes all that is offered is offered more.
            room = if count == most { (2 * room).min(LENT) } else { CONTENT_ROOM };
        }
        Ok(())
    }

    /// Has the system send a file, on a thread that may wait for the disk, as far as
    /// the client has room: how many bytes; nothing if there is no such thread, or it
    /// can't be sent like that.
    async fn hand_over(
        &mut self,
        file: Arc<File>,
        range: Range<u64>,
    ) -> Option<usize> {
        let socket = stream::socket_of(self.io.stream())?;
        let range = range.start..range.end.min(range.start + HANDED as u64);
        let send = move || stream::send_file(&socket, &file, range);
        let count = self.server.service.disk.run_now(send).await.ok()??;
        self.io.stream().sent(count);
        Some(count as usize)
    }

    async fn data(&mut self, bytes: Bytes) -> Result<(), Failure> {
        let length = bytes.len() as u64;
        self.connection.data(self.io.output(), bytes)?;
        self.sent += length;
        if self.io.output().len() >= OUTPUT_ROOM {
            self.io.flush(self.server.limits.write).await?;
        }
        Ok(())
    }
}
