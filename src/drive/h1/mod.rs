//! HTTP/1.1 on a connection: requests and their responses, one after the other.

mod incoming;
mod outgoing;

use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout_at};
use tracing::{debug, error};

use self::incoming::{Incoming, Progress};
use self::outgoing::Failure;
use super::Server;
use crate::h1::connection::Connection;
use crate::h1::receiving::{Broken, Received};
use crate::h1::{Head, Persistence, is_blank};
use crate::io::arrival::Arrival;
use crate::io::body::{Body, BodyError};
use crate::io::buffered::Buffered;
use crate::io::close::{Linger, close};
use crate::io::stream::Stream;
use crate::limits::Limits;
use crate::message::{Method, Response, Status};
use crate::observe::deadline::Deadline;
use crate::observe::record::{Asked, End, Record};
use crate::process::shutdown::Shutdown;
use crate::resource::content::Content;

/// How much room is made for a request's head, in bytes: most heads whole.
const HEAD_ROOM: usize = 2 * 1024;

/// Serves a connection to its end.
pub async fn serve<S, P>(stream: S, server: &Server, arrival: Arrival, shutdown: P)
where
    S: Stream,
    P: Shutdown,
{
    let mut driver = Driver {
        server,
        arrival,
        shutdown,
        io: Buffered::new(stream),
        connection: Connection::default(),
        body: Incoming::default(),
        sent: 0,
    };
    let (peer, limits) = (driver.arrival.peer, &server.limits);
    let failure = match driver.run().await {
        Ok(linger) => {
            // In a box: what is needed at the end alone takes no room until then.
            return Box::pin(close(driver.io.into_stream(), linger)).await;
        }
        Err(failure) => failure,
    };
    match &failure {
        Failure::Client(error) => {
            let deadline = Deadline::of(error);
            deadline.into_iter().for_each(|it| server.service.miss(it));
            return debug!(%peer, "{error}");
        }
        Failure::Refused(error) => debug!(%peer, "{error}"),
        failure => error!(%peer, "{failure}"),
    }
    // What came before it still goes out. What was promised can't be kept: no end that
    // could be taken for one.
    let _ = driver.io.flush(limits.write).await;
}

/// A connection, and what it takes to answer what comes over it.
struct Driver<'a, S, P> {
    server: &'a Server,
    arrival: Arrival,
    shutdown: P,
    io: Buffered<S>,
    connection: Connection,
    /// The content of the request that is being answered.
    body: Incoming,
    /// How many bytes of content have been sent in answer to it.
    sent: u64,
}

/// When a request's head had come, by both clocks.
struct Begun {
    time: SystemTime,
    started: Instant,
}

/// What comes next.
enum Next {
    Request(Head),
    /// Something that is none, with what to say to it.
    Refusal(Option<Method>, Response),
    /// The client has ended its side.
    End,
    /// The client has nothing more to say, and has had its time for it; or we are
    /// ending.
    Silence,
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers request after request, for as long as both sides want to: how long is
    /// lingered then.
    async fn run(&mut self) -> Result<Linger, Failure> {
        let limits = &self.server.limits;
        let mut patience = limits.head_time;
        while self.connection.is_open() {
            match self.next_request(patience).await? {
                Next::Request(head) => Box::pin(self.answer(head)).await?,
                Next::Refusal(method, response) => {
                    Box::pin(self.refuse(method, response)).await?;
                }
                Next::End => break,
                Next::Silence => {
                    debug!(peer = %self.arrival.peer, "no request in time");
                    return Ok(Linger::NONE);
                }
            }
            patience = limits.idle;
        }
        self.io.flush(limits.write).await?;
        Ok(limits.linger)
    }

    /// Reads the next head. Responses leave when there is none to be read yet: those
    /// to requests that came together leave together.
    async fn next_request(&mut self, patience: Duration) -> Result<Next, Failure> {
        let limits = &self.server.limits;
        let (mut idle, mut head) = (None, None);
        loop {
            match self.connection.receive(self.io.input(), limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Next::Request(head));
                }
                Ok((taken, _)) => self.io.consume(taken),
                Err(Broken { error, method }) => {
                    return Ok(Next::Refusal(method, error.response()));
                }
            }
            if self.io.flush(limits.write).await? > 0 {
                continue;
            }
            let is_idle = is_blank(self.io.input());
            let (deadline, time) = match is_idle {
                true => (&mut idle, patience),
                false => (&mut head, limits.head_time),
            };
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + time);
            let count = tokio::select! {
                biased;
                count = timeout_at(deadline, self.io.fill(HEAD_ROOM)) => count,
                () = self.shutdown.requested(), if is_idle => {
                    return Ok(Next::Silence);
                }
            };
            match count {
                Ok(Ok(0)) => return Ok(Next::End),
                // A client can see to it that there always is more: it is late all the same.
                Ok(count) if is_idle || Instant::now() < deadline => drop(count?),
                Err(_) if is_idle => {
                    self.server.service.miss(Deadline::Idle);
                    return Ok(Next::Silence);
                }
                _ => {
                    self.server.service.miss(Deadline::Head);
                    let method = self.connection.method().cloned();
                    return Ok(Next::Refusal(method, Response::timed_out()));
                }
            }
        }
    }

    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        let begun = self.begin(Incoming::of(&head));
        let request = head.request;
        let (server, arrival) = (self.server, self.arrival.clone());
        let response = server.service.call(&request, self, &arrival).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        let (status, method) = (response.status, Some(&request.method));
        let sent =
            self.respond(Some(&request), method, response, persistence).await;
        self.observe(begun, Asked::Request(&request), status, &sent);
        sent
    }

    /// Says what is wrong with something that was no request.
    async fn refuse(
        &mut self,
        method: Option<Method>,
        response: Response,
    ) -> Result<(), Failure> {
        self.connection.expect_refusal();
        let begun = self.begin(Incoming::default());
        let (status, response) = (response.status, response.map(Content::from));
        let sent =
            self.respond(None, method.as_ref(), response, Persistence::Close).await;
        let text = self.io.input().trim_ascii_start();
        let line = text.split(|byte| b"\r\n".contains(byte)).next();
        self.observe(begun, Asked::Line(line.unwrap_or_default()), status, &sent);
        sent
    }

    /// Starts to count what comes and goes, and to time it if anybody wants to know.
    fn begin(&mut self, body: Incoming) -> Option<Begun> {
        self.body = body;
        self.sent = 0;
        let is_observed = !self.server.service.observers.is_empty();
        is_observed
            .then(|| Begun { time: SystemTime::now(), started: Instant::now() })
    }

    /// Reads what the service has left of a request's content, if that is little and is
    /// there before long, so that another request can follow. If it breaks a rule, that is the response.
    async fn read_rest(
        &mut self,
        response: Response<Content>,
    ) -> (Response<Content>, Persistence) {
        let Limits { unwanted: most, unwanted_time, .. } = *self.server.limits;
        if response.body.needs_request() {
            return (response, Persistence::KeepAlive);
        }
        let before = self.body.received;
        let mut deadline = None;
        while self.body.progress != Progress::Over {
            let is_too_long = self.body.left.is_some_and(|left| left >= most)
                || self.body.received - before > most;
            if is_too_long || self.body.progress == Progress::Awaited {
                self.connection.stop_receiving();
                return (response, Persistence::Close);
            }
            let deadline =
                *deadline.get_or_insert_with(|| Instant::now() + unwanted_time);
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(_)) => {}
                Ok(Err(BodyError::Refused(response))) => {
                    return (response.map(Content::from), Persistence::Close);
                }
                Ok(Err(BodyError::Io(_))) => return (response, Persistence::Close),
                Err(_) => {
                    self.connection.stop_receiving();
                    return (response, Persistence::Close);
                }
            }
        }
        let persistence = match self.connection.is_between_requests() {
            true => Persistence::KeepAlive,
            false => Persistence::Close,
        };
        (response, persistence)
    }

    fn observe(
        &self,
        begun: Option<Begun>,
        asked: Asked,
        status: Status,
        sent: &Result<(), Failure>,
    ) {
        let Some(Begun { time, started }) = begun else { return };
        self.server.service.observe(&Record {
            arrival: &self.arrival,
            asked,
            status,
            received: self.body.received,
            sent: self.sent,
            time,
            duration: started.elapsed(),
            end: if sent.is_ok() { End::Whole } else { End::Cut },
        });
    }
}
