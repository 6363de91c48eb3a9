//! What ends a connection, and how, while one text is all.

use std::time::Duration;

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does, Timed};
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::Then::{Closes, Either};
use crate::check::{Check, GET, HEAD, NOT_DONE, POST, method};
use crate::line::Failure;
use crate::stage::Stage::{Part3, Part4, Part5};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "get-ends-it",
        title: "After the text the connection is closed.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "So far the end of the stream is the end of the text, and one text is \
            all.",
        hint: "Close in stages, as in Part 1.",
        read: "part3.html#answering",
        procedure: Does { sends: "a GET", run: |exam| exam.get()?.0.ends() },
    },
    Check {
        id: "one-text-is-all",
        title: "Of two GETs in one piece one is answered.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "The text ends the conversation.",
        hint: "When the text has been said, stop reading requests.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "a GET twice in one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send([GET, GET].concat())?;
                let response = call.status("GET", 200)?;
                // Without a length, a second response would pass for text.
                let second =
                    response.content.windows(9).position(|it| it == b"HTTP/1.1 ");
                match second {
                    Some(at) => {
                        let at = response.body.start + at;
                        Err(call.wrong(&response, at, "a second response"))
                    }
                    None => call.ends(),
                }
            },
        },
    },
    Check {
        id: "answered-in-one-go",
        title: "A short answer is not held back.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9293 section 3.7.4"),
        why: "Two small writes, and Nagle's rule holds back the second for as long \
            as the client does not acknowledge the first.",
        hint: "Write head and body at once, or set TCP_NODELAY.",
        read: "part3.html#junk",
        procedure: Timed {
            sends: "a POST twice in one piece, thirty times; from Part 6 on a HEAD",
            run: |exam| {
                // From Part 6 on a server may close after a refusal.
                let (request, statuses) = match exam.stays() {
                    true => (HEAD, &[200][..]),
                    false => (POST, NOT_DONE),
                };
                let mut times = Vec::new();
                for _ in 0..30 {
                    let mut call = exam.line.call()?;
                    call.acknowledge_late();
                    let begun = std::time::Instant::now();
                    call.send([request, request].concat())?;
                    let first = call.any_status(method(request), statuses)?;
                    if !exam.may_close(&first) {
                        call.any_status(method(request), statuses)?;
                    }
                    times.push(begun.elapsed());
                }
                // What is held back is late each time; what a busy machine
                // delays is not.
                times.sort();
                let early = times[times.len() / 4];
                match early < Duration::from_millis(30) {
                    true => Ok(()),
                    false => Err(Failure::new(format!(
                        "three of four took longer than {} ms",
                        early.as_millis()
                    ))),
                }
            },
        },
    },
    Check {
        id: "end-is-clean",
        title: "The connection of a GET is not reset, whatever came behind it.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "A browser has sent fields that nobody read.",
        hint: "Read what is left before closing.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "a GET and 4 KB more",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send([GET, &[b'x'; 4096]].concat())?;
                call.status("GET", 200)?;
                call.ends_without_reset()
            },
        },
    },
    Check {
        id: "says-close",
        title: "The last response on a connection says Connection: close.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9112 section 9.6"),
        why: "The client is about to send another request, unless it is told.",
        hint: "Whoever is going to close has to say so.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                match response.says_close() {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        response.last_line(),
                        "no Connection: close in this head, and \
                the connection is closed",
                    )),
                }
            },
        },
    },
    Check {
        id: "http-1-0",
        title: "HTTP/1.0 is served, and needs no Host.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3.2"),
        why: "It is older than the idea.",
        hint: "Host is required from 1.1 on.",
        read: "part5.html#the-whole-request",
        procedure: Answers(b"GET / HTTP/1.0\r\n\r\n", 200, Either),
    },
    Check {
        id: "http-1-0-closes",
        title: "After a request of HTTP/1.0 the connection is closed.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 9.3"),
        why: "It has no other way.",
        hint: "405, Connection: close, and close.",
        read: "part5.html#whether-more-may-follow",
        procedure: Does {
            sends: "POST / HTTP/1.0, and an empty line",
            run: |exam| {
                exam.answers_any(b"POST / HTTP/1.0\r\n\r\n", NOT_DONE, Closes)
            },
        },
    },
    Check {
        id: "close-is-honoured",
        title: "Who says Connection: close is closed.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 9.6"),
        why: "A server must not read another request after that.",
        hint: "It is a list of words, which differ not by case.",
        read: "part5.html#whether-more-may-follow",
        procedure: Does {
            sends: "a POST with Connection: keep-alive, CLOSE",
            run: |exam| {
                let request = b"POST / HTTP/1.1\r\nHost: localhost\r\n\
                    Connection: keep-alive, CLOSE\r\n\r\n";
                exam.answers_any(request, NOT_DONE, Closes)
            },
        },
    },
    Check {
        id: "big-body",
        title: "The refusal of a large body arrives although the client keeps \
            sending.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "Closed with bytes unread, the connection is reset, and the response \
            is lost.",
        hint: "After the last response read on for a while, and throw away.",
        read: "part5.html#reading-and-writing",
        procedure: Does {
            sends: "a POST of 200 KB",
            run: |exam| {
                for _ in 0..5 {
                    let mut call = exam.line.call()?;
                    call.send(
                        b"POST / HTTP/1.1\r\nHost: \
                        localhost\r\nContent-Length: 204800\r\n\r\n",
                    )?;
                    for _ in 0..50 {
                        call.send([b'x'; 4096])?;
                    }
                    call.any_status("POST", NOT_DONE)?;
                    call.ends_without_reset()?;
                }
                Ok(())
            },
        },
    },
];
