//! Part 5's conversation, over whatever carries bytes: read a request, answer it,
//! and go on for as long as that makes sense.

use std::io;
use std::time::{Duration, Instant};

use rohttp::h1::{self, Persistence};
use rohttp::io::arrival::Arrival;
use rohttp::io::close::{Linger, close};
use rohttp::io::stream::Stream;
use rohttp::limits::HeadLimits;
use rohttp::message::{Method, Response, Target};
use rohttp::net::serve::ServeConnection;
use rohttp::process::shutdown::{ServerShutdown, Shutdown};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tracing::{debug, info};

use super::answer::Reply;

/// How long a head may take to arrive, from the end of the last response: half of
/// what it takes a browser over a bad line, many times what it takes over a good.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a client may take to make room for a response.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// How much room is made for what the client sends next: most heads whole.
const READ: usize = 2 * 1024;
/// The refusal that ends a connection: three are forgiven.
const LAST_STRIKE: u32 = 4;

/// What holds conversations.
#[derive(Clone)]
pub struct Verse;

impl ServeConnection<ServerShutdown> for Verse {
    async fn serve_connection<S>(
        self,
        stream: S,
        arrival: Arrival,
        shutdown: ServerShutdown,
    ) where
        S: Stream,
    {
        let peer = arrival.peer;
        let mut conversation = Conversation { stream, arrival, shutdown };
        match conversation.exchange().await {
            Ok(()) => close(conversation.stream, Linger::default()).await,
            Err(error) => debug!(%peer, "{error}"),
        }
    }
}

struct Conversation<S> {
    stream: S,
    arrival: Arrival,
    shutdown: ServerShutdown,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    /// Answers requests until one gets the verse, or cannot be followed by another.
    async fn exchange(&mut self) -> io::Result<()> {
        let mut input = Vec::new();
        for strike in 1..=LAST_STRIKE {
            let Some((target, mut reply)) = self.read(&mut input).await? else {
                break;
            };
            let started = Instant::now();
            if strike == LAST_STRIKE || self.shutdown.is_requested() {
                reply.persistence = Persistence::Close;
            }
            let persistence = reply.persistence;
            self.write(target, reply, started).await?;
            if persistence == Persistence::Close {
                break;
            }
        }
        Ok(())
    }

    /// Reads the next head, takes it out of `input`, and makes up the reply; none
    /// if the client has nothing to say, or we are ending before it began.
    async fn read(
        &mut self,
        input: &mut Vec<u8>,
    ) -> io::Result<Option<(Option<Target>, Reply)>> {
        let limits = HeadLimits::default();
        let mut parser = h1::Parser::default();
        let reply = timeout(HEAD_DEADLINE, async {
            loop {
                match parser.parse(input, &limits) {
                    Ok(Some(head)) => {
                        input.drain(..head.length);
                        let reply = Reply::to(&head, self.arrival.scheme);
                        return Ok(Some((
                            Some(head.request.target.clone()),
                            reply,
                        )));
                    }
                    Ok(None) => input.reserve(READ),
                    Err(error) => {
                        let response = error.response();
                        let reply = Reply::refusal(parser.method(), response);
                        return Ok(Some((None, reply)));
                    }
                }
                let idle = h1::is_blank(input);
                let count = tokio::select! {
                    biased;
                    count = self.stream.read_buf(input) => count?,
                    () = self.shutdown.requested(), if idle => 0,
                };
                if count == 0 {
                    return Ok(None);
                }
            }
        });
        match reply.await {
            Ok(reply) => reply,
            Err(_) if h1::is_blank(input) => Ok(None),
            Err(_) => {
                let response = Response::timed_out();
                Ok(Some((None, Reply::refusal(parser.method(), response))))
            }
        }
    }

    /// Sends a reply, and says in one line what has been asked and answered.
    async fn write(
        &mut self,
        target: Option<Target>,
        reply: Reply,
        started: Instant,
    ) -> io::Result<()> {
        let (method, status) = (reply.method.clone(), reply.response.status);
        let length = match method {
            Some(Method::Head) => 0,
            _ => reply.response.body.len(),
        };
        let bytes = reply.encode();
        let write = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        timeout(WRITE_DEADLINE, write).await??;
        info!(
            peer = %self.arrival.peer,
            port = self.arrival.local.port(),
            method = %method.as_ref().map_or("-", Method::as_str),
            target = %target.map_or("-".into(), |target| target.to_string()),
            status = status.code(),
            bytes = length,
            time = ?started.elapsed(),
        );
        Ok(())
    }
}
