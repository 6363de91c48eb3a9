//! What is written to a connection next.

use bytes::Bytes;

use super::chunked;
use super::encode;
use super::{Head, Persistence};
use crate::io::output::Output;
use crate::message::{FieldName, FieldValue, Response, Version};

/// What is written next.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Nothing: there is no request without its response.
    #[default]
    Idle,
    /// The response to a request.
    Response(Pending),
    /// So many bytes of content; and what then becomes of the connection.
    Length(u64, Persistence),
    /// Content in chunks; and what then becomes of the connection.
    Chunked(Persistence),
    /// Content whose end is that of the connection.
    UntilClose,
    /// Nothing any more.
    Closed,
}

/// What a request has to say about the response that is to come.
#[derive(Debug, PartialEq, Eq)]
pub struct Pending {
    version: Version,
    persistence: Persistence,
}

/// Something that is not what comes next on a connection: a mistake of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not what comes next, but {state}")]
pub struct Misuse {
    what: &'static str,
    state: String,
}

impl Sending {
    /// A request has come, to which a response is now expected.
    ///
    /// # Errors
    /// If another is.
    pub fn expect_response(self, head: &Head) -> Result<Sending, Misuse> {
        match self {
            Sending::Idle => Ok(Sending::Response(Pending {
                version: head.request.version,
                persistence: head.persistence,
            })),
            other => Err(other.misuse("a request")),
        }
    }

    /// What is no request gets a response too, and then nothing more; unless another
    /// response has begun.
    pub fn expect_refusal(self) -> Sending {
        match self {
            Sending::Idle => Sending::Response(Pending {
                version: Version::HTTP_11,
                persistence: Persistence::Close,
            }),
            other => other,
        }
    }

    /// Tells the client to go on and send the body (RFC 9110 section 15.2.1).
    ///
    /// # Errors
    /// If the response has begun, or there is no request.
    pub fn send_continue(self, output: &mut Output) -> Result<Sending, Misuse> {
        match self {
            Sending::Response(pending) => {
                output.push(Bytes::from_static(b"HTTP/1.1 100 Continue\r\n\r\n"));
                Ok(Sending::Response(pending))
            }
            other => Err(other.misuse("100 Continue")),
        }
    }

    /// Writes the response's head, with how its content is framed: by `length` bytes,
    /// or, where that is not known, in chunks, or for HTTP/1.0 by the end of the
    /// connection. Afterwards the connection closes if either side wants it to.
    ///
    /// # Errors
    /// If no response is expected.
    pub fn respond<B>(
        self,
        output: &mut Output,
        mut response: Response<Option<B>>,
        length: impl FnOnce(&B) -> Option<u64>,
        persistence: Persistence,
    ) -> Result<(Sending, Option<B>), Misuse> {
        let Sending::Response(pending) = self else {
            return Err(self.misuse("a response"));
        };
        let mut then = pending.persistence.and(persistence);
        let next = match response.body.as_ref().map(length) {
            None | Some(Some(0)) => Sending::after(then),
            Some(Some(length)) => Sending::Length(length, then),
            Some(None) if pending.version < Version::HTTP_11 => {
                then = Persistence::Close;
                Sending::UntilClose
            }
            Some(None) => {
                let chunked = FieldValue::from_static("chunked");
                response.headers.push(FieldName::TRANSFER_ENCODING, chunked);
                Sending::Chunked(then)
            }
        };
        if then == Persistence::KeepAlive && pending.version < Version::HTTP_11 {
            let keep_alive = FieldValue::from_static("keep-alive");
            response.headers.push(FieldName::CONNECTION, keep_alive);
        }
        output.write(|buffer| encode::head(buffer, &response, then));
        Ok((next, response.body))
    }

    /// Appends content, as it is framed.
    ///
    /// # Errors
    /// If no content comes next, or less than that.
    pub fn data(self, output: &mut Output, data: Bytes) -> Result<Sending, Misuse> {
        if let Sending::Chunked(_) = self {
            chunked::chunk(output, data);
            return Ok(self);
        }
        let next = self.passed(data.len() as u64)?;
        output.push(data);
        Ok(next)
    }

    /// So much content goes out as it is.
    ///
    /// # Errors
    /// If none comes next, or less than that, or it needs a frame.
    pub fn passed(self, length: u64) -> Result<Sending, Misuse> {
        match self {
            Sending::Length(left, then) if left > length => {
                Ok(Sending::Length(left - length, then))
            }
            Sending::Length(left, then) if left == length => {
                Ok(Sending::after(then))
            }
            Sending::UntilClose => Ok(self),
            other => Err(other.misuse("content")),
        }
    }

    /// Appends what ends the content. Where it has a length, that has ended it.
    ///
    /// # Errors
    /// If there is more of it to come.
    pub fn end(self, output: &mut Output) -> Result<Sending, Misuse> {
        match self {
            Sending::Chunked(then) => {
                output.push(Bytes::from_static(chunked::LAST_CHUNK));
                Ok(Sending::after(then))
            }
            Sending::UntilClose => Ok(Sending::Closed),
            Sending::Idle | Sending::Closed => Ok(self),
            other => Err(other.misuse("the end of the content")),
        }
    }

    fn after(then: Persistence) -> Sending {
        match then {
            Persistence::KeepAlive => Sending::Idle,
            Persistence::Close => Sending::Closed,
        }
    }

    fn misuse(self, what: &'static str) -> Misuse {
        Misuse { what, state: format!("{self:?}") }
    }
}
