//! How long is waited for what does not come.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::check::Ports::{Each, Tls};
use crate::check::Procedure::Waits;
use crate::check::Rule::{Ours, See, Should};
use crate::check::{Check, Exam, GET, NOT_DONE, POST};
use crate::checks::resources::{Framing, LONG, Poured, pour};
use crate::line::{Call, Outcome};
use crate::stage::Stage::{Part5, Part5_5, Part6, Part7};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "half-a-head-has-a-deadline",
        title: "Half a head is not waited for for ever.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 15.5.9"),
        why: "Connections that wait are a way of taking a server off the air.",
        hint: "A deadline for the whole head, and then 408.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "half a head, and nothing more",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.1\r\nHost:")?;
                let begun = Instant::now();
                if !call.hears(exam.longest_wait())?
                    && begun.elapsed() >= exam.longest_wait()
                {
                    return Err(exam.still_open(&call));
                }
                says_408_or_nothing(&mut call)
            },
        },
    },
    Check {
        id: "408-says-close",
        title: "Who is told 408 is told that the connection closes.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 9.6"),
        why: "The client may be about to send the rest, or another request.",
        hint: "Whoever is going to close has to say so, of a deadline too.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "half a head, and nothing more",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.1\r\nHost:")?;
                // That there is a deadline, and what is said then, is another's affair.
                if !call.hears(exam.longest_wait())? {
                    return Ok(());
                }
                let response = call.response("GET")?;
                match response.says_close() {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        response.last_line(),
                        "no Connection: close in this head",
                    )),
                }
            },
        },
    },
    Check {
        id: "a-trickle-has-a-deadline",
        title: "A head that trickles in is not waited for for ever.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 15.5.9"),
        why: "A deadline that each byte renews is no deadline.",
        hint: "One deadline around all reads of a head, and not one around each.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "half a head, and then a byte each second",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.1\r\nHost: ")?;
                let begun = Instant::now();
                while begun.elapsed() < exam.longest_wait() {
                    call.send(b"a")?;
                    let wait = Instant::now();
                    let heard = call.hears(Duration::from_secs(1))?;
                    if heard || wait.elapsed() < Duration::from_millis(900) {
                        return says_408_or_nothing(&mut call);
                    }
                }
                Err(exam.still_open(&call))
            },
        },
    },
    Check {
        id: "silence-has-a-deadline",
        title: "Who says nothing is not kept for ever, and told nothing.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 9.5"),
        why: "It may be a spare connection, and an answer to no request is taken \
            for that to the next.",
        hint: "A deadline, and then a close without a word.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "nothing; and an empty line, which is no request either",
            run: |exam| {
                let calls = [&b""[..], b"\r\n"].map(|nothing| {
                    let mut call = exam.line.call()?;
                    call.send(nothing)?;
                    Ok(call)
                });
                let deadline = Instant::now() + exam.longest_wait();
                for call in calls {
                    let mut call: Call = call?;
                    let left = deadline.saturating_duration_since(Instant::now());
                    // What has come already is heard in any case.
                    if call.hears(left.max(Duration::from_millis(100)))? {
                        return Err(call.failure_at(0, "an answer to nothing"));
                    }
                    if !call.has_ended() {
                        return Err(exam.still_open(&call));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "answered-and-silent",
        title: "Who has been answered and says no more is told nothing.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 9.5"),
        why: "It would be taken for the answer to the next request, which may be on its \
            way.",
        hint: "408 is for half a request. If not a byte of the next one has come, close \
            without a word.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "a POST, and in Part 6 a GET, and nothing more",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send([POST, GET][usize::from(exam.stage >= Part6)])?;
                call.response("GET")?;
                // As much as a deadline of ten seconds, and a little more.
                let wait = exam.longest_wait().min(Duration::from_secs(12));
                match call.hears_more(wait)? {
                    true => Err(call.failure("an answer to nothing")),
                    false => Ok(()),
                }
            },
        },
    },
    Check {
        id: "deadline-anew",
        title: "Each request has its own time.",
        since: Part5,
        ports: Each,
        rule: Ours,
        why: "Somebody who uses the strikes politely is not cut off in the middle \
            of the text.",
        hint: "Begin the deadline anew after each response, and not with the \
            connection.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Waits {
            sends: "three POSTs, each with a pause of four seconds behind it, and a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                // Together longer than the ten seconds that a head is given.
                for _ in 0..3 {
                    call.send(POST)?;
                    let refused = call.any_status("POST", NOT_DONE)?;
                    if exam.may_close(&refused) {
                        return call.ends();
                    }
                    sleep(Duration::from_secs(4));
                }
                call.send(GET)?;
                call.status("GET", 200).map(drop)
            },
        },
    },
    Check {
        id: "handshake-has-a-deadline",
        title: "A handshake is not waited for for ever.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "Connections that wait are a way of taking a server off the air.",
        hint: "A deadline for the whole handshake.",
        read: "part5_5.html#handshakes-that-fail",
        procedure: Waits {
            sends: "nothing, to the TLS port",
            run: |exam| {
                let mut call = exam.line.call_socket()?;
                match call.ends_within(exam.longest_wait())? {
                    true => Ok(()),
                    false => Err(exam.still_open(&call)),
                }
            },
        },
    },
    Check {
        id: "the-next-head-has-a-deadline",
        title: "Half a head is not waited for for ever behind a response either.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 15.5.9"),
        why: "A connection that stays is a caller like another, each time anew.",
        hint: "Is the deadline begun once for a connection, or once for a head?",
        read: "part6.html#hanging-up",
        procedure: Waits {
            sends: "a GET, and when that is answered half a head, of a GET and of a \
                HEAD, and nothing more",
            run: |exam| {
                let halves = ["GET", "HEAD"].map(|method| {
                    let (mut call, _) = exam.get()?;
                    call.send(format!("{method} / HTTP/1.1\r\nHost:"))?;
                    Ok((method, call))
                });
                let deadline = Instant::now() + exam.longest_wait();
                for half in halves {
                    let (method, mut call) = half?;
                    let left = deadline.saturating_duration_since(Instant::now());
                    if call.hears(left)? {
                        call.status(method, 408)?;
                        call.nothing_follows_the_last()?;
                    } else if !call.has_ended() {
                        return Err(exam.still_open(&call));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "unwanted-body-has-an-end",
        title: "Who sends a body that nobody wants, and does not stop, is told so.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "What is read to be thrown away costs as much as what is read to be kept.",
        hint: "Read past so many bytes, for so many seconds; then answer, say close, and \
            close. A chunked body has no length to go by: count.",
        read: "part6_server.html#a-connection-driven",
        procedure: Waits {
            sends: "POST / and 640 KB in chunks without a last one; and a POST / whose \
                body comes at a byte a second",
            run: |exam| {
                let begin = |fields: &str| {
                    let mut call = exam.line.call()?;
                    let request = format!(
                        "POST / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n"
                    );
                    call.send(request)?;
                    Ok(call)
                };
                let chunk = [b"4000\r\n", &[b'x'; 0x4000][..], b"\r\n"].concat();
                let mut long = begin("Transfer-Encoding: chunked")?;
                // What is refused need not be read on.
                let _ = (0..40).try_for_each(|_| long.send(&chunk));
                is_told(long, exam.soon(), b"")?;
                let slow = begin("Content-Length: 1000")?;
                is_told(slow, exam.longest_wait(), b"x")
            },
        },
    },
    Check {
        id: "a-body-has-a-deadline",
        title: "Half a body is not waited for for ever.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 15.5.9"),
        why: "Whoever announces a body and sends none holds a connection with all that \
            it costs.",
        hint: "A deadline around the reads of a body too, in chunks or not.",
        read: "part6.html#hanging-up",
        procedure: Waits {
            sends: "half a body by its length, and half a body in chunks, and nothing \
                more",
            run: |exam| {
                let head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\n";
                let halves = [
                    &b"Content-Length: 9\r\n\r\nhello"[..],
                    b"Transfer-Encoding: chunked\r\n\r\n9\r\nhello",
                ];
                let wait = BODY * exam.soon();
                let deadline = Instant::now() + wait;
                let calls = halves.map(|half| {
                    let mut call = exam.line.call()?;
                    call.send([&head[..], half].concat())?;
                    Ok(call)
                });
                for call in calls {
                    let mut call: Call = call?;
                    let left = deadline.saturating_duration_since(Instant::now());
                    if !call.ends_within(left)? {
                        let wait = wait.as_secs_f64();
                        let what =
                            format!("after {wait} s the connection is still open");
                        return Err(call.failure(what));
                    }
                    // Half an order is not an order.
                    if !call.got().is_empty() {
                        refuses(&mut call)?;
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "who-reads-nothing-is-given-up",
        title: "Who asks for much and reads nothing is given up some time.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 9.5"),
        why: "They hold a connection, and what was to be sent, at no cost of their own.",
        hint: "A deadline around the writes, too: for room to write more, and begun anew \
            when there was some.",
        read: "part6.html#patience",
        procedure: Waits {
            sends: "16 MiB to /echo, or as much of that as is taken, and reads nothing of \
                what comes back; and reads it when the time is over",
            run: reads_nothing,
        },
    },
];

/// Wants whoever reads nothing to be hung up on, before all that there is has gone out.
fn reads_nothing(exam: &Exam) -> Outcome {
    let Poured { mut call, is_taken } = pour(exam, Framing::Chunks)?;
    if is_taken {
        // Then it is kept until it is whole, perhaps.
        call.send(b"0\r\n\r\n")?;
    }
    let wait = exam.soon()
        * match exam.stage < Part7 {
            true => BODY,
            false => RESPONSE,
        };
    let deadline = Instant::now() + wait;
    while Instant::now() < deadline {
        if call.is_reset() {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    if call.is_refused() {
        return Ok(());
    }
    // Who has closed in order has left behind no more than there was room for.
    let count = call.drain()?;
    match call.has_ended() && count < LONG {
        true => Ok(()),
        false => {
            let what = format!(
                "after {} s in which nothing of it was read the connection is still open",
                wait.as_secs_f64()
            );
            Err(call.failure(what))
        }
    }
}

/// Wants whoever goes on with a body that nobody wants, with a piece each second, to be told
/// so within a time, or hung up on.
fn is_told(mut call: Call, within: Duration, piece: &[u8]) -> Outcome {
    let deadline = Instant::now() + within;
    let mut is_read = !piece.is_empty();
    while Instant::now() < deadline && !call.has_ended() {
        // What is refused need not be read on.
        is_read = is_read && call.send(piece).is_ok();
        if call.hears(Duration::from_secs(1))? {
            return refuses(&mut call);
        }
    }
    match call.has_ended() {
        true => Ok(()),
        false => {
            let time = within.as_secs_f64();
            let what = format!("after {time} s it reads on, and has said nothing");
            Err(call.failure(what))
        }
    }
}

/// How much longer a body may take than what ought to be done at once: networks that
/// people carry about fall silent for a while.
const BODY: u32 = 12;

/// How much longer who reads nothing may be waited for from Part 7 on, where a client has a
/// minute in hand.
const RESPONSE: u32 = 24;

/// Wants what was said of a body that was not all there to be no success.
fn refuses(call: &mut Call) -> Outcome {
    let response = call.response("POST")?;
    match response.status {
        400.. => Ok(()),
        _ => Err(call.wrong(
            &response,
            response.status_at,
            "half a body was taken for all of it",
        )),
    }
}

/// Wants what was said to who was waited for in vain to be 408, if anything was.
fn says_408_or_nothing(call: &mut Call) -> Outcome {
    match call.got() {
        [] => Ok(()),
        _ => call.status("GET", 408).map(drop),
    }
}
