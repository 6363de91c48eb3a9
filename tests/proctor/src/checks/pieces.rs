//! The bytes of a request, wherever the network cuts them.

use std::time::Duration;

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See};
use crate::check::{Check, Exam, GET, HEAD, NOT_DONE, POST};
use crate::line::Outcome;
use crate::stage::Stage::{Part3, Part4, Part5};

/// Time enough for an answer that comes too soon.
const A_WHILE: Duration = Duration::from_millis(200);

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "get-cut-in-two",
        title: "A GET that comes in two pieces is one GET, wherever it is cut.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9293 section 2.2"),
        why: "TCP is a stream, not messages: one read is not one request.",
        hint: "Keep what was read so far, and read on until you know.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "a GET cut in two at each place where it can be cut",
            run: |exam| {
                (1..GET.len()).try_for_each(|cut| {
                    let (first, second) = GET.split_at(cut);
                    let mut call = exam.line.call()?;
                    call.send(first)?;
                    call.wait_until_read();
                    if cut == 2 && call.hears(A_WHILE)? {
                        return Err(call.failure_at(0, "an answer to half a word"));
                    }
                    call.send(second)?;
                    call.status("GET", 200).map(drop).map_err(|failure| {
                        failure.of(&format!("cut after {cut} bytes"))
                    })
                })
            },
        },
    },
    Check {
        id: "get-by-bytes",
        title: "A GET that comes a byte at a time is a GET.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9293 section 2.2"),
        why: "The surest way of not depending on the cuts is not to see them.",
        hint: "Keep what was read so far, and read on until you know.",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "a GET byte by byte",
            run: |exam| {
                let bytes: Vec<&[u8]> = GET.chunks(1).collect();
                in_pieces(exam, &bytes, "byte by byte")
            },
        },
    },
    Check {
        id: "late-second-half",
        title: "The second half of a GET may come later.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9293 section 2.2"),
        why: "A pause is not an end.",
        hint: "Only the end of the stream, or a deadline, says that nothing more \
            will come.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "a GET cut after GE, with more than a second between",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(&GET[..2])?;
                call.stays_silent(Duration::from_millis(1200))?;
                call.send(&GET[2..])?;
                call.status("GET", 200).map(drop)
            },
        },
    },
    Check {
        id: "four-bytes-will-do",
        title: "A GET is known by its first four bytes.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Nothing that follows could change the answer.",
        hint: "Don't wait for the end of a line; heads come with Part 4.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "GET and a space, and nothing more",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(&GET[..4])?;
                call.status("GET", 200).map(drop)
            },
        },
    },
    Check {
        id: "refused-and-served-by-bytes",
        title: "A refused request and a GET behind it are two, however they are cut.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9293 section 2.2"),
        why: "The answer depends on the bytes alone.",
        hint: "Try it with one byte of buffer.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "a POST and a GET byte by byte, and cut in two at each place",
            run: |exam| {
                let both = [POST, GET].concat();
                refused_and_served(exam, both.chunks(1))?;
                (1..both.len()).try_for_each(|cut| {
                    refused_and_served(exam, [&both[..cut], &both[cut..]]).map_err(
                        |failure| failure.of(&format!("cut after {cut} bytes")),
                    )
                })
            },
        },
    },
    Check {
        id: "head-cut-in-two",
        title: "A HEAD that comes in two pieces is one HEAD, wherever it is cut.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9293 section 2.2"),
        why: "TCP is a stream, not messages.",
        hint: "Look for the end of the head in all that has come so far.",
        read: "part4.html#their-half",
        procedure: Does {
            sends: "a HEAD cut in two at each place where it can be cut",
            run: |exam| {
                (1..HEAD.len()).try_for_each(|cut| {
                    let (first, second) = HEAD.split_at(cut);
                    let mut call = exam.line.call()?;
                    call.send(first)?;
                    call.wait_until_read();
                    if cut == 2 && call.hears(A_WHILE)? {
                        return Err(call.failure_at(0, "an answer to half a head"));
                    }
                    call.send(second)?;
                    call.status("HEAD", 200).map(drop)
                })
            },
        },
    },
    Check {
        id: "refused-at-every-cut",
        title: "A bad request gets the same refusal, wherever it is cut.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9293 section 2.2"),
        why: "Otherwise the answer depends on the network.",
        hint: "Apply the rules from left to right, each at the byte that breaks \
            it.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "a head with a space before a colon, and two Hosts, cut in two \
                at each place",
            run: |exam| {
                let request =
                    b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\nHost: c\r\n\r\n";
                (1..request.len()).try_for_each(|cut| {
                    let (first, second) = request.split_at(cut);
                    let mut call = exam.line.call()?;
                    call.send(first)?;
                    call.wait_until_read();
                    call.send(second)?;
                    call.status("GET", 400).map(drop).map_err(|failure| {
                        failure.of(&format!("cut after {cut} bytes"))
                    })
                })
            },
        },
    },
];

/// Sends a request in pieces, and wants the verse.
fn refused_and_served<'b>(
    exam: &Exam,
    pieces: impl IntoIterator<Item = &'b [u8]>,
) -> Outcome {
    let mut call = exam.line.call()?;
    call.send_in_pieces(pieces)?;
    let refused = call.any_status("POST", NOT_DONE)?;
    exam.serves_next(&mut call, &refused)
}

fn in_pieces(exam: &Exam, pieces: &[&[u8]], what: &str) -> Outcome {
    let mut call = exam.line.call()?;
    call.send_in_pieces(pieces.iter().copied())?;
    let served = call.status("GET", 200).map(drop);
    served.map_err(|failure| failure.of(what))
}
