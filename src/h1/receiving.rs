//! What is read from a connection next.
//!
//! An enum whose states consume themselves: what has been is gone, and what a state
//! does not offer can't be done in it.

use super::chunked::{Decoded, Decoder};
use super::{BodyLength, Error, Head, Parser};
use crate::limits::Limits;
use crate::message::{Headers, Method};

/// What is read next.
#[derive(Debug)]
pub enum Receiving {
    /// A request's head, of which some may have been read.
    Head(Parser),
    /// So many bytes of a body.
    Length(u64),
    /// A body in chunks.
    Chunked(Decoder),
    /// Nothing any more.
    Closed,
}

/// What has been read.
#[derive(Debug)]
pub enum Received<'a> {
    /// A request. If it has a body, that comes next.
    Head(Head),
    /// Some of the body.
    Data(&'a [u8]),
    /// The end of the body, and the trailer fields of a chunked one.
    End(Headers),
}

/// How reading goes on: in which state, after how many bytes, and what they were;
/// nothing if more must come first.
pub type Step<'a> = (Receiving, usize, Option<Received<'a>>);

/// What can't be read on.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule that is broken.
    pub error: Error,
    /// In a request of which method, if it is its head that breaks the rule and the
    /// method is known.
    pub method: Option<Method>,
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken { error, method: None }
    }
}

impl Default for Receiving {
    fn default() -> Receiving {
        Receiving::Head(Parser::default())
    }
}

impl Receiving {
    /// Reads on in `input`, which begins with the first byte that was not taken. How
    /// it was cut on its way makes no difference.
    ///
    /// # Errors
    /// If `input` breaks a rule, or goes beyond `limits`.
    pub fn receive<'a>(
        self,
        input: &'a [u8],
        limits: &Limits,
    ) -> Result<Step<'a>, Broken> {
        match self {
            Receiving::Head(mut parser) => {
                match parser.parse(input, &limits.head) {
                    Ok(None) => Ok((Receiving::Head(parser), 0, None)),
                    Ok(Some(head)) => {
                        let next = match head.body {
                            BodyLength::None => Receiving::Head(Parser::default()),
                            BodyLength::Known(length) => Receiving::Length(length),
                            BodyLength::Chunked => {
                                Receiving::Chunked(Decoder::default())
                            }
                        };
                        let length = head.length;
                        Ok((next, length, Some(Received::Head(head))))
                    }
                    Err(error) => {
                        let method = parser.method().cloned();
                        Err(Broken { error, method })
                    }
                }
            }
            Receiving::Length(0) => {
                let end = Received::End(Headers::default());
                Ok((Receiving::Head(Parser::default()), 0, Some(end)))
            }
            Receiving::Length(length) => {
                let here = usize::try_from(length).unwrap_or(usize::MAX);
                let data = input.get(..here).unwrap_or(input);
                let next = Receiving::Length(length - data.len() as u64);
                let received = (!data.is_empty()).then_some(Received::Data(data));
                Ok((next, data.len(), received))
            }
            Receiving::Chunked(mut decoder) => {
                let (taken, piece) = decoder.decode(input, limits)?;
                Ok(match piece {
                    None => (Receiving::Chunked(decoder), taken, None),
                    Some(Decoded::Data(data)) => {
                        let data = Received::Data(data);
                        (Receiving::Chunked(decoder), taken, Some(data))
                    }
                    Some(Decoded::End(trailers)) => {
                        let end = Received::End(trailers);
                        (Receiving::Head(Parser::default()), taken, Some(end))
                    }
                })
            }
            Receiving::Closed => Ok((Receiving::Closed, 0, None)),
        }
    }
}
