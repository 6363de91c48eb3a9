//! A request's content, on its way in.

use std::io;

use bytes::Bytes;

use crate::message::Response;

/// A request's content, which comes as it is asked for and no faster.
pub trait Body: Send {
    /// How many bytes are still to come, if that is known.
    fn length(&self) -> Option<u64>;

    /// Waits for more of it; nothing at its end.
    ///
    /// # Errors
    /// If it can't be read to its end.
    fn next(
        &mut self,
    ) -> impl Future<Output = Result<Option<Bytes>, BodyError>> + Send;
}

/// Why content can't be read on.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client broke a rule, or took too long: this is to be said to it, if
    /// nothing else has been.
    #[error("{} in the request's content", .0.status.reason())]
    Refused(Box<Response>),
    /// The connection is gone.
    #[error(transparent)]
    Io(#[from] io::Error),
}
