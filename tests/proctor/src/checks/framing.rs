//! Where a request's body ends.

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, See, Should};
use crate::check::Then::Closes;
use crate::check::{Check, Exam, GET, NOT_DONE};
use crate::line::Outcome;
use crate::stage::Stage::Part5;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "signed-length",
        title: "A Content-Length with a sign is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "It is digits.",
        hint: "Number parsers take signs. Look at the digits first.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Content-Length: +5\r\n"), 400, Closes),
    },
    Check {
        id: "negative-length",
        title: "A negative Content-Length is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "It is digits.",
        hint: "Number parsers take signs. Look at the digits first.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Content-Length: -1\r\n"), 400, Closes),
    },
    Check {
        id: "hex-length",
        title: "A hexadecimal Content-Length is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "It is decimal.",
        hint: "Some number parsers know prefixes.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Content-Length: 0x5\r\n"), 400, Closes),
    },
    Check {
        id: "empty-length",
        title: "An empty Content-Length is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "It has at least one digit.",
        hint: "What does your number parser make of nothing?",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Content-Length:\r\n"), 400, Closes),
    },
    Check {
        id: "huge-length",
        title: "A Content-Length that no integer holds is refused.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 8.6"),
        why: "A number that wraps around is another number.",
        hint: "Does your arithmetic tell you of an overflow?",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "a GET with Content-Length: 99999999999999999999999999",
            run: |exam| {
                let request =
                    get!("Content-Length: 99999999999999999999999999\r\n");
                // It is no number for us, or too large a one (RFC 9110 section 15.5.14).
                exam.answers_any(request, &[400, 413], Closes)
            },
        },
    },
    Check {
        id: "list-of-lengths",
        title: "A list of Content-Lengths that differ is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Each reader has a favourite.",
        hint: "It is no number.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Content-Length: 5, 6\r\n"), 400, Closes),
    },
    Check {
        id: "two-lengths",
        title: "Two Content-Lengths that differ are refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Each reader has a favourite.",
        hint: "A map of fields keeps one of them. Keep a list.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(
            get!("Content-Length: 5\r\nContent-Length: 6\r\n"),
            400,
            Closes,
        ),
    },
    Check {
        id: "length-and-coding",
        title: "Content-Length and Transfer-Encoding together are refused with \
            400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 6.3"),
        why: "It is how smuggling is done, and a server may reject it.",
        hint: "If both are there, it is not a choice.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(
            get!("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            400,
            Closes,
        ),
    },
    Check {
        id: "chunked-not-last",
        title: "A Transfer-Encoding that does not end in chunked is refused with \
            400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Nobody can tell where such a body ends.",
        hint: "The last coding decides.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(
            get!("Transfer-Encoding: chunked, gzip\r\n"),
            400,
            Closes,
        ),
    },
    Check {
        id: "chunked-twice",
        title: "chunked twice is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 6.1"),
        why: "It is applied once, and last.",
        hint: "Count it.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(
            get!("Transfer-Encoding: chunked, chunked\r\n"),
            400,
            Closes,
        ),
    },
    Check {
        id: "coding-in-1-0",
        title: "A Transfer-Encoding in HTTP/1.0 is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 6.1"),
        why: "HTTP/1.0 has none, so somebody before us may not have seen it.",
        hint: "Treat it as faulty framing.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(
            b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "unknown-coding",
        title: "A coding that is not known is refused with 501.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 6.1"),
        why: "The end could be found, and the contents not read.",
        hint: "501 Not Implemented.",
        read: "part5.html#where-a-body-ends",
        procedure: Answers(get!("Transfer-Encoding: br, chunked\r\n"), 501, Closes),
    },
    Check {
        id: "body-is-no-request",
        title: "A body is not taken for the next request.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 9.3"),
        why: "Whoever can choose a body could put words into another caller's \
            mouth.",
        hint: "Read past the body, or close: 405 and Connection: close will do.",
        read: "part5.html#two-readers",
        procedure: Does {
            sends: "a POST with a Content-Length, whose body reads like a GET",
            run: |exam| {
                let post = format!(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \
                {}\r\n\r\n{SMUGGLED}",
                    SMUGGLED.len()
                );
                one_answer(exam, post.as_bytes())
            },
        },
    },
    Check {
        id: "chunks-are-no-request",
        title: "Chunks are not taken for the next request.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 9.3"),
        why: "Whoever can choose a body could put words into another caller's \
            mouth.",
        hint: "Read past the body, or close: 405 and Connection: close will do.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "a POST in chunks, one of which reads like a GET",
            run: |exam| {
                let post = format!(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: \
                chunked\r\n\r\n{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n",
                    SMUGGLED.len()
                );
                one_answer(exam, post.as_bytes())
            },
        },
    },
    Check {
        id: "bad-framing-is-the-end",
        title: "Behind faulty framing nothing is read.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Nobody knows where the next request begins.",
        hint: "After a 400 close.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "a head with two Content-Lengths, and a GET behind it",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(
                    [get!("Content-Length: 0\r\nContent-Length: 44\r\n"), GET]
                        .concat(),
                )?;
                call.status("GET", 400)?;
                call.ends()
            },
        },
    },
];

/// What a body may look like.
pub(super) const SMUGGLED: &str =
    "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Sends a POST with a body, and wants one 405 for it, and an end or silence.
fn one_answer(exam: &Exam, post: &[u8]) -> Outcome {
    let mut call = exam.line.call()?;
    call.send(post)?;
    call.finish_when_answered();
    let response = call.any_status("POST", NOT_DONE)?;
    let missed = "the connection stays open after our end";
    let at = response.start + response.length;
    let (rest, _) = call.read_to_end(missed)?;
    match rest.is_empty() {
        true => Ok(()),
        false => Err(call
            .failure_at(at, "a second response: the body was taken for a request")),
    }
}
