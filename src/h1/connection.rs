//! A connection's two halves: what is read from it next, and what is written to it.
//!
//! Each is an enum whose states consume themselves: what has been is gone, and what
//! a state does not offer can't be done in it. Neither half knows of the other, so
//! that a response may begin before its request has ended, and the other way round.

use super::chunked::{self, Decoder, Piece};
use super::encode;
use super::{Body, Connection, Error, Head, Parser};
use crate::date::ImfFixdate;
use crate::message::{
    FieldName, FieldValue, Headers, Method, Request, Response, Version,
};

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
    Head(Box<Head>),
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
    pub fn receive(self, input: &[u8]) -> Result<Step<'_>, Broken> {
        match self {
            Receiving::Head(mut parser) => match parser.parse(input) {
                Ok(None) => Ok((Receiving::Head(parser), 0, None)),
                Ok(Some(head)) => {
                    let next = match head.body {
                        Body::None => Receiving::Head(Parser::default()),
                        Body::Length(length) => Receiving::Length(length),
                        Body::Chunked => Receiving::Chunked(Decoder::default()),
                    };
                    let length = head.length;
                    Ok((next, length, Some(Received::Head(Box::new(head)))))
                }
                Err(error) => {
                    let method = parser.method().cloned();
                    Err(Broken { error, method })
                }
            },
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
                let (taken, piece) = decoder.decode(input)?;
                Ok(match piece {
                    None => (Receiving::Chunked(decoder), taken, None),
                    Some(Piece::Data(data)) => {
                        let data = Received::Data(data);
                        (Receiving::Chunked(decoder), taken, Some(data))
                    }
                    Some(Piece::End(trailers)) => {
                        let end = Received::End(trailers);
                        (Receiving::Head(Parser::default()), taken, Some(end))
                    }
                })
            }
            Receiving::Closed => Ok((Receiving::Closed, 0, None)),
        }
    }

    /// The method of the request whose head is being read, as soon as it is known.
    pub fn method(&self) -> Option<&Method> {
        match self {
            Receiving::Head(parser) => parser.method(),
            _ => None,
        }
    }
}

/// What is written next.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Nothing: there is no request without its response.
    #[default]
    Idle,
    /// The response to a request.
    Response(Owed),
    /// So many bytes of content; and what then becomes of the connection.
    Length(u64, Connection),
    /// Content in chunks; and what then becomes of the connection.
    Chunked(Connection),
    /// Nothing any more.
    Closed,
}

/// What a request has to say about its response.
#[derive(Debug, PartialEq, Eq)]
pub struct Owed {
    version: Version,
    /// Whether no content goes with the head: the method is HEAD.
    bare: bool,
    /// Whether the client would stay for more.
    connection: Connection,
}

impl Sending {
    /// A request has come, to which a response is now owed.
    pub fn owe(self, request: &Request) -> Sending {
        match self {
            Sending::Idle => Sending::Response(Owed {
                version: request.version,
                bare: request.method == Method::Head,
                connection: persistence(request),
            }),
            other => other.misused(),
        }
    }

    /// What is no request gets a response too, and then nothing more; unless another
    /// response has begun.
    pub fn owe_refusal(self, method: Option<&Method>) -> Sending {
        match self {
            Sending::Idle => Sending::Response(Owed {
                version: Version::Http11,
                bare: method == Some(&Method::Head),
                connection: Connection::Close,
            }),
            other => other,
        }
    }

    /// Tells the client to go on and send the body (RFC 9110 section 15.2.1).
    pub fn go_on(self, output: &mut Vec<u8>) -> Sending {
        match self {
            Sending::Response(owed) => {
                output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                Sending::Response(owed)
            }
            other => other.misused(),
        }
    }

    /// Writes the response's head, with how its content is framed. The connection
    /// closes afterwards if either side wants it to.
    pub fn respond<B>(
        self,
        output: &mut Vec<u8>,
        mut response: Response<B>,
        body: Body,
        connection: Connection,
        date: &ImfFixdate,
    ) -> Sending {
        const CONNECTION: FieldName = FieldName::from_static("Connection");
        const KEEP_ALIVE: FieldValue = FieldValue::from_static("keep-alive");
        let Sending::Response(owed) = self else { return self.misused() };
        let then = match (owed.connection, connection) {
            (Connection::Open, Connection::Open) => Connection::Open,
            _ => Connection::Close,
        };
        if then == Connection::Open && owed.version == Version::Http10 {
            response.headers.push(CONNECTION, KEEP_ALIVE);
        }
        encode::head(output, &response, body, then, date);
        match body {
            _ if owed.bare => Sending::after(then),
            Body::None | Body::Length(0) => Sending::after(then),
            Body::Length(length) => Sending::Length(length, then),
            Body::Chunked => Sending::Chunked(then),
        }
    }

    /// Appends content, as it is framed.
    pub fn content(self, output: &mut Vec<u8>, data: &[u8]) -> Sending {
        match self {
            Sending::Length(..) => {
                output.extend_from_slice(data);
                self.sent(data.len())
            }
            Sending::Chunked(then) => {
                chunked::chunk(output, data);
                Sending::Chunked(then)
            }
            other => other.misused(),
        }
    }

    /// So much content has been written that is framed by its length.
    pub fn sent(self, length: usize) -> Sending {
        match self {
            Sending::Length(left, then) if left > length as u64 => {
                Sending::Length(left - length as u64, then)
            }
            Sending::Length(left, then) if left == length as u64 => {
                Sending::after(then)
            }
            other => other.misused(),
        }
    }

    /// Appends what ends the content. Where it has a length, that has ended it.
    pub fn end(self, output: &mut Vec<u8>) -> Sending {
        match self {
            Sending::Chunked(then) => {
                output.extend_from_slice(chunked::LAST_CHUNK);
                Sending::after(then)
            }
            other => other,
        }
    }

    fn after(then: Connection) -> Sending {
        match then {
            Connection::Open => Sending::Idle,
            Connection::Close => Sending::Closed,
        }
    }

    fn misused(self) -> Sending {
        unreachable!("not what comes next: {self:?}")
    }
}

/// Whether a client would stay for another response, in the order of RFC 9112
/// section 9.3.
fn persistence(request: &Request) -> Connection {
    let has = |option: &[u8]| {
        let mut options = request.headers.list("Connection");
        options.any(|other| other.eq_ignore_ascii_case(option))
    };
    match request.version {
        _ if has(b"close") => Connection::Close,
        Version::Http11 => Connection::Open,
        Version::Http10 if has(b"keep-alive") => Connection::Open,
        Version::Http10 => Connection::Close,
    }
}

/// What a client expects before it sends a body (RFC 9110 section 10.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    None,
    /// To be told to go on.
    Continue,
    /// Something that nobody has defined.
    Unknown,
}

impl Expectation {
    /// What `request` expects. HTTP/1.0 does not know the field.
    pub fn of(request: &Request) -> Expectation {
        let is_continue =
            |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
        let mut expectations = request.headers.list("Expect").peekable();
        match request.version {
            Version::Http10 => Expectation::None,
            Version::Http11 if expectations.peek().is_none() => Expectation::None,
            Version::Http11 if expectations.all(is_continue) => {
                Expectation::Continue
            }
            Version::Http11 => Expectation::Unknown,
        }
    }
}
