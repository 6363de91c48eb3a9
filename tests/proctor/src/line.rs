//! Talking to the server, with everything that was said kept for the report.
//!
//! Whatever the other side does, or does not, costs bounded time and memory.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};
use socket2::SockRef;

use crate::queue;
use crate::response::{self, Field, Response};
use crate::target::{Endpoint, Hello, Port, Target};
use crate::variant::swapped;

/// The most that is taken of one connection: what a stage sends is a thousandth.
pub const FLOOD: usize = 4 * 1024 * 1024;

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// We sent this.
    Sent(Vec<u8>),
    /// We said that nothing more would come.
    Finished,
    /// This came.
    Got(Vec<u8>),
    /// The stream ended.
    Ended(End),
    /// Nothing came for so long.
    Silence(Duration),
    /// The connection could not be made, or the handshake failed.
    Refused(String),
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In order.
    Closed,
    /// Over TLS, without close_notify.
    Cut,
    /// By a reset.
    Reset,
}

/// What is wrong with a server, in words for who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was found, and what was wanted.
    pub what: String,
    /// On which connection, and at which byte of what came.
    pub at: Option<(usize, usize)>,
    /// What may be the matter, where it is not what the check supposes.
    pub hint: Option<&'static str>,
    /// Whether it is none: what the check is about can't be seen on this server.
    pub skips: bool,
}

impl Failure {
    /// A failure of no byte in particular.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), at: None, hint: None, skips: false }
    }

    /// No failure, but the reason why the check can't be made.
    pub fn skip(why: impl Into<String>) -> Failure {
        Failure { skips: true, ..Failure::new(why) }
    }

    /// The same failure of a part of something.
    pub fn of(self, whole: &str) -> Failure {
        Failure { what: format!("{whole}: {}", self.what), ..self }
    }

    /// The same failure, with a hint of its own.
    pub fn hinting(self, hint: &'static str) -> Failure {
        Failure { hint: Some(hint), ..self }
    }
}

/// What comes of a check, or of a part of it.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Everything that happened, connection by connection.
pub type Log = Arc<Mutex<Vec<Vec<Event>>>>;

/// The one who calls the server, as often as a check wants.
#[derive(Debug)]
pub struct Line<'a> {
    /// The server.
    pub target: &'a Target,
    /// Which of its ports.
    pub port: Port,
    log: Log,
}

/// A connection to the server.
#[derive(Debug)]
pub struct Call {
    number: usize,
    stream: Stream,
    patience: Duration,
    log: Log,
    /// All that has come.
    got: Vec<u8>,
    /// How much of it is accounted for.
    read: usize,
    end: Option<End>,
    /// Whether a reset was noticed while sending: who reads is told of an end then.
    was_reset: bool,
    /// Whether our end is still to be said, once the answers are there.
    owes_end: bool,
    /// Statuses that have changed places.
    statuses: Vec<(u16, u16)>,
}

#[derive(Debug)]
enum Stream {
    Clear(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

fn lock(log: &Log) -> MutexGuard<'_, Vec<Vec<Event>>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Line<'a> {
    /// A line to one port of a server.
    pub fn new(target: &'a Target, port: Port) -> Line<'a> {
        Line { target, port, log: Log::default() }
    }

    /// A line to another port of the same server, for the same report.
    pub fn sharing(line: &Line<'a>, port: Port) -> Line<'a> {
        Line { target: line.target, port, log: line.log() }
    }

    /// What has happened on it.
    pub fn log(&self) -> Log {
        self.log.clone()
    }

    /// Keeps nothing of what was said on a connection on which all was well.
    pub fn forget(&self, call: &Call) {
        lock(&self.log)[call.number].clear();
    }

    /// How long the server may take for what ought to be done at once.
    pub fn patience(&self) -> Duration {
        self.target.patience
    }

    /// Calls the port, and shakes hands if it speaks TLS.
    pub fn call(&self) -> Outcome<Call> {
        match (self.port, &self.target.tls) {
            (Port::Tls, Some(tls)) => {
                self.call_tls(&Hello::to(tls.endpoint.host()))
            }
            _ => self.call_socket(),
        }
    }

    /// Calls the port, and leaves what is spoken there for later.
    pub fn call_socket(&self) -> Outcome<Call> {
        let endpoint = match (self.port, &self.target.tls) {
            (Port::Tls, Some(tls)) => &tls.endpoint,
            _ => &self.target.clear,
        };
        self.call_endpoint(endpoint)
    }

    /// Calls one address, whatever the port is.
    pub fn call_address(&self, address: SocketAddr) -> Outcome<Call> {
        let name = address.to_string();
        self.call_endpoint(&Endpoint { name, addresses: vec![address] })
    }

    fn call_endpoint(&self, endpoint: &Endpoint) -> Outcome<Call> {
        let number = {
            let mut log = lock(&self.log);
            log.push(Vec::new());
            log.len() - 1
        };
        let stream = endpoint.connect(self.patience()).map_err(|error| {
            let what = format!("cannot connect to {}: {error}", endpoint.name);
            lock(&self.log)[number].push(Event::Refused(what.clone()));
            Failure { at: Some((number, 0)), ..Failure::new(what) }
        })?;
        let call = Call {
            number,
            stream: Stream::Clear(stream),
            patience: self.patience(),
            log: self.log.clone(),
            got: Vec::new(),
            read: 0,
            end: None,
            was_reset: false,
            owes_end: false,
            statuses: match &self.target.variant {
                Some(variant) => variant.statuses.clone(),
                None => Vec::new(),
            },
        };
        // What is sent apart must not be joined by our own kernel.
        let _ = call.socket().set_nodelay(true);
        let _ = call.socket().set_write_timeout(Some(self.patience()));
        Ok(call)
    }

    /// Calls the TLS port and shakes hands in a way of the check's own.
    pub fn call_tls(&self, hello: &Hello) -> Outcome<Call> {
        let Some(tls) = &self.target.tls else {
            return Err(Failure::new("there is no TLS port to call"));
        };
        let mut call = self.call_endpoint(&tls.endpoint)?;
        let mut client = tls.client(hello).map_err(Failure::new)?;
        let Stream::Clear(mut socket) = call.stream else { unreachable!() };
        let deadline = Instant::now() + call.patience;
        let refused = |what: String| {
            lock(&self.log)[call.number].push(Event::Refused(what.clone()));
            Failure { at: Some((call.number, 0)), ..Failure::new(what) }
        };
        let mut pieces = 0;
        while client.is_handshaking() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let what = "the TLS handshake is not done in time";
                return Err(refused(what.into()));
            }
            let _ = socket.set_read_timeout(Some(left));
            let chopped = hello.chopped;
            let mut socket =
                Chopped { socket: &mut socket, chopped, pieces: &mut pieces };
            match client.complete_io(&mut socket) {
                Ok(_) => {}
                Err(error) if is_timeout(&error) => {}
                Err(error) if is_end(&error) => {
                    let what =
                        "the server hung up in the middle of the TLS handshake";
                    return Err(refused(what.into()));
                }
                Err(error) => {
                    let what = format!("the TLS handshake failed: {error}");
                    return Err(refused(what));
                }
            }
        }
        call.stream = Stream::Tls(Box::new(StreamOwned::new(client, socket)));
        Ok(call)
    }
}

/// What is the matter where a response is lost to a reset.
pub const UNREAD: &str = "A socket that is closed with bytes unread is reset, and what was \
    sent is lost: say that nothing more will come, read what is left, and then close.";

/// What is the matter where something follows a response that is no other.
pub const BEYOND: &str = "More came than the head promised: a length counts bytes and not \
    characters, a response to HEAD has no body, and nothing goes behind one.";

/// How long is waited for what may have come already.
const AT_ONCE: Duration = Duration::from_millis(50);

/// How many pieces are sent apart, so that a server reads one without the next.
const APART: usize = 6;

/// A socket that is written a byte at a time, where that is wanted.
struct Chopped<'a> {
    socket: &'a mut TcpStream,
    chopped: bool,
    pieces: &'a mut usize,
}

impl Read for Chopped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buffer)
    }
}

impl Write for Chopped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.chopped || bytes.is_empty() {
            return self.socket.write(bytes);
        }
        if (1..APART).contains(self.pieces) {
            queue::wait(self.socket);
        }
        *self.pieces += 1;
        self.socket.write(&bytes[..1])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether the other side is gone, whichever way the kernel noticed first.
fn is_end(error: &io::Error) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof,
    };
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

impl Call {
    /// The socket underneath.
    pub fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Clear(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    /// The client's side of TLS, if it is.
    pub fn tls(&self) -> Option<&ClientConnection> {
        match &self.stream {
            Stream::Clear(_) => None,
            Stream::Tls(stream) => Some(&stream.conn),
        }
    }

    fn note(&self, event: Event) {
        let events = &mut lock(&self.log)[self.number];
        match (events.last_mut(), event) {
            (Some(Event::Got(bytes)), Event::Got(more)) => bytes.extend(more),
            (Some(Event::Silence(_)), Event::Silence(_)) => {}
            (_, event) => events.push(event),
        }
    }

    /// A failure at the byte that is next, or at the end.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        self.failure_at(self.read, what)
    }

    /// A failure at a byte of all that came.
    pub fn failure_at(&self, offset: usize, what: impl Into<String>) -> Failure {
        Failure { at: Some((self.number, offset)), ..Failure::new(what) }
    }

    /// All that has come.
    pub fn got(&self) -> &[u8] {
        &self.got
    }

    /// Sends bytes. A server that hangs up meanwhile is no failure; what it has said
    /// is still to be read.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Outcome {
        let bytes = bytes.as_ref();
        self.note(Event::Sent(bytes.to_vec()));
        let sent = match &mut self.stream {
            Stream::Clear(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => {
                stream.write_all(bytes).and_then(|()| stream.flush())
            }
        };
        match sent {
            Err(error) if is_timeout(&error) => {
                Err(self.failure("the server does not read what is sent"))
            }
            Err(error) => {
                self.was_reset |= is_end(&error);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Sends a piece so many times, or until nothing is taken for a while, or the time for
    /// all of it is over; no record is kept of it. Whether all of it went.
    pub fn pour(&mut self, piece: &[u8], times: usize, pause: Duration) -> bool {
        let deadline = Instant::now() + 5 * self.patience;
        let _ = self.socket().set_write_timeout(Some(pause));
        let (mut gone, all) = (0, piece.len() * times);
        while gone < all && Instant::now() < deadline {
            let rest = &piece[gone % piece.len()..];
            let begun = Instant::now();
            let sent = match &mut self.stream {
                Stream::Clear(stream) => stream.write(rest),
                Stream::Tls(stream) => stream.write(rest),
            };
            match sent {
                Ok(count) => gone += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.was_reset |= is_end(&error);
                    break;
                }
            }
            // What TLS has no room to send it keeps, as if it were sent.
            if begun.elapsed() >= pause {
                break;
            }
        }
        let _ = self.socket().set_write_timeout(Some(self.patience));
        gone == all
    }

    /// Reads on and keeps nothing, until the stream ends, or for as long as what is there
    /// already may take: how many bytes came.
    pub fn drain(&mut self) -> Outcome<usize> {
        let deadline = Instant::now() + self.patience;
        let mut count = 0;
        loop {
            count += self.got.len() - self.read;
            self.read = self.got.len();
            self.forget_what_was_read();
            match self.read_once(deadline)? {
                Some(0) | None => return Ok(count),
                Some(_) => {}
            }
        }
    }

    /// Whether the server has hung up by a reset, though what it said is still unread.
    pub fn is_reset(&mut self) -> bool {
        let error = self.socket().take_error().ok().flatten();
        self.was_reset |= error.is_some_and(|error| is_end(&error));
        self.was_reset
    }

    /// Wants no reset to come behind the end of the stream either: it does at once, from
    /// who closes with bytes unread. Of all that has come by then, nothing is lost; of what
    /// has not, it can be.
    pub fn no_reset_behind_the_end(&mut self) -> Outcome {
        std::thread::sleep(AT_ONCE);
        match self.end == Some(End::Closed) && self.is_reset() {
            false => Ok(()),
            true => Err(self.failure("the stream ended, and then it was reset")),
        }
    }

    /// Whether the server has said by now that it does not do what is asked, or has hung
    /// up.
    pub fn is_refused(&mut self) -> bool {
        let _ = self.hears(AT_ONCE);
        let status = response::status(&self.got[self.read..]);
        self.has_ended() || status.is_some_and(|(status, _)| status >= 400)
    }

    /// Waits until the server has read all that was sent, so that what follows comes by
    /// itself.
    pub fn wait_until_read(&self) {
        queue::wait(self.socket());
    }

    /// Sends a piece of bytes after the other, each by itself: of the first few, the next
    /// only when the server has read the last.
    pub fn send_in_pieces<'b>(
        &mut self,
        pieces: impl IntoIterator<Item = &'b [u8]>,
    ) -> Outcome {
        pieces.into_iter().enumerate().try_for_each(|(index, piece)| {
            if (1..APART).contains(&index) {
                self.wait_until_read();
            }
            self.send(piece)
        })
    }

    /// Keeps nothing of what has been read, and was as it should be: a long download is no
    /// flood.
    pub fn forget_what_was_read(&mut self) {
        self.got.drain(..self.read);
        self.read = 0;
        lock(&self.log)[self.number].clear();
        if !self.got.is_empty() {
            self.note(Event::Got(self.got.clone()));
        }
    }

    /// Says that nothing more will come, and stays to listen.
    pub fn finish(&mut self) {
        self.owes_end = false;
        self.note(Event::Finished);
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let _ = self.socket().shutdown(Shutdown::Write);
    }

    /// The same when the answers are there, over TLS: a server that is told of our end may
    /// close at once there, and drop what it has to say (RFC 5246 section 7.2.1). One that
    /// still waits for more is told after a while.
    pub fn finish_when_answered(&mut self) {
        match self.stream {
            Stream::Clear(_) => self.finish(),
            Stream::Tls(_) => self.owes_end = true,
        }
    }

    /// Has our kernel put its acknowledgements off, as it would later on, where the
    /// system lets us: it is quick at the beginning of a connection.
    pub fn acknowledge_late(&self) {
        #[cfg(target_os = "linux")]
        let _ = SockRef::from(self.socket()).set_tcp_quickack(false);
    }

    /// Leaves by a reset.
    pub fn reset(self) {
        let _ = SockRef::from(self.socket()).set_linger(Some(Duration::ZERO));
    }

    /// Reads once; none if nothing came before the deadline. At the end of the stream
    /// no bytes come. Who waits for our end, which is owed, is told of it.
    fn read_once(&mut self, deadline: Instant) -> Outcome<Option<usize>> {
        let soon = Instant::now() + self.patience / 4;
        if self.owes_end && soon < deadline {
            if let Some(count) = self.read_before(soon)? {
                return Ok(Some(count));
            }
            self.finish();
        }
        self.read_before(deadline)
    }

    fn read_before(&mut self, deadline: Instant) -> Outcome<Option<usize>> {
        if self.end.is_some() {
            return Ok(Some(0));
        }
        let mut buffer = [0; 16 * 1024];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let _ = self.socket().set_read_timeout(Some(left));
            let read = match &mut self.stream {
                Stream::Clear(stream) => stream.read(&mut buffer),
                Stream::Tls(stream) => stream.read(&mut buffer),
            };
            let end = match read {
                Ok(0) if self.was_reset => End::Reset,
                Ok(0) => End::Closed,
                Ok(count) => {
                    self.got.extend(&buffer[..count]);
                    self.note(Event::Got(buffer[..count].to_vec()));
                    if self.got.len() > FLOOD {
                        let what =
                            format!("it does not stop: {FLOOD} bytes so far");
                        return Err(self.failure(what));
                    }
                    return Ok(Some(count));
                }
                Err(error) if is_timeout(&error) => continue,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    if self.was_reset { End::Reset } else { End::Cut }
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
                    ) =>
                {
                    End::Reset
                }
                Err(error) => {
                    let what = format!("what comes can't be read: {error}");
                    return Err(self.failure(what));
                }
            };
            self.end = Some(end);
            self.note(Event::Ended(end));
            return Ok(Some(0));
        }
    }

    /// Reads to the end of the stream, however it ends; `what` is missed if it does
    /// not. If our own end is owed, the answers have been read.
    pub fn read_to_end(&mut self, what: &str) -> Outcome<(Vec<u8>, End)> {
        if self.owes_end {
            self.finish();
        }
        let from = self.read;
        let deadline = Instant::now() + self.patience;
        // A flood is ended by its size; a trickle by its time.
        while self.end.is_none() {
            if self.read_once(deadline)?.is_none() {
                self.note(Event::Silence(self.patience));
                self.read = self.got.len();
                return Err(self.failure(what));
            }
        }
        self.read = self.got.len();
        Ok((self.got[from..].to_vec(), self.end.unwrap_or(End::Closed)))
    }

    /// Wants the stream to end in order, with nothing more before that.
    pub fn ends(&mut self) -> Outcome {
        let from = self.read;
        let (rest, end) =
            self.read_to_end("the connection stays open, and should be closed")?;
        if !rest.is_empty() {
            return Err(self.more_came(from));
        }
        match end {
            End::Reset => Err(self.failure("the connection was reset, not closed")),
            End::Closed | End::Cut => Ok(()),
        }
    }

    /// Wants nothing to come for a while, and the stream not to end either.
    pub fn stays_silent(&mut self, time: Duration) -> Outcome {
        match self.read_once(Instant::now() + time)? {
            None => Ok(()),
            Some(0) => {
                Err(self.failure("the connection is closed, and should stay"))
            }
            Some(_) => {
                Err(self.failure("something came before the request was whole"))
            }
        }
    }

    /// Wants no reset at the end of the stream, whatever is left of it. Whether it ends
    /// is another question.
    pub fn ends_without_reset(&mut self) -> Outcome {
        let deadline = Instant::now() + self.patience;
        while self.end.is_none() && self.read_once(deadline)?.is_some() {}
        match self.end {
            Some(End::Reset) => {
                self.read = self.got.len();
                Err(self.failure("the connection was reset, not closed"))
            }
            _ => Ok(()),
        }
    }

    /// Wants nothing more to come. Whether the stream ends is another question.
    pub fn nothing_more(&mut self) -> Outcome {
        let from = self.read;
        let deadline = Instant::now() + self.patience / 4;
        while self.end.is_none() && self.read_once(deadline)?.is_some() {}
        match self.got.len() == from {
            true => Ok(()),
            false => Err(self.more_came(from)),
        }
    }

    /// The failure of a server that says more than there is to say.
    fn more_came(&self, from: usize) -> Failure {
        let more = &self.got[from..];
        let what = format!("{} bytes more than there should be", more.len());
        let failure = self.failure_at(from, what);
        match more.starts_with(b"HTTP/") {
            true => failure,
            false => failure.hinting(BEYOND),
        }
    }

    /// Wants nothing to follow what has been read, to the end of the stream.
    pub fn nothing_follows(&mut self) -> Outcome {
        let at = self.read;
        let (rest, _) =
            self.read_to_end("the connection stays open after our end")?;
        match rest.is_empty() {
            true => Ok(()),
            false if rest.starts_with(b"HTTP/") => {
                let what = "another response, to what is no request of ours";
                Err(self.failure_at(at, what))
            }
            false => {
                let what = "content, where there must be none";
                Err(self.failure_at(at, what).hinting(BEYOND))
            }
        }
    }

    /// The same of a server that has said that it closes. When it does is another check's
    /// affair: it may linger (RFC 9112 section 9.6).
    pub fn nothing_follows_the_last(&mut self) -> Outcome {
        let at = self.read;
        match self.nothing_follows() {
            Err(_) if self.got.len() == at => Ok(()),
            outcome => outcome,
        }
    }

    /// Whether what comes next is the beginning of a 200, and the stream ends in it. Waits
    /// for that end if what has come so far is one.
    pub fn breaks_off(&mut self, method: &str) -> Outcome<bool> {
        let deadline = Instant::now() + self.patience;
        loop {
            let rest = &self.got[self.read..];
            let is_begun = response::status(rest).is_none_or(|(it, _)| it == 200);
            let is_over = self.end.is_some();
            let is_whole =
                !matches!(response::parse(rest, method, is_over), Ok(None));
            if !is_begun || is_whole {
                return Ok(false);
            }
            if is_over {
                return Ok(response::status(rest).is_some());
            }
            if self.read_once(deadline)?.is_none() {
                return Ok(false);
            }
        }
    }

    /// Waits until something has come, or the stream has ended: whether anything did.
    pub fn hears(&mut self, time: Duration) -> Outcome<bool> {
        let heard = self.read_once(Instant::now() + time)?;
        Ok(heard.is_some_and(|count| count > 0))
    }

    /// The same, where more may have come already than has been looked at.
    pub fn hears_more(&mut self, time: Duration) -> Outcome<bool> {
        Ok(self.got.len() > self.read || self.hears(time)?)
    }

    /// How long the server may take for what ought to be done at once.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Hears what the server says besides, before it is complained of: it may explain
    /// the rest. What comes later than at once is not waited for.
    fn hear_out(&mut self) {
        while self.end.is_none() && self.hears(AT_ONCE).is_ok_and(|heard| heard) {}
    }

    /// Whether the stream has ended, as far as it has been read.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Reads on until the stream ends or the time is over: whether it ended.
    pub fn ends_within(&mut self, time: Duration) -> Outcome<bool> {
        let deadline = Instant::now() + time;
        while self.end.is_none() && self.read_once(deadline)?.is_some() {}
        Ok(self.has_ended())
    }

    /// Reads the final response to a request with this method, and the interim ones
    /// before it (RFC 9110 section 15.2).
    pub fn response(&mut self, method: &str) -> Outcome<Response> {
        let mut interim = Vec::new();
        loop {
            let response = self.next_response(method)?;
            match response.status {
                100 | 102..200 => interim.push(response.status),
                _ => return Ok(Response { interim, ..response }),
            }
        }
    }

    /// Reads the next response, to a request with this method, final or not.
    pub fn next_response(&mut self, method: &str) -> Outcome<Response> {
        let from = self.read;
        let deadline = Instant::now() + self.patience;
        loop {
            let over = self.end.is_some();
            match response::parse(&self.got[from..], method, over) {
                Ok(Some(mut response)) => {
                    response.start = from;
                    response.status = swapped(&self.statuses, response.status);
                    self.read = from + response.length;
                    if self.end == Some(End::Reset) && response.until_end {
                        let what = "the response was ended by a reset";
                        return Err(self.failure(what).hinting(UNREAD));
                    }
                    return Ok(response);
                }
                Ok(None) if over => return Err(self.no_response(method)),
                Ok(None) => {}
                Err((offset, what)) => {
                    return Err(self.failure_at(from + offset, what));
                }
            }
            if self.read_once(deadline)?.is_none() {
                self.note(Event::Silence(self.patience));
                let what = match &self.got[from..] {
                    [] => "no response".to_owned(),
                    rest => response::missing(rest, method),
                };
                let what = format!("{what}, and the connection stays open");
                return Err(self.failure_at(self.got.len(), what));
            }
        }
    }

    /// Reads the head of the response to a GET, and leaves its body.
    pub fn head(&mut self) -> Outcome<Response> {
        self.response("HEAD")
    }

    /// Takes so many bytes and shows them, and keeps none: how many have come when all
    /// have, or the stream has ended.
    pub fn take(
        &mut self,
        count: usize,
        mut show: impl FnMut(&[u8]),
    ) -> Outcome<usize> {
        let mut taken = 0;
        loop {
            let here = self.got.len().min(self.read + count - taken);
            show(&self.got[self.read..here]);
            taken += here - self.read;
            self.read = here;
            self.forget_what_was_read();
            if taken == count {
                return Ok(taken);
            }
            match self.read_once(Instant::now() + self.patience)? {
                Some(0) => return Ok(taken),
                Some(_) => {}
                None => {
                    let what = format!(
                        "{count} bytes of body are promised, and {taken} came, and \
                         the connection stays open"
                    );
                    return Err(self.failure(what));
                }
            }
        }
    }

    /// The failure of a stream that ended where a response should be, or in one.
    fn no_response(&self, method: &str) -> Failure {
        let reset = self.end == Some(End::Reset);
        let what = match &self.got[self.read..] {
            [] if reset => "the connection was reset, without a response".into(),
            [] => "the connection was closed, without a response".into(),
            rest => response::missing(rest, method),
        };
        let failure = self.failure_at(self.got.len(), what);
        match reset {
            true => failure.hinting(UNREAD),
            false => failure,
        }
    }

    /// Reads the final response and wants this status. A wrong one is complained of
    /// before what is missing behind it.
    pub fn status(&mut self, method: &str, status: u16) -> Outcome<Response> {
        self.any_status(method, &[status])
    }

    /// The same, where it is to be one of these.
    pub fn any_status(
        &mut self,
        method: &str,
        statuses: &[u16],
    ) -> Outcome<Response> {
        let wrong = |call: &Call, at, found| {
            let sent = |status| swapped(&call.statuses, status).to_string();
            let wanted: Vec<String> = statuses.iter().map(|it| sent(*it)).collect();
            let wanted = wanted.join(" or ");
            let what = format!("status {} instead of {wanted}", sent(found));
            Err(call.failure_at(at, what))
        };
        match self.response(method) {
            Ok(response) if statuses.contains(&response.status) => Ok(response),
            Ok(response) => {
                self.hear_out();
                let at = response.start + response.status_at;
                wrong(self, at, response.status)
            }
            Err(failure) => match response::status(&self.got[self.read..])
                .map(|(found, at)| (swapped(&self.statuses, found), at))
            {
                Some((found, at)) if !statuses.contains(&found) && found >= 200 => {
                    wrong(self, self.read + at, found)
                }
                _ => Err(failure),
            },
        }
    }

    /// A failure at a byte of a response.
    pub fn wrong(
        &self,
        response: &Response,
        offset: usize,
        what: impl Into<String>,
    ) -> Failure {
        self.failure_at(response.start + offset, what)
    }

    /// A field that a response has to have.
    pub fn field<'a>(
        &self,
        response: &'a Response,
        name: &str,
    ) -> Outcome<&'a Field> {
        response.field(name).ok_or_else(|| {
            let what = format!("there is no {name} in this head");
            self.wrong(response, response.last_line(), what)
        })
    }

    /// Wants a response to have this content.
    pub fn content(&self, response: &Response, wanted: &[u8]) -> Outcome {
        match response.content == wanted {
            true => Ok(()),
            false => {
                let what = format!(
                    "{} bytes of content, which are not those that belong there",
                    response.content.len()
                );
                Err(self.wrong(response, response.body.start, what))
            }
        }
    }
}
