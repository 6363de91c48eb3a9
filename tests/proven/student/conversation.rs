//! The conversation, from part 5 on: a request, its answer, and perhaps another.

use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::answer::{self, Expectation, Thing};
use super::body::{Broken, Incoming};
use super::framing::{self, Framing};
use super::head::{Behind, Field, Head, Reader, Refusal};
use super::reply::{self, Content, Piece, Reply, Sent};
use super::stream::{Lack, Stream};
use super::target::{Target, unquoted};
use super::{Kept, Shared, Stage, Switch, exercises, ranges};

pub struct Connection {
    stream: Stream,
    /// What has come and was not looked at.
    pub input: Vec<u8>,
    pub shared: Arc<Shared>,
    strikes: usize,
    answered: usize,
    behind: Behind,
    /// A response that a mistake has put off.
    put_off: Vec<u8>,
    /// When it was accepted.
    accepted: SystemTime,
    /// What was answered last.
    status: u16,
    /// What mistakes have not let go of since the last request.
    pub since: Since,
}

/// What one request leaves to the next, with a mistake.
#[derive(Debug, Default)]
pub struct Since {
    fields: Vec<Field>,
    only_heads: bool,
    asked_to_stay: bool,
    coding: Option<String>,
    pub said_continue: bool,
    range: Option<Field>,
    /// How many bytes of heads there were, and how many fields.
    heads: usize,
    counted: usize,
    media_type: Option<String>,
    /// What the first request was, and in which version.
    method: Option<String>,
    version: Option<(u8, u8)>,
    chunked: bool,
    partial: bool,
    /// Whether the last read filled its buffer.
    full: bool,
    /// What was written, and never left.
    pub unflushed: Vec<u8>,
}

/// What becomes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// It goes on.
    More,
    /// It is closed in stages.
    Close,
    /// It is dropped as it is.
    Drop,
}

enum Next {
    Request(Box<Head>),
    Refused(Refusal, Option<String>),
    /// The client has gone, or has said nothing for too long.
    Nothing,
    Silent,
    Broken,
}

pub fn hold(stream: Stream, shared: &Arc<Shared>) {
    let mut connection = Connection {
        stream,
        input: Vec::new(),
        shared: Arc::clone(shared),
        strikes: 0,
        answered: 0,
        behind: Behind::Nothing,
        put_off: Vec::new(),
        accepted: SystemTime::now(),
        status: 0,
        since: Since::default(),
    };
    if shared.s.is("input-of-everyone") {
        connection.input = std::mem::take(&mut *shared.left.lock().unwrap());
    }
    if connection.run() == Then::Close {
        connection.stream.close(shared);
    }
}

impl Connection {
    pub fn s(&self) -> Switch {
        self.shared.s
    }

    /// Reads more.
    pub fn fill(&mut self, deadline: Instant) -> Result<(), Lack> {
        let s = self.s();
        let selects = s.is("select-before-a-read") && self.stream.secure;
        let size = match s {
            _ if s.is("small-reads") => 100,
            _ if selects => 1024,
            _ if s.is("full-reads-go-on") => 1024,
            _ if s.is("limit-is-of-the-buffer") => 64 * 1024,
            _ => 16 * 1024,
        };
        let mut piece = vec![0; size];
        if selects && (self.answered > 0 || !self.input.is_empty()) {
            // What has been read and decrypted is not on the socket any more.
            let left = deadline.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            let _ = self.stream.socket().set_read_timeout(Some(left));
            if self.stream.socket().peek(&mut [0]).is_err() {
                return Err(Lack::Time);
            }
        }
        let count = self.stream.read(&mut piece, deadline)?;
        self.since.full = count == size;
        let begins = self.input.is_empty();
        self.input.extend_from_slice(&piece[..count]);
        if s.is("cr-at-the-end-of-a-read") && self.input.ends_with(b"\r") {
            self.input.push(b'\n');
        }
        if s.is("nuls-are-left-out") {
            self.input.retain(|&b| b != 0);
        }
        let half = begins && !has_end(&self.input);
        if s.is("record-is-a-request") && self.stream.secure && half {
            return Err(Lack::Broken);
        }
        if s.is("input-is-kept") {
            let mut kept = self.shared.kept.lock().unwrap();
            kept.push(Kept::Bytes(vec![1; count + 4096]));
        }
        Ok(())
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Lack> {
        let s = self.s();
        match s.is("answers-the-last-caller") && !self.stream.secure {
            true => self.shared.answer_the_last(bytes),
            false => self.stream.write(bytes, s),
        }
    }

    /// Writes to the socket, whatever is spoken on it.
    pub fn write_to_the_socket(&mut self, bytes: &[u8]) -> Result<(), Lack> {
        (&**self.stream.socket()).write_all(bytes).map_err(|_| Lack::Broken)
    }

    fn run(&mut self) -> Then {
        let mut first = true;
        loop {
            let then = match self.next(first) {
                Next::Request(head) => {
                    self.behind = match head.framing {
                        Framing::None => Behind::Head,
                        _ => Behind::Body,
                    };
                    self.request(&head)
                }
                Next::Refused(Refusal { status: 0, .. }, _) => return Then::Drop,
                Next::Refused(refusal, method) => {
                    self.refused(refusal, method.as_deref())
                }
                Next::Nothing if self.s().is("eof-resets") => return Then::Drop,
                Next::Nothing if self.s().is("input-of-everyone") => {
                    let input = std::mem::take(&mut self.input);
                    *self.shared.left.lock().unwrap() = input;
                    Then::Close
                }
                Next::Nothing => Then::Close,
                Next::Silent => self.silence(first),
                Next::Broken => return Then::Drop,
            };
            self.answered += 1;
            first = false;
            if then != Then::More {
                let put_off = std::mem::take(&mut self.put_off);
                let unflushed = std::mem::take(&mut self.since.unflushed);
                let _ = self.write(&[put_off, unflushed].concat());
                return then;
            }
            if self.s().is("errors-drop-the-buffer") && self.status >= 400 {
                self.input.clear();
            }
            if self.s().is("rest-of-the-input-is-lost") {
                self.input.clear();
            }
        }
    }

    /// Nothing was said in time.
    fn silence(&mut self, first: bool) -> Then {
        let s = self.s();
        if s.is("408-for-silence") || (s.is("408-when-idle") && !first) {
            let reply = Reply::error(408, "say something", s);
            let _ = self.send(&reply, None, (1, 1), Some("close"), None);
        }
        Then::Close
    }

    /// The next head.
    fn next(&mut self, first: bool) -> Next {
        let s = self.s();
        let mut reader = Reader::new(s, self.shared.stage, self.stream.secure);
        reader.longest = self.shared.longest_head(reader.longest);
        if s.is("limit-is-of-the-connection") {
            reader.longest = reader.longest.saturating_sub(self.since.heads);
        }
        reader.behind = self.behind;
        reader.earlier = self.since.fields.clone();
        reader.counted = self.since.counted;
        let patience = Duration::from_secs(match s {
            _ if s.is("no-head-deadline") => 3600,
            _ if s.is("head-deadline-of-a-second") => 1,
            _ if s.is("head-deadline-of-five") => 5,
            _ => 10,
        });
        let idle = Duration::from_secs(match s {
            _ if s.is("idle-half-a-second") => 1,
            _ if s.is("idle-five-seconds") => 5,
            _ => 60,
        });
        let mut deadline = Instant::now() + if first { patience } else { idle };
        if s.is("idle-half-a-second") && !first {
            deadline = Instant::now() + Duration::from_millis(500);
        }
        let mut begun = false;
        // Whether one piece of what came had all of an end in it.
        let mut ends = has_end(&self.input);
        let mut fresh = s.is("reads-before-it-looks") && !first;
        self.since.full = false;
        loop {
            let goes_on = self.since.full && s.is("full-reads-go-on");
            if !fresh && !goes_on {
                if s.is("head-in-one-read") && !self.input.is_empty() {
                    let whole = self.input.windows(4).any(|w| w == b"\r\n\r\n");
                    if !whole {
                        let refusal =
                            Refusal { status: 400, why: "half a request" };
                        return Next::Refused(refusal, None);
                    }
                }
                if s.is("text-or-die") && str::from_utf8(&self.input).is_err() {
                    return Next::Broken;
                }
                if s.is("limit-is-of-the-buffer")
                    && self.input.len() > reader.longest
                {
                    let refusal =
                        Refusal { status: 431, why: "the head is too large" };
                    return Next::Refused(refusal, None);
                }
                let looks_later = (s.is("looks-at-whole-heads")
                    && !has_end(&self.input))
                    || (s.is("end-in-one-piece") && !ends);
                match reader.look(&self.input) {
                    _ if looks_later && self.input.len() <= 16 * 1024 => {}
                    Ok(None) => {}
                    Ok(Some((mut head, length))) => {
                        self.since.heads += length;
                        self.since.counted += head.fields.len();
                        self.take_head(&head, length);
                        if s.is("range-stays") {
                            self.remember_range(&mut head);
                        }
                        if s.is("fields-are-kept") {
                            self.since.fields = head.fields.clone();
                        }
                        self.remember_the_first(&mut head);
                        return Next::Request(Box::new(head));
                    }
                    Err(refusal) => {
                        return Next::Refused(refusal, reader.method.take());
                    }
                }
            }
            fresh = false;
            let is_idle = reader.is_idle(&self.input);
            if !is_idle && (!begun || s.is("head-deadline-for-each-byte")) {
                begun = true;
                deadline = Instant::now() + patience;
            }
            let before = self.input.len();
            match self.fill(deadline) {
                Ok(()) => ends |= has_end(&self.input[before..]),
                Err(Lack::End) if s.is("the-end-ends-the-head") && !is_idle => {
                    // What is read at the end is an empty line.
                    let end: &[u8] = match self.input.as_slice() {
                        [.., b'\n'] => b"\r\n",
                        [.., b'\r'] => b"\n\r\n",
                        _ => b"\r\n\r\n",
                    };
                    self.input.extend_from_slice(end);
                }
                Err(Lack::Time) if is_idle => return Next::Silent,
                Err(Lack::Time) if s.is("no-408") => return Next::Nothing,
                Err(Lack::Time) => {
                    let refusal =
                        Refusal { status: 408, why: "the request is not all here" };
                    return Next::Refused(refusal, reader.method.take());
                }
                Err(Lack::End) if s.is("half-a-head-is-400") && !is_idle => {
                    let refusal = Refusal { status: 400, why: "half a request" };
                    return Next::Refused(refusal, reader.method.take());
                }
                Err(Lack::End) => return Next::Nothing,
                Err(Lack::Broken) => {
                    if s.is("a-reset-ends-the-server") {
                        let dead = &self.shared.dead;
                        dead.store(true, Ordering::SeqCst);
                    }
                    return Next::Broken;
                }
            }
        }
    }

    /// Takes a head out of the input.
    fn take_head(&mut self, head: &Head, length: usize) {
        let is_known = answer::KNOWN.contains(&head.method.as_str());
        let taken = match self.s().is("501-leaves-its-fields") && !is_known {
            true => {
                let line =
                    self.input.iter().skip_while(|it| it.is_ascii_whitespace());
                let behind = line.skip_while(|it| **it != b'\n').skip(1).count();
                self.input.len() - behind
            }
            false => length,
        };
        self.input.drain(..taken);
    }

    /// Takes a request for what the first one was, or one before it.
    fn remember_the_first(&mut self, head: &mut Head) {
        let s = self.s();
        self.since.method.get_or_insert_with(|| head.method.clone());
        let version = *self.since.version.get_or_insert(head.version);
        if s.is("version-of-the-first") {
            head.version = version;
            head.stays = framing::stays(head, s, self.shared.stage);
        }
        self.since.chunked |= head.framing == Framing::Chunked;
        if self.since.chunked
            && head.method == "POST"
            && s.is("chunked-once-chunked-always")
        {
            head.framing = Framing::Chunked;
        }
    }

    /// Whether a request is answered as HEAD is.
    fn is_head(&self, head: &Head) -> bool {
        let first = self.since.method.as_deref();
        match self.s().is("first-method-decides-the-body") {
            true => first == Some("HEAD"),
            false => head.method == "HEAD",
        }
    }

    /// Asks for the range of the request before, where there is none.
    fn remember_range(&mut self, head: &mut Head) {
        let range =
            head.fields.iter().find(|f| f.name.eq_ignore_ascii_case("range"));
        match (range, &self.since.range) {
            (Some(range), _) => self.since.range = Some(range.clone()),
            (None, Some(range)) => head.fields.push(range.clone()),
            (None, None) => {}
        }
    }

    /// Says what is wrong with what was no request.
    fn refused(&mut self, refusal: Refusal, method: Option<&str>) -> Then {
        let s = self.s();
        if s.is("bad-requests-get-no-answer") {
            return Then::Close;
        }
        let mut reply = Reply::error(refusal.status, refusal.why, s);
        let is_head = method == Some("HEAD") || self.input.starts_with(b"HEAD ");
        let has_body = s.is("refusals-of-head-have-bodies")
            || (refusal.status == 408 && s.is("408-of-head-has-a-body"));
        if is_head && !has_body {
            reply.for_head(s);
        }
        let connection = match s {
            _ if s.is("400-does-not-say-close") => None,
            _ if s.is("408-does-not-say-close") && refusal.status == 408 => None,
            _ if s.is("505-does-not-say-close") && refusal.status == 505 => None,
            _ => Some("close"),
        };
        let version = version_of_refused(&self.input);
        let sent = self.send(&reply, None, version, connection, None);
        if sent.is_err() {
            return Then::Drop;
        }
        if s.is("goes-on-after-400")
            || (s.is("goes-on-after-431") && refusal.status == 431)
        {
            // Behind the next empty line, perhaps.
            let end = self.input.windows(4).position(|w| w == b"\r\n\r\n");
            let end = end.map_or(self.input.len(), |end| end + 4);
            self.input.drain(..end);
            return Then::More;
        }
        match s.is("400-resets") {
            true => Then::Drop,
            false => Then::Close,
        }
    }

    /// Answers a request.
    fn request(&mut self, head: &Head) -> Then {
        let s = self.s();
        if s.is("eof-aborts") && self.input.is_empty() && self.peer_has_ended() {
            return Then::Drop;
        }
        if s.is("upgrade-is-101") && head.has("upgrade") {
            let _ = self.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                  Connection: Upgrade\r\n\r\n",
            );
            return Then::Close;
        }
        if s.is("four-in-a-row") && self.answered % 5 == 4 && !self.input.is_empty()
        {
            self.input.clear();
            return Then::More;
        }
        match self.shared.stage >= Stage::Part6 {
            true => self.whole_request(head),
            false => self.one_request(head),
        }
    }

    /// What a request makes of its answer.
    fn dressed(&self, mut reply: Reply, head: &Head) -> Reply {
        let s = self.s();
        if s.is("refusals-are-200") && matches!(reply.status, 405 | 501) {
            reply.status = 200;
        }
        if s.is("target-in-a-field")
            && let Target::Path(path) = &head.target
        {
            let path = unquoted(path.as_bytes());
            reply = reply.with("X-Asked", String::from_utf8_lossy(&path));
        }
        let nothing = [404, 301].contains(&reply.status);
        reply.status = match reply.status {
            404 if s.is("nothing-fails-conditions") && head.has("if-match") => 412,
            404 if s.is("range-of-nothing-is-416") && head.has("range") => 416,
            404 if s.is("nothing-can-be-304") && head.has("if-none-match") => 304,
            301 if s.is("redirects-can-be-304") && head.has("if-none-match") => 304,
            other => other,
        };
        if reply.status == 304 && nothing {
            reply = Reply::new(304, Vec::new());
        }
        if s.is("ranges-of-any-200") && self.shared.stage >= Stage::Part6 {
            reply = self.cut(reply, head);
        }
        if s.is("404-with-a-tag") && reply.status == 404 {
            reply = reply.with("ETag", "\"nothing\"");
        }
        if s.is("redirects-as-uris") && self.stream.secure {
            let locations =
                reply.fields.iter_mut().filter(|(name, _)| name == "Location");
            locations.for_each(|(_, value)| {
                *value = value.replacen("http:", "https:", 1)
            });
        }
        if s.is("location-doubles-the-uri") {
            self.say_the_whole_location(&mut reply, head);
        }
        if s.is("hsts-in-the-clear") && !self.stream.secure {
            reply = reply.with("Strict-Transport-Security", "max-age=31536000");
        }
        if s.is("allow-not-over-tls") && self.stream.secure {
            reply.fields.retain(|(name, _)| name != "Allow");
        }
        reply
    }

    /// Puts scheme and host before the target, whatever that is.
    fn say_the_whole_location(&self, reply: &mut Reply, head: &Head) {
        let scheme = if self.stream.secure { "https" } else { "http" };
        let Some(host) = head.one("host") else { return };
        let base = format!("{scheme}://{}", String::from_utf8_lossy(host));
        let asked = match head.target {
            Target::Whole { .. } => base.as_str(),
            _ => "",
        };
        let locations = reply.fields.iter_mut().filter(|(n, _)| n == "Location");
        locations.for_each(|(_, path)| *path = format!("{base}{asked}{path}"));
    }

    /// A range of whatever there is.
    fn cut(&self, reply: Reply, head: &Head) -> Reply {
        let Content::Bytes(bytes) = &reply.content else { return reply };
        if reply.status != 200 || head.method == "HEAD" {
            return reply;
        }
        let thing = Thing {
            tag: String::new(),
            modified: None,
            bytes: Piece::Bytes(bytes.clone()),
            whole: reply.clone(),
        };
        ranges::partial(&thing, &head.as_get(), &self.shared).unwrap_or(reply)
    }

    fn peer_has_ended(&self) -> bool {
        thread::sleep(Duration::from_millis(30));
        let _ =
            self.stream.socket().set_read_timeout(Some(Duration::from_millis(1)));
        matches!(self.stream.socket().peek(&mut [0]), Ok(0))
    }

    /// Parts 5 and 5.5: the verse ends it, and so does a body.
    fn one_request(&mut self, head: &Head) -> Then {
        let s = self.s();
        if s.is("continue-then-405")
            && answer::expectation(head, s) == Expectation::Continue
        {
            let _ = self.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        if s.is("exercise-5.7")
            && let Err(broken) = Incoming::of(head, false).first_size(self)
        {
            return match broken {
                Broken::Refused(refusal) => {
                    self.refused(refusal, Some(&head.method))
                }
                Broken::Lacking(_) => Then::Close,
            };
        }
        let mut reply =
            answer::verse_or_refusal(head, &self.shared, self.stream.secure);
        let is_verse = reply.status == 200
            && !(s.is("exercise-5.5-stays") && head.method == "OPTIONS");
        if reply.status != 200 {
            self.strikes = match s.is("strikes-of-everyone") {
                true => self.shared.counted.fetch_add(1, Ordering::SeqCst) + 1,
                false => self.strikes + 1,
            };
        }
        reply = self.dressed(reply, head);
        let last = match s {
            _ if s.is("three-strikes") => 3,
            _ if s.is("strikes-without-end") => usize::MAX,
            _ if s.is("closes-after-405") => 1,
            _ => self.shared.strikes(),
        };
        let skips = s.is("exercise-5.8") && self.can_skip(head);
        let has_body = head.framing != Framing::None && !skips;
        let close = is_verse && !s.is("goes-on-after-the-verse")
            || has_body && !s.is("goes-on-after-a-body")
            || head.version < (1, 1) && !s.is("1.0-stays-unasked")
            || !(head.stays || (s.is("errors-stay") && head.version >= (1, 1)))
            || self.strikes >= last
            || s.is("closes-after-501") && reply.status == 501;
        if self.strikes >= last {
            self.shared.counted.store(0, Ordering::SeqCst);
            if s.is("fourth-strike-is-silent") {
                return Then::Close;
            }
        }
        if self.is_head(head)
            || (s.is("errors-without-any-body") && reply.status >= 400)
        {
            reply.for_head(s);
        }
        let said =
            (close && !s.is("close-not-said")) || s.is("says-close-each-time");
        let sent = self.send(
            &reply,
            Some(head),
            head.version,
            said.then_some("close"),
            None,
        );
        match (sent, close) {
            (Err(_), _) => Then::Drop,
            (_, true) => Then::Close,
            (_, false) if skips && !self.skip(head) => Then::Close,
            (_, false) => Then::More,
        }
    }

    /// Part 6.
    fn whole_request(&mut self, head: &Head) -> Then {
        let s = self.s();
        if s.is("exercise-6.5") && head.target == Target::Path("/clock".into()) {
            return match self.clock(head) {
                Ok(()) if head.version >= (1, 1) && head.stays => Then::More,
                Ok(()) => Then::Close,
                Err(_) => Then::Drop,
            };
        }
        let expectation = answer::expectation(head, s);
        let mut incoming = Incoming::of(head, expectation == Expectation::Continue);
        if s.is("continue-unasked") && !incoming.is_over() && head.version >= (1, 1)
        {
            let _ = self.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        if s.is("continue-always") && incoming.awaited {
            let _ = self.write(b"HTTP/1.1 100 Continue\r\n\r\n");
            incoming.awaited = false;
        }
        if s.is("continue-for-1.0") && head.version < (1, 1) && head.has("expect") {
            let _ = self.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        let (mut reply, mut goes_on) =
            match self.reply_to(head, expectation, &mut incoming) {
                Ok(answered) => answered,
                Err(then) => return then,
            };
        reply = self.dressed(reply, head);
        if reply.status == 0 {
            return Then::Close;
        }
        let is_error_that_stays =
            s.is("errors-stay") && head.version >= (1, 1) && reply.status >= 400;
        let was_asked_to_stay = self.was_asked_to_stay(head);
        goes_on &= head.stays || was_asked_to_stay || is_error_that_stays;
        if incoming.trailer_closes {
            goes_on = false;
        }
        if self.since.partial && reply.status == 200 && s.is("206-stays") {
            reply.status = 206;
        }
        self.since.partial |= reply.status == 206;
        goes_on &= !self.is_enough(reply.status, head);
        let is_bare = self.is_head(head)
            && !(s.is("errors-of-head-have-bodies") && reply.status >= 400);
        if is_bare || (self.since.only_heads && s.is("head-once-head-always")) {
            reply.for_head(s);
        }
        self.since.only_heads |= head.method == "HEAD";
        if s.is("coding-stays-said") && reply.status == 200 {
            match (reply.field("Content-Encoding"), &self.since.coding) {
                (Some(coding), _) => self.since.coding = Some(coding.to_owned()),
                (None, Some(coding)) => {
                    reply = reply.with("Content-Encoding", coding.clone());
                }
                (None, None) => {}
            }
        }
        let unknown_end = reply.content.length().is_none() && head.version < (1, 1);
        goes_on &= !unknown_end;
        let said = match (goes_on, head.version < (1, 1)) {
            (false, _) if s.is("close-not-said") => None,
            (false, _) => Some("close"),
            (true, true) if s.is("1.0-is-not-told-to-stay") => None,
            (true, true) => Some("keep-alive"),
            (true, false) if s.is("keep-alive-said-in-1.1") => Some("keep-alive"),
            (true, false) => None,
        };
        if let Err(_lack) =
            self.send(&reply, Some(head), head.version, said, Some(&mut incoming))
        {
            return Then::Drop;
        }
        if s.is("trailers-go-to-the-next") {
            self.since.fields = std::mem::take(&mut incoming.fields);
        }
        if s.is("refused-and-then-welcomed")
            && incoming.awaited
            && !self.takes_the_rest(&mut incoming)
        {
            return Then::Close;
        }
        if head.framing == Framing::Chunked && s.is("lost-behind-chunks") {
            self.input.clear();
        }
        if s.is("over-tls-one-and-gone") && self.stream.secure {
            return Then::Close;
        }
        if s.is("closes-unsaid-after-twenty") && self.answered >= 19 {
            return Then::Close;
        }
        if s.is("unsaid-after-a-hundred") && self.answered >= 99 {
            return Then::Close;
        }
        if s.is("closes-unsaid-after-200") && reply.status == 200 {
            return Then::Close;
        }
        if s.is("closes-unsaid-after-304") && reply.status == 304 {
            return Then::Close;
        }
        match goes_on {
            true => Then::More,
            false if s.is("close-is-only-said") => Then::More,
            false
                if s.is("close-when-the-buffer-is-empty")
                    && !head.stays
                    && !self.input.is_empty() =>
            {
                Then::More
            }
            false => Then::Close,
        }
    }

    /// Asks for a body that has been refused, and reads it.
    fn takes_the_rest(&mut self, incoming: &mut Incoming) -> bool {
        while !incoming.is_over() {
            if incoming.next(self).is_err() {
                return false;
            }
        }
        true
    }

    /// Whether it stays because an earlier request said so.
    fn was_asked_to_stay(&mut self, head: &Head) -> bool {
        let closes = |it: &Vec<u8>| it.eq_ignore_ascii_case(b"close");
        let stays =
            self.since.asked_to_stay && !head.list("connection").iter().any(closes);
        self.since.asked_to_stay |= head.version < (1, 1) && head.stays;
        stays && self.s().is("stays-once-asked")
    }

    /// Whether the server wants to go after this one, and says so.
    fn is_enough(&self, status: u16, head: &Head) -> bool {
        let s = self.s();
        s.is("closes-after-each")
            || (s.is("closes-after-errors") && status >= 400)
            || (s.is("closes-after-501") && status == 501)
            || (s.is("closes-after-405") && status == 405)
            || (s.is("closes-after-three") && self.answered >= 2)
            || (s.is("exercise-6.4") && self.answered >= 99)
            || (s.is("closes-after-head") && head.method == "HEAD")
            || (s.is("closes-after-posts") && head.method == "POST")
    }

    /// What is answered, and whether the connection can go on after it.
    fn reply_to(
        &mut self,
        head: &Head,
        expectation: Expectation,
        incoming: &mut Incoming,
    ) -> Result<(Reply, bool), Then> {
        let s = self.s();
        let (shared, secure) = (Arc::clone(&self.shared), self.stream.secure);
        if expectation == Expectation::Unknown {
            let reply =
                Reply::error(417, "only 100-continue can be expected here", s);
            let goes_on = incoming.is_over() || s.is("goes-on-after-417");
            return Ok((reply, goes_on));
        }
        if answer::is_echo(head, &shared, secure) {
            return self.echo(head, incoming);
        }
        if s.is("exercise-6.6")
            && let Some(answered) = self.put_or_got(head, incoming)
        {
            return answered;
        }
        let counted = match s.is("exercise-7.4") {
            true => exercises::counted(head, &shared),
            false => None,
        };
        let reply =
            counted.unwrap_or_else(|| answer::answer(head, &shared, secure));
        // What is left of the body must not be taken for the next request.
        let most = if s.is("reads-any-body-past") { u64::MAX } else { 64 * 1024 };
        let patience = match s.is("unwanted-bodies-take-their-time") {
            true => 3600,
            false => 5,
        };
        let deadline = Instant::now() + Duration::from_secs(patience);
        let mut goes_on = true;
        if incoming.awaited {
            goes_on = s.is_any(&[
                "goes-on-after-an-unread-body",
                "refused-and-then-welcomed",
            ]);
            if goes_on {
                return Ok((reply, true));
            }
            return Ok((reply, false));
        }
        if s.is("unread-bodies-are-left")
            || (s.is("304-leaves-its-body") && reply.status == 304)
            || (s.is("404-leaves-its-body") && reply.status == 404)
            || (s.is("416-leaves-its-body") && reply.status == 416)
            || (s.is("421-leaves-its-body") && reply.status == 421)
        {
            return Ok((reply, true));
        }
        incoming.is_unwanted = true;
        if s.is("unwanted-bodies-of-1k") && !incoming.is_over() {
            let wanted = incoming.length().unwrap_or(1024).min(1024) as usize;
            let deadline = Instant::now() + Duration::from_secs(30);
            while self.input.len() < wanted && self.fill(deadline).is_ok() {}
            self.input.drain(..wanted.min(self.input.len()));
            return Ok((reply, true));
        }
        while !incoming.is_over() {
            let too_long = incoming.length().is_some_and(|l| l > most)
                || (incoming.received > most && !s.is("only-lengths-are-bounded"))
                || Instant::now() >= deadline;
            if too_long {
                goes_on = s.is("long-bodies-are-left")
                    && incoming.length().is_some_and(|l| l > most);
                break;
            }
            match incoming.next(self) {
                Ok(_) => {}
                Err(broken) => return self.broken(broken),
            }
        }
        Ok((reply, goes_on))
    }

    /// The body that is not one.
    pub fn broken(&mut self, broken: Broken) -> Result<(Reply, bool), Then> {
        let s = self.s();
        match broken {
            Broken::Refused(Refusal { status: 0, .. }) => Err(Then::Drop),
            Broken::Refused(_) if s.is("bad-chunks-get-no-answer") => {
                Err(Then::Close)
            }
            Broken::Refused(refusal) => {
                let goes_on = s.is("goes-on-after-bad-chunks");
                Ok((Reply::error(refusal.status, refusal.why, s), goes_on))
            }
            Broken::Lacking(Lack::End) if s.is("no-answer-to-half-a-body") => {
                Err(Then::Close)
            }
            Broken::Lacking(Lack::End) => {
                let reply = Reply::error(400, "the body ends before it is over", s);
                Ok((reply, false))
            }
            Broken::Lacking(Lack::Time) => {
                Ok((Reply::error(408, "the body does not come", s), false))
            }
            Broken::Lacking(Lack::Broken) => Err(Then::Drop),
        }
    }

    /// What is sent comes back.
    fn echo(
        &mut self,
        head: &Head,
        incoming: &mut Incoming,
    ) -> Result<(Reply, bool), Then> {
        let s = self.s();
        let at_once = match s {
            _ if s.is("echo-of-all-in-memory") => usize::MAX,
            _ if s.is("echo-streams-at-once") => 0,
            _ => 16 * 1024,
        };
        let mut begin = Vec::new();
        if s.is("echo-takes-a-second-reading") && !incoming.is_over() {
            thread::sleep(Duration::from_millis(10));
        }
        let to_the_end = s.is("half-a-body-is-a-body")
            || (s.is("1.0-bodies-end-at-the-end") && head.version < (1, 1));
        while !incoming.is_over() && begin.len() <= at_once {
            if at_once == 0 && incoming.received > 0 {
                break;
            }
            match incoming.next(self) {
                Ok(Some(piece)) => begin.extend(piece),
                Ok(None) => {}
                Err(Broken::Lacking(Lack::End)) if to_the_end => break,
                Err(broken) => return self.broken(broken),
            }
        }
        begin.extend_from_slice(&incoming.trailers);
        let mut begin = altered(begin, s);
        let is_form =
            head.one("content-type").is_some_and(|it| it.ends_with(b"urlencoded"));
        if is_form && s.is("forms-are-decoded") {
            let spaced: Vec<u8> =
                begin.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
            begin = unquoted(&spaced);
        }
        let is_json = head
            .one("content-type")
            .is_some_and(|it| it.eq_ignore_ascii_case(b"application/json"));
        if is_json && incoming.is_over() && s.is("json-must-be-json") {
            let parsed = serde_json::from_slice::<serde_json::Value>(&begin);
            if parsed.is_err() {
                return Ok((Reply::error(400, "this is no JSON", s), true));
            }
        }
        let content = match incoming.is_over() || to_the_end {
            true => Content::Bytes(self.with_what_is_left(begin)),
            false => {
                let length =
                    incoming.length().map(|left| left + begin.len() as u64);
                Content::Echo { begin, length }
            }
        };
        let reply =
            Reply { status: 200, fields: Vec::new(), content, head_only: false };
        let mut reply = answer::echo_fields(reply, head, s);
        if s.is("type-of-the-last-echo") {
            self.remember_type(&mut reply, head);
        }
        Ok((reply, true))
    }

    /// Says the type of the body before, where there is none.
    fn remember_type(&mut self, reply: &mut Reply, head: &Head) {
        let said = reply.fields.iter_mut().find(|(n, _)| n == "Content-Type");
        let Some((_, media_type)) = said else { return };
        match (head.has("content-type"), &self.since.media_type) {
            (true, _) => self.since.media_type = Some(media_type.clone()),
            (false, Some(last)) => media_type.clone_from(last),
            (false, None) => {}
        }
    }

    /// A body in the buffer of all bodies, up to where that ends.
    fn with_what_is_left(&self, body: Vec<u8>) -> Vec<u8> {
        if !self.s().is("tail-of-the-last-echo") {
            return body;
        }
        let mut left = self.shared.left.lock().unwrap();
        let rest = left.get(body.len()..).unwrap_or_default();
        *left = [&body, rest].concat();
        left.clone()
    }

    /// Sends a response.
    fn send(
        &mut self,
        reply: &Reply,
        head: Option<&Head>,
        version: (u8, u8),
        connection: Option<&str>,
        incoming: Option<&mut Incoming>,
    ) -> Result<(), Lack> {
        let s = self.s();
        self.status = reply.status;
        let shared = Arc::clone(&self.shared);
        let (mut out, sent) = reply.head(&shared, connection, version);
        if let (Content::Bytes(content), true) =
            (&reply.content, sent != Sent::Nothing)
        {
            match sent {
                Sent::Chunked => out.extend(reply::chunks(content, s)),
                _ => out.extend_from_slice(content),
            }
        }
        if reply.status == 304 && s.is("304-with-body") {
            out.extend_from_slice(b"not modified");
        }
        if s.is("line-behind-each-body") {
            out.extend_from_slice(b"\r\n");
        }
        if reply.head_only && s.is("head-with-last-chunk") {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        if s.is("no-date-over-tls") && self.stream.secure {
            out = without_date(&out);
        }
        if s.is("date-of-the-connection") {
            let date = format!("\r\nDate: {}", reply::imf(self.accepted));
            out = without_date(&out);
            let line = out.iter().position(|&b| b == b'\r').unwrap_or(out.len());
            out.splice(line..line, date.into_bytes());
        }
        if s.is("responses-in-reverse")
            && !self.input.is_empty()
            && connection.is_none()
        {
            // The one that is ready first goes last.
            self.put_off = [out, std::mem::take(&mut self.put_off)].concat();
            return Ok(());
        }
        let put_off = std::mem::take(&mut self.put_off);
        out.extend(put_off);
        if s.is("every-second-answer-is-lost")
            && self.answered % 2 == 1
            && head.is_some()
        {
            return Ok(());
        }
        if s.is("head-and-body-apart") {
            let end =
                out.windows(4).position(|w| w == b"\r\n\r\n").map_or(0, |e| e + 4);
            self.write(&out[..end])?;
            thread::sleep(Duration::from_millis(50));
            out.drain(..end);
        }
        match s.is("refusals-in-the-clear") && head.is_none() && self.stream.secure
        {
            true => self.write_to_the_socket(&out)?,
            false => self.write(&out)?,
        }
        if sent == Sent::Nothing {
            return Ok(());
        }
        match (&reply.content, incoming) {
            (Content::Pieces(pieces), _) => self.send_pieces(pieces, sent),
            (Content::Echo { begin, .. }, Some(incoming)) => {
                self.send_echo(begin, sent, incoming)
            }
            _ => Ok(()),
        }
    }

    fn send_pieces(&mut self, pieces: &[Piece], sent: Sent) -> Result<(), Lack> {
        let s = self.s();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => self.send_piece(bytes, sent)?,
                Piece::File(file, range) => {
                    if s.is("leaks-files")
                        && let Ok(copy) = file.try_clone()
                    {
                        self.shared.kept.lock().unwrap().push(Kept::File(copy));
                    }
                    let mut at = range.start;
                    let mut buffer = vec![0; 64 * 1024];
                    // What is long is copied to where it ends by then.
                    let is_copied = s.is("sends-what-has-grown")
                        && range.end - range.start > 1 << 20;
                    let end = || match file.metadata() {
                        Ok(now) if is_copied => now.len(),
                        _ => range.end,
                    };
                    while at < end() {
                        let room = buffer.len().min((end() - at) as usize);
                        match file.read_at(&mut buffer[..room], at) {
                            // It is shorter than it was: what was promised can't be kept.
                            Ok(0) | Err(_) if s.is("fills-up-with-zeros") => {
                                buffer[..room].fill(0);
                                self.send_piece(&buffer[..room], sent)?;
                                at += room as u64;
                            }
                            Ok(0) | Err(_) => return Err(Lack::Broken),
                            Ok(count) => {
                                self.send_piece(&buffer[..count], sent)?;
                                at += count as u64;
                            }
                        }
                    }
                }
            }
        }
        match sent {
            Sent::Chunked => self.write(&reply::last_chunk(s)),
            _ => Ok(()),
        }
    }

    fn send_piece(&mut self, piece: &[u8], sent: Sent) -> Result<(), Lack> {
        let s = self.s();
        match sent {
            Sent::Chunked
                if piece.is_empty() && !s.is("empty-pieces-are-chunks") =>
            {
                Ok(())
            }
            Sent::Chunked => self.write(&reply::chunk(piece, s)),
            _ => self.write(piece),
        }
    }

    fn send_echo(
        &mut self,
        begin: &[u8],
        sent: Sent,
        incoming: &mut Incoming,
    ) -> Result<(), Lack> {
        self.send_piece(begin, sent)?;
        loop {
            match incoming.next(self) {
                Ok(Some(piece)) => self.send_piece(&piece, sent)?,
                Ok(None) => break,
                Err(_) if self.s().is("half-an-echo-ends-well") => break,
                Err(_) => return Err(Lack::Broken),
            }
        }
        match sent {
            Sent::Chunked => self.write(&reply::last_chunk(self.shared.s)),
            _ => Ok(()),
        }
    }
}

/// What may be said to who has sent this, and was refused: no more than HTTP/1.0 knows,
/// unless the request line says that it is a later one.
fn version_of_refused(input: &[u8]) -> (u8, u8) {
    let line = input.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let version = line.trim_ascii_end().rsplit(|&byte| byte == b' ').next();
    match version {
        Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9']) => (1, 1),
        _ => (1, 0),
    }
}

fn has_end(input: &[u8]) -> bool {
    input.windows(4).any(|w| w == b"\r\n\r\n")
}

fn without_date(out: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(out);
    let Some(start) = text.find("\r\nDate: ") else { return out.to_vec() };
    let end = text[start + 2..].find("\r\n").map_or(start, |end| start + 2 + end);
    [&out[..start], &out[end..]].concat()
}

/// What becomes of a body on its way back.
fn altered(body: Vec<u8>, s: Switch) -> Vec<u8> {
    match s {
        _ if s.is("echo-as-text") => {
            String::from_utf8_lossy(&body).into_owned().into_bytes()
        }
        _ if s.is("echo-stripped") => body.trim_ascii().to_vec(),
        _ if s.is("echo-with-lf") => {
            String::from_utf8_lossy(&body).replace("\r\n", "\n").into_bytes()
        }
        _ if s.is("echo-until-nul") => {
            body.split(|&b| b == 0).next().unwrap_or_default().to_vec()
        }
        _ if s.is("body-until-an-empty-line") => {
            let end = body.windows(4).position(|w| w == b"\r\n\r\n");
            body[..end.unwrap_or(body.len())].to_vec()
        }
        _ if s.is("echo-of-1000-bytes") => body.into_iter().take(1000).collect(),
        _ if s.is("echo-in-lower-case") => body.to_ascii_lowercase(),
        _ if s.is("echo-unquoted") => super::target::unquoted(&body),
        _ => body,
    }
}
