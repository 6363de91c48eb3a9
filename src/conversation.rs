//! Part 5's conversation, over whatever carries bytes: read a request, answer it,
//! and go on for as long as that makes sense.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tracing::{debug, info};

use crate::answer::{answer, refuse, timed_out};
use crate::close::close;
use crate::date;
use crate::h1::{self, Body, Connection, Head};
use crate::message::{Method, Response, Scheme, Status, Target};
use crate::signals::Guest;

/// How long a head may take to arrive, from the end of the last response: half of
/// what it takes a browser over a bad line, many times what it takes over a good.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a client may take to make room for a response.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// How much room is made for what the client sends next: most heads whole.
const READ: usize = 2 * 1024;
/// The refusal that ends a connection: three are forgiven.
const LAST_STRIKE: u32 = 4;

/// Who is at the other end, and how they came.
pub struct Caller {
    /// Their address.
    pub peer: SocketAddr,
    /// The port of ours that they called.
    pub port: u16,
    /// What is spoken there.
    pub scheme: Scheme,
    /// How they learn that the server is ending.
    pub guest: Guest,
}

impl Caller {
    /// Holds a conversation, to its end.
    pub async fn converse<S>(mut self, mut stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match self.exchange(&mut stream).await {
            Ok(()) => close(stream).await,
            Err(error) => debug!(peer = %self.peer, port = self.port, "{error}"),
        }
    }

    /// Answers requests until one gets the verse, or cannot be followed by another.
    async fn exchange<S>(&mut self, stream: &mut S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut input = Vec::new();
        for strike in 1..=LAST_STRIKE {
            let Some(mut reply) = self.read(stream, &mut input).await? else {
                break;
            };
            let started = Instant::now();
            if strike == LAST_STRIKE || self.guest.is_told() {
                reply.connection = Connection::Close;
            }
            let bytes = reply.encode();
            let write = async {
                stream.write_all(&bytes).await?;
                stream.flush().await
            };
            timeout(WRITE_DEADLINE, write).await??;
            self.log(&reply, started);
            if reply.connection == Connection::Close {
                break;
            }
        }
        Ok(())
    }

    /// Reads the next head, takes it out of `input`, and makes up the reply; none
    /// if the client has nothing to say, or we are ending before it began.
    async fn read<S>(
        &mut self,
        stream: &mut S,
        input: &mut Vec<u8>,
    ) -> io::Result<Option<Reply>>
    where
        S: AsyncRead + Unpin,
    {
        let mut parser = h1::Parser::default();
        let head = timeout(HEAD_DEADLINE, async {
            loop {
                match parser.parse(input) {
                    Ok(Some(head)) => {
                        input.drain(..head.length);
                        return Ok(Some(Reply::to(head, self.scheme)));
                    }
                    Ok(None) => input.reserve(READ),
                    Err(error) => {
                        return Ok(Some(Reply::refusal(&parser, refuse(error))));
                    }
                }
                let idle = h1::is_blank(input);
                let count = tokio::select! {
                    biased;
                    count = stream.read_buf(input) => count?,
                    () = self.guest.told(), if idle => 0,
                };
                if count == 0 {
                    return Ok(None);
                }
            }
        });
        match head.await {
            Ok(reply) => reply,
            Err(_) if h1::is_blank(input) => Ok(None),
            Err(_) => Ok(Some(Reply::refusal(&parser, timed_out()))),
        }
    }

    /// One line a request.
    fn log(&self, reply: &Reply, started: Instant) {
        info!(
            peer = %self.peer,
            port = self.port,
            method = %reply.method.as_ref().map_or("-", Method::as_str),
            target = %reply.target.as_ref().map_or("-".into(), Target::to_string),
            status = reply.response.status.code(),
            bytes = reply.body_length(),
            time = ?started.elapsed(),
        );
    }
}

/// A response, and what it is a response to, as far as that is known.
struct Reply {
    method: Option<Method>,
    target: Option<Target>,
    response: Response,
    connection: Connection,
}

impl Reply {
    /// The connection can go on: not after the verse, not past a body that nobody
    /// is going to read, and not if the client would rather it did not.
    fn to(head: Head, scheme: Scheme) -> Reply {
        let response = answer(&head.request, scheme);
        let connection = match (response.status, head.body) {
            (Status::OK, _) | (_, Body::Length(_) | Body::Chunked) => {
                Connection::Close
            }
            (_, Body::None) => head.connection,
        };
        let (method, target) =
            (Some(head.request.method), Some(head.request.target));
        Reply { method, target, response, connection }
    }

    /// What can't be read to its end can't be followed by anything.
    fn refusal(parser: &h1::Parser, response: Response) -> Reply {
        let method = parser.method().cloned();
        Reply { method, target: None, response, connection: Connection::Close }
    }

    fn encode(&self) -> Vec<u8> {
        let method = self.method.as_ref();
        h1::encode(&self.response, method, self.connection, &date::now())
    }

    fn body_length(&self) -> usize {
        match self.method {
            Some(Method::Head) => 0,
            _ => self.response.body.len(),
        }
    }
}
