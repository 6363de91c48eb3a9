//! What a server uses: it comes back, and nothing is used for nothing.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::getpid;

use crate::check::Ports::Each;
use crate::check::Procedure::Alone;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam, GET};
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::{Part1, Part6};
use crate::usage::Usage;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "nothing-is-kept",
        title: "After a thousand callers of every kind nothing of them is left.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "A server runs for months: a descriptor or some bytes a caller are the \
            end of it, on a day when nobody looks.",
        hint: "Who closes the socket if the caller resets, or a handshake fails? Is \
            there a list of callers that only grows?",
        read: "part2.html#running-out",
        procedure: Alone {
            sends: "callers who leave, who reset, who ask and read, who ask and do \
                not, who say half of something; from Part 6 on who get what every \
                status gets: three rounds of 350",
            run: nothing_is_kept,
        },
    },
    Check {
        id: "idle-is-idle",
        title: "Who waits uses no processor.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "A loop that asks again and again whether there is anything takes the \
            time of all who have something to do.",
        hint: "A socket whose other side has ended is readable for ever; and a read \
            that would block is waited for, and not repeated.",
        read: "part2.html#running-out",
        procedure: Alone {
            sends: "some who say nothing, some who say half of something, and some who \
                say that nothing more will come; and then watches for a second",
            run: idle_is_idle,
        },
    },
    Check {
        id: "a-long-echo-is-not-kept",
        title: "A long body goes back as it comes, and is nowhere kept.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "Who sends a gigabyte would have a gigabyte of the server's memory, and each \
            of a dozen who do so another.",
        hint: "Send back what you have before you read more, and wait until it has gone \
            out: what is queued is in memory, too. Or say 413.",
        read: "part6_server.html#what-comes-back-the-echo",
        procedure: Alone {
            sends: "16 MiB of a longer body to /echo, by its length and in chunks, or as \
                much of it as is taken while nothing of the echo is read",
            run: long_echo_is_not_kept,
        },
    },
];

/// What the server uses.
fn usage(exam: &Exam) -> Outcome<Usage> {
    let process =
        exam.line.target.process.filter(|_| Usage::of(getpid()).is_some());
    let process = process.ok_or_else(|| {
        Failure::skip(
            "what the server uses is to be seen on Linux, if proctor starts it: \
             `-- COMMAND`",
        )
    })?;
    Usage::of(process).ok_or_else(|| Failure::new("the server has ended"))
}

/// How many callers there are in a round: 1050 in three.
const ROUND: usize = 350;
/// How many descriptors more than before are no leak: threads and pools have some.
const SOME: usize = 16;
/// How many KiB more than before are no leak, if they come in each of three rounds: a KiB
/// for each caller.
const GROWTH: u64 = ROUND as u64;

fn nothing_is_kept(exam: &Exam) -> Outcome {
    usage(exam)?;
    // What is made at the first caller of a kind, and kept for the others, is no leak.
    callers(exam, ROUND / 5)?;
    let mut least = u64::MAX;
    let before = settled(exam, usage(exam)?.descriptors)?;
    let mut last = before;
    for _ in 0..3 {
        callers(exam, ROUND)?;
        let now = settled(exam, before.descriptors + SOME)?;
        if now.descriptors > before.descriptors + SOME {
            let what = format!(
                "{} descriptors are open, where {} were before {ROUND} callers came \
                 and went",
                now.descriptors, before.descriptors
            );
            return Err(Failure::new(what));
        }
        least = least.min(now.memory.saturating_sub(last.memory));
        last = now;
    }
    match least <= GROWTH {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "with each {ROUND} callers who came and went it had {least} KiB more \
             memory, or yet more"
        ))),
    }
}

/// What it uses when it has no more descriptors than this, or when it has had its time to
/// get there.
fn settled(exam: &Exam, descriptors: usize) -> Outcome<Usage> {
    let deadline = Instant::now() + exam.longest_wait();
    loop {
        let now = usage(exam)?;
        if now.descriptors <= descriptors || Instant::now() > deadline {
            return Ok(now);
        }
        sleep(Duration::from_millis(20));
    }
}

/// What is asked for where connections stay, and each of it is answered in a way of its
/// own.
const ASKED: &[&str] = &[
    "HEAD / HTTP/1.1\r\nHost: a\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3,6-9\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=99999999-\r\n",
    "GET /none HTTP/1.1\r\nHost: a\r\n",
    "OPTIONS / HTTP/1.1\r\nHost: a\r\n",
    "BREW / HTTP/1.1\r\nHost: a\r\n",
];

/// Callers of every kind, in turn, who all go again.
fn callers(exam: &Exam, count: usize) -> Outcome {
    let kinds = if exam.stays() { 7 + ASKED.len() } else { 7 };
    for number in 0..count {
        // A handshake may fail for a check that is about that.
        match number % kinds {
            0 => drop(exam.line.call_socket()?),
            1 => exam.line.call_socket()?.reset(),
            2 => exam.line.call()?.reset(),
            3 => drop(exam.served()?),
            4 => {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                call.reset();
            }
            5 => exam.line.call()?.send(&GET[..GET.len() / 2])?,
            6 => exam.line.call()?.send(
                b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello",
            )?,
            other => {
                let request =
                    format!("{}Connection: close\r\n\r\n", ASKED[other - 7]);
                exam.any_response_to(request.as_bytes()).map(drop)?;
            }
        }
    }
    Ok(())
}

fn idle_is_idle(exam: &Exam) -> Outcome {
    usage(exam)?;
    let mut calls = Vec::new();
    for number in 0..9 {
        let mut call: Call = exam.line.call()?;
        match number % 3 {
            0 => {}
            1 => call.send(b"GET")?,
            _ => {
                call.send(b"GE")?;
                call.finish();
            }
        }
        calls.push(call);
    }
    // They have come by then; and what is still to be done for earlier callers, by a server
    // that gives them some seconds to go, is done once.
    sleep(Duration::from_millis(200));
    let mut now = usage(exam)?;
    let mut before = now;
    for _ in 0..4 {
        before = now;
        sleep(Duration::from_secs(1));
        now = usage(exam)?;
        if now.is_idle_since(&before) {
            return Ok(());
        }
    }
    let used = 10 * now.processor.saturating_sub(before.processor);
    let what = format!("of a second in which nothing happened it used {used} ms");
    Err(Failure::new(match 10 * now.queued.saturating_sub(before.queued) {
        0 => what,
        queued => {
            format!("{what}, and others kept it from using {queued} ms more")
        }
    }))
}

/// How much of a body is sent to be echoed; and what it is sent in.
pub const LONG: usize = 16 << 20;
const PIECE: usize = 16 * 1024;
/// How long nobody has to take anything of it to be waiting until somebody reads.
const PAUSE: Duration = Duration::from_secs(1);
/// How many KiB of it are more than a server has of a body that it sends back as it comes.
const KEPT: u64 = LONG as u64 / 1024 / 2;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By its length.
    Length,
    /// By its last chunk.
    Chunks,
}

/// A body that is poured out.
pub struct Poured {
    /// The connection, on which nothing is read.
    pub call: Call,
    /// Whether all that was to be sent was taken.
    pub is_taken: bool,
}

/// Sends all but the end of a long body to the echo, or as much of it as is taken.
pub fn pour(exam: &Exam, framing: Framing) -> Outcome<Poured> {
    let mut call = exam.line.call()?;
    let data = [b'x'; PIECE];
    let (field, piece) = match framing {
        Framing::Length => (format!("Content-Length: {}", LONG + 1), data.to_vec()),
        Framing::Chunks => {
            let size = format!("{PIECE:x}\r\n");
            let chunk = [size.as_bytes(), &data, b"\r\n"].concat();
            ("Transfer-Encoding: chunked".into(), chunk)
        }
    };
    call.send(format!(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"
    ))?;
    let is_taken = call.pour(&piece, LONG / PIECE, PAUSE);
    Ok(Poured { call, is_taken })
}

fn long_echo_is_not_kept(exam: &Exam) -> Outcome {
    usage(exam)?;
    for (framing, name) in
        [(Framing::Length, "that has a length"), (Framing::Chunks, "in chunks")]
    {
        // What one caller left behind may lie about for a while where garbage is
        // collected: who keeps bodies keeps each of three, which all stay to the end.
        let mut calls = Vec::new();
        let mut least = u64::MAX;
        while calls.len() < 3 && least > KEPT {
            let before = usage(exam)?.memory;
            let Poured { mut call, is_taken } = pour(exam, framing)?;
            least = least.min(grown(exam, before, is_taken)?);
            // Who says that it is too long has taken no more than it wants to have.
            if least > KEPT && call.is_refused() {
                least = 0;
            }
            calls.push(call);
        }
        if least > KEPT {
            let what = format!(
                "of each body of {} MiB {name} it has {} MiB in memory, or yet more, \
                 while nobody reads what comes back",
                LONG >> 20,
                least >> 10
            );
            return Err(Failure::new(what));
        }
    }
    Ok(())
}

/// How many KiB more it has than before: soon, if it may still be reading.
fn grown(exam: &Exam, before: u64, is_reading: bool) -> Outcome<u64> {
    let deadline = Instant::now() + PAUSE;
    loop {
        let grown = usage(exam)?.memory.saturating_sub(before);
        if grown > KEPT || !is_reading || Instant::now() > deadline {
            return Ok(grown);
        }
        sleep(Duration::from_millis(20));
    }
}
