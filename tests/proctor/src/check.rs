//! What a check is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::checks;
use crate::line::{Call, Failure, Line, Outcome};
use crate::machine;
use crate::report::visible;
use crate::response::Response;
use crate::stage::{Speaks, Stage};
use crate::target::Port;

/// A request that every stage from the third on answers with the verse.
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The same, for its head alone.
pub const HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A request that is well-formed, and not for us.
pub const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// How a method is refused that is not done here: 405, or 501 of a server that does it
/// nowhere (RFC 9110 section 9.1), or 403 of one that gives no reason (section 15.5.4).
pub const NOT_DONE: &[u16] = &[405, 501, 403];

/// Something that a server of a stage does, and how to find out whether it does.
#[derive(Debug)]
pub struct Check {
    /// Its name on the command line.
    pub id: &'static str,
    /// What must hold, as a sentence.
    pub title: &'static str,
    /// The stage that brings it in. Which is the last that has it is [`Check::until`].
    pub since: Stage,
    /// Which ports it is about.
    pub ports: Ports,
    /// Who asks for it.
    pub rule: Rule,
    /// Why it must hold.
    pub why: &'static str,
    /// What may be the matter with a server that fails.
    pub hint: &'static str,
    /// The page of the book, and the place on it, that is about this.
    pub read: &'static str,
    /// How to find out.
    pub procedure: Procedure,
}

/// Who asks for what a check is about, and how strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// This section requires it.
    Must(&'static str),
    /// This section recommends it: there may be reasons not to, and the book has none.
    Should(&'static str),
    /// The book asks for it. This section speaks of it, and leaves it to the server.
    See(&'static str),
    /// The book asks for it, and nobody else.
    Ours,
}

/// How strictly something is asked for, the strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A standard requires it.
    Must,
    /// A standard recommends it.
    Should,
    /// The book asks for it.
    Ours,
}

impl Level {
    /// All of them, the strictest first.
    pub const ALL: [Level; 3] = [Level::Must, Level::Should, Level::Ours];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Ours => "ours",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Level, &'static str> {
        let found = Level::ALL.into_iter().find(|level| level.name() == text);
        found.ok_or("the levels are must, should and ours")
    }
}

impl Rule {
    /// How strict it is.
    pub const fn level(self) -> Level {
        match self {
            Rule::Must(_) => Level::Must,
            Rule::Should(_) => Level::Should,
            Rule::See(_) | Rule::Ours => Level::Ours,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Rule::Must(section) => f.write_str(section),
            Rule::Should(section) => write!(f, "{section} (should)"),
            Rule::See(section) => write!(f, "ours, see {section}"),
            Rule::Ours => f.write_str("ours"),
        }
    }
}

/// Which ports a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Each that there is, in turn.
    Each,
    /// The one in the clear.
    Clear,
    /// The one with TLS.
    Tls,
}

/// How to find out whether a check holds.
#[derive(Debug, Clone, Copy)]
pub enum Procedure {
    /// This request gets a response of this status; and what becomes of the connection.
    Answers(&'static [u8], u16, Then),
    /// Something of its own.
    Does {
        /// What is sent, in words.
        sends: &'static str,
        /// How to find out.
        run: fn(&Exam) -> Outcome,
    },
    /// The same, but that it waits for a deadline of the server's.
    Waits {
        /// What is sent, in words.
        sends: &'static str,
        /// How to find out.
        run: fn(&Exam) -> Outcome,
    },
    /// The same, but that a clock decides: who fails beside others is measured again,
    /// alone, and not on a machine that is too busy to tell.
    Timed {
        /// What is sent, in words.
        sends: &'static str,
        /// How to find out.
        run: fn(&Exam) -> Outcome,
    },
    /// The same, but that nothing else is made meanwhile: it looks at all that the server
    /// does.
    Alone {
        /// What is sent, in words.
        sends: &'static str,
        /// How to find out.
        run: fn(&Exam) -> Outcome,
    },
    /// At least one of these checks fails, as an exercise wants it.
    Breaks(&'static [&'static str]),
}

/// What becomes of a connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The server closes it.
    Closes,
    /// It stays, and the next request on it is served. From Part 6 on a server may close
    /// it, if it says so.
    Stays,
    /// The same at each stage, where that it stays is another check's affair.
    StaysOrSaysClose,
    /// That is another check's affair.
    Either,
}

/// A check under way: a line to the server, and what the server should be.
#[derive(Debug)]
pub struct Exam<'a> {
    /// The line to one of its ports.
    pub line: Line<'a>,
    /// The stage that it is held to.
    pub stage: Stage,
}

/// Two of one name are one.
impl PartialEq for Check {
    fn eq(&self, other: &Check) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

impl Check {
    /// The last stage that has it: the one before the first that has something else in
    /// its place.
    pub fn until(&self) -> Stage {
        checks::until(self.id)
    }

    /// Whether a server of a stage must pass it.
    pub fn holds_for(&self, stage: Stage) -> bool {
        (self.since..=self.until()).contains(&stage)
    }

    /// Whether it is about a port.
    pub fn is_about(&self, port: Port) -> bool {
        match self.ports {
            Ports::Each => true,
            Ports::Clear => port == Port::Clear,
            Ports::Tls => port == Port::Tls,
        }
    }

    /// Whether it has to wait for a deadline of the server's.
    pub fn is_slow(&self) -> bool {
        matches!(self.procedure, Procedure::Waits { .. })
    }

    /// Whether a clock decides.
    pub fn is_timed(&self) -> bool {
        matches!(self.procedure, Procedure::Timed { .. })
    }

    /// Whether nothing else may be made meanwhile.
    pub fn is_alone(&self) -> bool {
        matches!(self.procedure, Procedure::Alone { .. })
    }

    /// What is sent, in words or as it is.
    pub fn sends(&self) -> String {
        match self.procedure {
            Procedure::Answers(
                request,
                _,
                Then::Stays | Then::StaysOrSaysClose,
            ) => visible(request) + "and, when that is answered, a GET",
            Procedure::Answers(request, ..) => visible(request),
            Procedure::Does { sends, .. }
            | Procedure::Waits { sends, .. }
            | Procedure::Timed { sends, .. }
            | Procedure::Alone { sends, .. } => sends.to_owned(),
            Procedure::Breaks(which) => {
                format!("what these send: {}", which.join(", "))
            }
        }
    }

    /// Puts a server to it.
    pub fn run(&self, exam: &Exam) -> Outcome {
        match self.procedure {
            Procedure::Answers(request, status, then) => {
                exam.answers(request, status, then)
            }
            Procedure::Does { run, .. }
            | Procedure::Waits { run, .. }
            | Procedure::Alone { run, .. } => run(exam),
            Procedure::Timed { run, .. } => {
                run(exam).map_err(|failure| match machine::is_busy() {
                    false => failure,
                    true => Failure::skip("this machine is too busy to tell"),
                })
            }
            Procedure::Breaks(which) => exam.breaks(which),
        }
    }
}

/// The method that a request begins with.
pub fn method(request: &[u8]) -> &str {
    let word = request.split(|&byte| byte == b' ').next().unwrap_or_default();
    str::from_utf8(word).unwrap_or_default()
}

impl Exam<'_> {
    /// Sends a request, wants a status, and something of the connection behind it.
    pub fn answers(&self, request: &[u8], status: u16, then: Then) -> Outcome {
        self.answers_any(request, &[status], then)
    }

    /// The same, of one of these statuses.
    pub fn answers_any(
        &self,
        request: &[u8],
        statuses: &[u16],
        then: Then,
    ) -> Outcome {
        let (mut call, response) = self.response_of(request, statuses)?;
        match then {
            Then::Closes => call.ends(),
            Then::StaysOrSaysClose if response.says_close() => call.ends(),
            Then::Stays | Then::StaysOrSaysClose => {
                self.goes_on(&mut call, &response)
            }
            Then::Either => Ok(()),
        }
    }

    /// Wants a connection to stay behind a response, and serve the next request on it.
    pub fn goes_on(&self, call: &mut Call, response: &Response) -> Outcome {
        if !self.may_close(response) {
            call.send(GET)?;
        }
        self.serves_next(call, response)
    }

    /// The same, where the next request has been sent already.
    pub fn serves_next(&self, call: &mut Call, response: &Response) -> Outcome {
        match self.may_close(response) {
            true => call.ends(),
            false => call.status("GET", 200).map(drop),
        }
    }

    /// Whether a server that says `Connection: close` may do so: whenever it likes, once
    /// connections stay and three strikes are no rule any more (RFC 9112 section 9.6).
    /// That it stays if it can is another check's affair.
    pub fn may_close(&self, response: &Response) -> bool {
        self.stays() && response.says_close()
    }

    /// A connection for the next request: this one, or another if it is over.
    pub fn next(&self, call: Call, response: &Response) -> Outcome<Call> {
        match self.may_close(response) {
            true => self.line.call(),
            false => Ok(call),
        }
    }

    /// Wants one of some checks to fail. They are made twenty times, as an accident
    /// need not happen at once.
    fn breaks(&self, which: &[&str]) -> Outcome {
        let of = checks::all().filter(|check| which.contains(&check.id));
        let of: Vec<&Check> = of.collect();
        let mut rounds = std::iter::repeat_n(&of, 20).flatten();
        match rounds.any(|check| check.run(self).is_err_and(|why| !why.skips)) {
            true => Ok(()),
            false => {
                let which = which.join(" and ");
                let what = format!("nothing is broken yet: it passes {which}");
                Err(Failure::new(what))
            }
        }
    }

    /// Whether this stage speaks HTTP.
    pub fn speaks_http(&self) -> bool {
        self.stage.part().speaks_http()
    }

    /// Whether a connection to this stage stays when a request has been answered.
    pub fn stays(&self) -> bool {
        self.stage.part().speaks == Speaks::Http
    }

    /// Asks for the verse, as this stage wants to be asked.
    pub fn ask(&self, call: &mut Call) -> Outcome {
        match self.speaks_http() {
            true => call.send(GET),
            false => Ok(()),
        }
    }

    /// Reads the verse, to its end.
    pub fn verse(&self, call: &mut Call) -> Outcome<Vec<u8>> {
        if self.speaks_http() {
            return call.status("GET", 200).map(|response| response.content);
        }
        let (text, end) = call
            .read_to_end("the connection stays open after the text")
            .map_err(|failure| match call.got().is_empty() {
                true => call.failure("no text came, and the connection stays open"),
                false => failure,
            })?;
        match end {
            crate::line::End::Reset if text.is_empty() => {
                Err(call.failure("the connection was reset, and there was no text"))
            }
            _ if text.is_empty() => {
                Err(call
                    .failure("the connection was closed, and there was no text"))
            }
            _ => Ok(text),
        }
    }

    /// Calls, asks, and reads.
    pub fn served(&self) -> Outcome<Vec<u8>> {
        let mut call = self.line.call()?;
        self.ask(&mut call)?;
        self.verse(&mut call)
    }

    /// The response to a GET.
    pub fn get(&self) -> Outcome<(Call, Response)> {
        self.response_to(GET, 200)
    }

    /// The response to a request, whatever its status: that is another check's affair.
    pub fn any_response_to(&self, request: &[u8]) -> Outcome<(Call, Response)> {
        let mut call = self.line.call()?;
        call.send(request)?;
        let response = call.response(method(request))?;
        Ok((call, response))
    }

    /// The response to a request, which has this status.
    pub fn response_to(
        &self,
        request: &[u8],
        status: u16,
    ) -> Outcome<(Call, Response)> {
        self.response_of(request, &[status])
    }

    /// The response to a request, which has one of these statuses.
    pub fn response_of(
        &self,
        request: &[u8],
        statuses: &[u16],
    ) -> Outcome<(Call, Response)> {
        let mut call = self.line.call()?;
        call.send(request)?;
        let response = call.any_status(method(request), statuses)?;
        Ok((call, response))
    }

    /// How a method is refused here that is not done, for where 501 may be about something
    /// else too.
    pub fn refusal_of(&self, method: &str) -> Outcome<u16> {
        let request = format!("{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let (call, response) = self.response_of(request.as_bytes(), NOT_DONE)?;
        self.line.forget(&call);
        Ok(response.status)
    }

    /// How long something may take that should take no time, beside others.
    pub fn soon(&self) -> Duration {
        self.line.patience()
    }

    /// How long a server may let somebody hold a connection that gets nowhere.
    pub fn longest_wait(&self) -> Duration {
        5 * self.line.patience()
    }

    /// The failure of a server that held a connection for longer than that.
    pub fn still_open(&self, call: &Call) -> Failure {
        let time = self.longest_wait().as_secs_f64();
        call.failure(format!("after {time} s the connection is still open"))
    }
}
