//! The end of a server, which is the last that is looked at.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use crate::check::Check;
use crate::check::Exam;
use crate::check::Ports::Clear;
use crate::check::Procedure::Alone;
use crate::check::Rule::Ours;
use crate::line::{Call, End, Failure, Line, Outcome};
use crate::stage::Stage::{self, Part5_5, Part6};
use crate::target::Port;
use crate::usage;

/// The checks.
pub const CHECKS: &[Check] = &[Check {
    id: "ends-in-good-order",
    title: "Who is told to end finishes what is under way, and ends.",
    since: Part5_5,
    ports: Clear,
    rule: Ours,
    why: "A server is put in another's place some day, while somebody is being served.",
    hint: "At TERM close what listens and what is idle, wait for the others, tell each \
        in its response that it is the last, and go, with 0.",
    read: "part5_5.html#an-end-shutting-down",
    procedure: Alone {
        sends: "half a GET, from Part 6 on half a POST to /echo, and on another \
            connection, and on one over TLS, a GET and nothing more, or nothing; then the \
            signal TERM, and the rest of what was begun",
        run: in_good_order,
    },
}];

fn in_good_order(exam: &Exam) -> Outcome {
    let process = exam.line.target.process.ok_or_else(|| {
        Failure::skip(
            "a server can be told to end if proctor starts it: `-- COMMAND`",
        )
    })?;
    let mut idle = idle(exam)?;
    let over_tls = idle_over_tls(exam)?;
    let begun = Begun::at(exam.stage);
    let mut busy = exam.line.call()?;
    busy.send(begun.first)?;
    busy.wait_until_read();
    tell_to_end(process);
    // Who has just come may be waited for, a second or so.
    if !idle.ends_within(exam.soon())? {
        let what = "it was told to end (TERM), and an idle connection stays open";
        return Err(idle.failure(what));
    }
    if let Some(call) = over_tls {
        ends_with_notice(call)?;
    }
    lets_nobody_in(exam)?;
    busy.send(begun.rest)?;
    let response = busy.status(begun.method, 200)?;
    if begun.method == "POST" {
        busy.content(&response, b"helloworld")?;
    }
    if !response.says_close() {
        let what =
            "this is the last response, and does not say so: Connection: close";
        return Err(busy.wrong(&response, response.last_line(), what));
    }
    let is_gone = || {
        usage::processes()
            .get(&process.as_raw_nonzero().get())
            .is_none_or(|it| it.is_over)
    };
    if !comes(exam.soon(), is_gone) {
        return Err(busy.failure("it was told to end (TERM), and is still there"));
    }
    match exit_code(process) {
        // Whoever is started by another may have had that one ended first.
        None | Some(0) => Ok(()),
        Some(code) => {
            let what =
                format!("nobody was cut off, and it ended with exit code {code}");
            Err(Failure::new(what))
        }
    }
}

/// A request that is under way at the end.
struct Begun {
    method: &'static str,
    first: &'static [u8],
    rest: &'static [u8],
}

impl Begun {
    fn at(stage: Stage) -> Begun {
        match stage < Part6 {
            true => Begun {
                method: "GET",
                first: b"GET / HTTP/1.1\r\nHost: loc",
                rest: b"alhost\r\n\r\n",
            },
            false => Begun {
                method: "POST",
                first: b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello",
                rest: b"world",
            },
        }
    }
}

/// A connection on which nothing is under way: it has been served and stays, or nobody has
/// said anything on it.
fn idle(exam: &Exam) -> Outcome<Call> {
    match exam.stays() {
        true => exam.get().map(|(call, _)| call),
        false => exam.line.call(),
    }
}

/// The code with which a process of ours has ended by itself. Whoever waits for it later
/// finds it still.
fn exit_code(process: Pid) -> Option<i32> {
    let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(process), how).ok()??.exit_status()
}

/// The same over TLS, if there is a port for that.
fn idle_over_tls(exam: &Exam) -> Outcome<Option<Call>> {
    if exam.line.target.tls.is_none() {
        return Ok(None);
    }
    let line = Line::sharing(&exam.line, Port::Tls);
    idle(&Exam { line, stage: exam.stage }).map(Some)
}

/// Wants an idle connection over TLS to end as TLS does (RFC 8446 section 6.1).
fn ends_with_notice(mut call: Call) -> Outcome {
    let missed = "it was told to end (TERM), and an idle connection stays open";
    match call.read_to_end(missed)?.1 {
        End::Closed => Ok(()),
        _ => Err(call.failure("an idle connection ends without close_notify")),
    }
}

/// As `kill` and service managers do.
fn tell_to_end(process: Pid) {
    if kill_process_group(process, Signal::TERM).is_err() {
        // It is no group's first, or is gone: then it is seen to be.
        let _ = kill_process(process, Signal::TERM);
    }
}

fn lets_nobody_in(exam: &Exam) -> Outcome {
    let is_shut = || exam.line.target.clear.connect(exam.soon()).is_err();
    match comes(exam.soon(), is_shut) {
        true => Ok(()),
        false => {
            let what = "it was told to end (TERM), and goes on letting callers in";
            Err(Failure::new(what))
        }
    }
}

/// Whether something comes to be so within a time.
fn comes(time: Duration, is_so: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if is_so() {
            return true;
        }
        sleep(Duration::from_millis(20));
    }
    false
}
