//! What a check is.

use std::fmt;
use std::time::Duration;

use crate::line::{Call, Failure, Line, Outcome};
use crate::response::Response;
use crate::stage::Stage;
use crate::target::Port;

/// A request that every stage from the third on answers with the verse.
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The same, for its head alone.
pub const HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A request that is well-formed, and not for us.
pub const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Something that a server of a stage does, and how to find out whether it does.
pub struct Check {
    /// Its name on the command line.
    pub id: &'static str,
    /// The stage that brings it in.
    pub since: Stage,
    /// The last stage that has it.
    pub until: Stage,
    /// Which ports it is about.
    pub ports: Ports,
    /// What must hold, as a sentence.
    pub title: &'static str,
    /// The rule's source.
    pub rule: &'static str,
    /// The page of the book, and the place on it, that is about this.
    pub read: &'static str,
    /// Why it must hold.
    pub why: &'static str,
    /// What may be the matter with a server that fails.
    pub hint: &'static str,
    /// What is sent, for those who ask.
    pub sends: String,
    /// Whether it has to wait for a deadline of the server's.
    pub slow: bool,
    run: Run,
}

type Run = Box<dyn Fn(&Exam) -> Outcome + Send + Sync>;

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

/// A check under way: a line to the server, and what the server should be.
#[derive(Debug)]
pub struct Exam<'a> {
    /// The line to one of its ports.
    pub line: Line<'a>,
    /// The stage that it is held to.
    pub stage: Stage,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("Check").field(&self.id).finish()
    }
}

/// Begins a check of something that a stage brings in.
pub fn check(id: &'static str, since: Stage, title: &'static str) -> Check {
    Check {
        id,
        since,
        until: Stage::Part6,
        ports: Ports::Each,
        title,
        rule: "",
        read: "",
        why: "",
        hint: "",
        sends: String::new(),
        slow: false,
        run: Box::new(|_| Err(Failure::new("this check does nothing"))),
    }
}

impl Check {
    /// Whether a server of a stage must pass it.
    pub fn holds_for(&self, stage: Stage) -> bool {
        (self.since..=self.until).contains(&stage)
    }

    /// Whether it is about a port.
    pub fn is_about(&self, port: Port) -> bool {
        match self.ports {
            Ports::Each => true,
            Ports::Clear => port == Port::Clear,
            Ports::Tls => port == Port::Tls,
        }
    }

    /// Puts a server to it.
    pub fn run(&self, exam: &Exam) -> Outcome {
        (self.run)(exam)
    }

    /// The last stage that has it.
    pub fn until(self, until: Stage) -> Check {
        Check { until, ..self }
    }

    /// The ports that it is about.
    pub fn on(self, ports: Ports) -> Check {
        Check { ports, ..self }
    }

    /// The rule's source.
    pub fn rule(self, rule: &'static str) -> Check {
        Check { rule, ..self }
    }

    /// Where the book speaks of it.
    pub fn read(self, read: &'static str) -> Check {
        Check { read, ..self }
    }

    /// Why it must hold.
    pub fn why(self, why: &'static str) -> Check {
        Check { why, ..self }
    }

    /// What may be the matter.
    pub fn hint(self, hint: &'static str) -> Check {
        Check { hint, ..self }
    }

    /// What is sent, in words or as it is.
    pub fn sends(self, sends: impl Into<String>) -> Check {
        Check { sends: sends.into(), ..self }
    }

    /// It has to wait for a deadline of the server's.
    pub fn slow(self) -> Check {
        Check { slow: true, ..self }
    }

    /// How to find out.
    pub fn run_with(
        self,
        run: impl Fn(&Exam) -> Outcome + Send + Sync + 'static,
    ) -> Check {
        Check { run: Box::new(run), ..self }
    }

    /// A request is refused with a status, and what becomes of the connection.
    pub fn refuses(
        self,
        request: impl Into<Vec<u8>>,
        status: u16,
        then: Then,
    ) -> Check {
        let request = request.into();
        let sends = crate::report::visible(&request);
        self.sends(sends).run_with(move |exam| {
            let mut call = exam.line.call()?;
            call.send(&request)?;
            call.status(method(&request), status)?;
            then.follows(&mut call)
        })
    }

    /// The same, where what is sent has been said.
    pub fn refuses_then(
        self,
        request: &'static [u8],
        status: u16,
        then: Then,
    ) -> Check {
        let sends = self.sends.clone();
        self.refuses(request, status, then).sends(sends)
    }

    /// A request is served with the verse.
    pub fn serves(self, request: impl Into<Vec<u8>>) -> Check {
        let request = request.into();
        let sends = crate::report::visible(&request);
        self.sends(sends).run_with(move |exam| {
            let mut call = exam.line.call()?;
            call.send(&request)?;
            call.status(method(&request), 200).map(drop)
        })
    }
}

/// The method that a request begins with.
pub fn method(request: &[u8]) -> &str {
    let word = request.split(|&byte| byte == b' ').next().unwrap_or_default();
    str::from_utf8(word).unwrap_or_default()
}

/// What becomes of a connection after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The server closes it.
    Closes,
    /// It stays, and the next request on it is served.
    Stays,
}

impl Then {
    /// Wants it to be so.
    pub fn follows(self, call: &mut Call) -> Outcome {
        match self {
            Then::Closes => call.ends(),
            Then::Stays => {
                call.send(GET)?;
                call.status("GET", 200).map(drop)
            }
        }
    }
}

impl Exam<'_> {
    /// Whether this stage speaks HTTP.
    pub fn speaks_http(&self) -> bool {
        self.stage >= Stage::Part3
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
        let mut call = self.line.call()?;
        call.send(request)?;
        let response = call.status(method(request), status)?;
        Ok((call, response))
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
