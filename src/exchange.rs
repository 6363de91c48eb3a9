//! A connection's conversation: requests and their responses, one after the other.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use tracing::debug;

use crate::access_log::{AccessLog, Entry};
use crate::answer::{refusal, refuse, timed_out};
use crate::close::close;
use crate::content::Content;
use crate::date;
use crate::h1::connection::{Expectation, Received, Receiving, Sending};
use crate::h1::{Body, Connection, Head};
use crate::message::{Method, Request, Response, Status};
use crate::ports::{Caller, Host};
use crate::representation::NOT_MODIFIED;
use crate::site::{EXPECTATION_FAILED, Site, Via};
use crate::wire::Wire;

/// How long a head may take to arrive, from its first byte; and from the start of
/// the connection.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a client may think before its next request. nginx allows 75 s.
pub const IDLE_DEADLINE: Duration = Duration::from_secs(60);
/// The most bytes of a body that are read for no other reason than that another
/// request may stand behind it. To close costs a handshake, about as much.
pub const MAX_UNWANTED: u64 = 64 * 1024;
/// The most bytes of a body that are kept to be sent back in one piece.
pub const MAX_WHOLE: usize = 16 * 1024;
/// The largest file that is read in the same go as it is found.
const MAX_LOADED: u64 = 64 * 1024;

/// What all connections share.
#[derive(Clone)]
pub struct Server {
    /// What is served.
    pub site: Arc<Site>,
    /// Where it is written down who asked for what.
    pub access_log: Option<Arc<AccessLog>>,
}

impl Host for Server {
    async fn converse<S>(self, caller: Caller, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let via = Via { scheme: caller.scheme, local: caller.local };
        let wire = Wire::new(stream);
        let mut conversation = Conversation { server: self, caller, via, wire };
        match conversation.exchange().await {
            Ok(()) => close(conversation.wire.into_stream()).await,
            // What was promised can't be kept: no end that could be taken for one.
            Err(error) => debug!(peer = %conversation.caller.peer, "{error}"),
        }
    }
}

/// A connection, and what it takes to answer what comes over it.
struct Conversation<S> {
    server: Server,
    caller: Caller,
    via: Via,
    wire: Wire<S>,
}

/// What comes next.
enum Next {
    /// A request.
    Request(Box<Head>),
    /// Something that is none, with what to say to it.
    Refusal(Option<Method>, Response),
    /// Nothing more.
    Nothing,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Conversation<S> {
    /// Answers request after request, for as long as both sides want to.
    async fn exchange(&mut self) -> io::Result<()> {
        let mut patience = HEAD_DEADLINE;
        while self.wire.sending == Sending::Idle {
            match self.next(patience).await? {
                Next::Request(head) => self.answer(head).await?,
                Next::Refusal(method, response) => {
                    self.wire
                        .send(|sending, _| sending.owe_refusal(method.as_ref()));
                    self.respond(None, response.into(), Connection::Close).await?;
                }
                Next::Nothing => break,
            }
            patience = IDLE_DEADLINE;
        }
        self.wire.flush().await
    }

    /// Reads the next head. Responses leave when there is none to be read yet: those
    /// to requests that came together leave together.
    async fn next(&mut self, patience: Duration) -> io::Result<Next> {
        let mut deadline = None;
        loop {
            let head = self.wire.receive(|received, _, _| match received {
                Received::Head(head) => Some(head),
                Received::Data(_) | Received::End(_) => None,
            });
            match head {
                Ok(Some(Some(head))) => return Ok(Next::Request(head)),
                Ok(_) => {}
                Err(broken) => {
                    return Ok(Next::Refusal(broken.method, refuse(broken.error)));
                }
            }
            self.wire.flush().await?;
            let is_idle = self.wire.is_idle();
            let deadline = match is_idle {
                true => Instant::now() + patience,
                false => {
                    *deadline.get_or_insert_with(|| Instant::now() + HEAD_DEADLINE)
                }
            };
            let count = tokio::select! {
                biased;
                count = timeout_at(deadline, self.wire.read()) => count,
                () = self.caller.guest.told(), if is_idle => return Ok(Next::Nothing),
            };
            match count {
                Ok(Ok(0)) => return Ok(Next::Nothing),
                Ok(count) => drop(count?),
                Err(_) if is_idle => return Ok(Next::Nothing),
                Err(_) => {
                    let method = self.wire.receiving.method().cloned();
                    return Ok(Next::Refusal(method, timed_out()));
                }
            }
        }
    }

    /// Answers a request, and reads its body, or sees to it that nothing is read
    /// after it.
    async fn answer(&mut self, head: Box<Head>) -> io::Result<()> {
        let (request, body) = (&head.request, head.body);
        let expectation = Expectation::of(request);
        self.wire.send(|sending, _| sending.owe(request));
        if expectation == Expectation::Unknown {
            let why = "nothing can be expected here but 100-continue";
            let response = refusal(EXPECTATION_FAILED, why).into();
            let connection = self.skip(body);
            return self.respond(Some(request), response, connection).await;
        }
        if let Some(response) = self.server.site.echo(request, self.via) {
            return self.echo(request, response, body, expectation).await;
        }
        let connection = match (body, expectation) {
            (Body::None, _) => Connection::Open,
            (_, Expectation::Continue) => self.skip(body),
            (Body::Length(MAX_UNWANTED..), _) => self.skip(body),
            _ => match self.wire.read_body(body, MAX_UNWANTED as usize).await? {
                Ok(body) if body.is_over => Connection::Open,
                Ok(_) => self.skip(body),
                Err(response) => return self.refuse_body(request, response).await,
            },
        };
        let (head, response) = self.find(head).await?;
        self.respond(Some(&head.request), response, connection).await
    }

    /// Sends a request's body back: in one piece if it is short, else as it comes
    /// and no faster than the client reads. What breaks a rule in a long one breaks
    /// off the response.
    async fn echo(
        &mut self,
        request: &Request,
        response: Response<()>,
        body: Body,
        expectation: Expectation,
    ) -> io::Result<()> {
        let is_to_come = body != Body::None && self.wire.is_idle();
        if expectation == Expectation::Continue && is_to_come {
            self.wire.send(Sending::go_on);
        }
        let beginning = match self.wire.read_body(body, MAX_WHOLE).await? {
            Ok(beginning) => beginning,
            Err(response) => {
                return self.refuse_body(request, response).await;
            }
        };
        let Response { status, headers, body: () } = response;
        if beginning.is_over {
            let body = Content::from(beginning.data);
            let response = Response { status, headers, body };
            return self.respond(Some(request), response, Connection::Open).await;
        }
        let response = Response { status, headers, body: () };
        self.begin(response, body, Connection::Open);
        self.wire.send(|sending, output| sending.content(output, &beginning.data));
        let mut length = beginning.data.len() as u64;
        let sent = self.wire.send_back(&mut length).await;
        self.log(Some(request), status, length);
        sent
    }

    /// What can't be read to its end can't be followed by anything.
    async fn refuse_body(
        &mut self,
        request: &Request,
        response: Response,
    ) -> io::Result<()> {
        self.wire.receiving = Receiving::Closed;
        self.respond(Some(request), response.into(), Connection::Close).await
    }

    /// Leaves a body unread, so that the connection can't go on.
    fn skip(&mut self, body: Body) -> Connection {
        match body {
            Body::None => Connection::Open,
            Body::Length(_) | Body::Chunked => {
                self.wire.receiving = Receiving::Closed;
                Connection::Close
            }
        }
    }

    /// Finds what a request asks for, where it may wait for a disk without making
    /// others wait. What is small comes along at once.
    async fn find(
        &mut self,
        head: Box<Head>,
    ) -> io::Result<(Box<Head>, Response<Content>)> {
        let (site, via) = (&self.server.site, self.via);
        if !site.is_on_disk() {
            let response = site.answer(&head.request, via);
            return Ok((head, response));
        }
        let site = site.clone();
        let find = move || {
            let mut response = site.answer(&head.request, via);
            if head.request.method != Method::Head {
                response.body.load(MAX_LOADED);
            }
            (head, response)
        };
        Ok(spawn_blocking(find).await?)
    }

    /// Sends a response that is there.
    async fn respond(
        &mut self,
        request: Option<&Request>,
        response: Response<Content>,
        connection: Connection,
    ) -> io::Result<()> {
        let Response { status, headers, body: content } = response;
        let body = match status {
            NOT_MODIFIED => Body::None,
            _ => Body::Length(content.length()),
        };
        self.begin(Response { status, headers, body: () }, body, connection);
        let mut length = 0;
        let sent = self.wire.send_content(content, &mut length).await;
        self.log(request, status, length);
        sent
    }

    /// Writes a response's head.
    fn begin(
        &mut self,
        response: Response<()>,
        body: Body,
        connection: Connection,
    ) {
        let response = self.server.site.secure(response, self.via);
        let connection = match self.caller.guest.is_told() {
            true => Connection::Close,
            false => connection,
        };
        self.wire.send(|sending, output| {
            sending.respond(output, response, body, connection, &date::now())
        });
    }

    fn log(&self, request: Option<&Request>, status: Status, length: u64) {
        if let Some(log) = &self.server.access_log {
            let (peer, time) = (self.caller.peer.ip(), SystemTime::now());
            log.write(&Entry { peer, request, status, length, time });
        }
    }
}
