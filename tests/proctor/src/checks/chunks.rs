//! Bodies in chunks.

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, Should};
use crate::check::Then::Closes;
use crate::check::{Check, Exam};
use crate::line::Outcome;
use crate::stage::Stage::Part6;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "echo-of-chunks",
        title: "A body in chunks is put together.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 7.1"),
        why: "Who makes a body as they go does not know its length.",
        hint: "Size in hexadecimal, CRLF, data, CRLF; 0 and an empty line at the \
            end.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "chunks of 3 and 26 bytes, an extension, a trailer field; and a \
                GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(chunks!(
                    "3;a=\"b\"\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n\
                     0\r\nX: y\r\n\r\n"
                ))?;
                let response = call.status("POST", 200)?;
                call.content(&response, b"abcabcdefghijklmnopqrstuvwxyz")?;
                exam.goes_on(&mut call, &response)
            },
        },
    },
    Check {
        id: "echo-of-chunks-by-bytes",
        title: "A body in chunks is put together, however it is cut.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 7.1"),
        why: "A size may come a digit at a time.",
        hint: "A line is read when its end is there, and not before.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "chunks of 1 and 16 bytes, byte by byte; and of 3 and 2, cut at \
                their ends",
            run: |exam| {
                let mut call = exam.line.call()?;
                let request =
                    chunks!("1\r\na\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
                call.send_in_pieces(request.chunks(1))?;
                let response = call.status("POST", 200)?;
                call.content(&response, b"a0123456789abcdef")?;
                call = exam.next(call, &response)?;
                let request = chunks!("3\r\nabc");
                let rest = ["\r", "\n2", "\r\nde", "\r\n0\r", "\n\r\n"];
                let rest = rest.map(str::as_bytes).into_iter();
                call.send_in_pieces([request].into_iter().chain(rest))?;
                let response = call.status("POST", 200)?;
                call.content(&response, b"abcde")
            },
        },
    },
    Check {
        id: "chunk-without-size",
        title: "A chunk has a size.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(chunks!("\r\nhello\r\n0\r\n\r\n"), 400, Closes),
    },
    Check {
        id: "chunk-with-a-sign",
        title: "A size has no sign.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(chunks!("+5\r\nhello\r\n0\r\n\r\n"), 400, Closes),
    },
    Check {
        id: "chunk-with-0x",
        title: "A size has no prefix.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(chunks!("0x5\r\nhello\r\n0\r\n\r\n"), 400, Closes),
    },
    Check {
        id: "chunk-over-64-bits",
        title: "A size that no number holds is refused.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(
            chunks!("10000000000000005\r\nhello\r\n0\r\n\r\n"),
            400,
            Closes,
        ),
    },
    Check {
        id: "chunk-size-and-lf",
        title: "A chunk's size ends with CRLF.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(chunks!("5\nhello\r\n0\r\n\r\n"), 400, Closes),
    },
    Check {
        id: "chunk-extension-and-lf",
        title: "An extension ends with CRLF.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Answers(chunks!("5;\nhello\r\n0\r\n\r\n"), 400, Closes),
    },
    Check {
        id: "chunk-too-long",
        title: "Data ends where the size says.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "five bytes announced, and six sent",
            run: |exam| is_refused(exam, chunks!("5\r\nhello!\r\n0\r\n\r\n")),
        },
    },
    Check {
        id: "chunk-end-skipped",
        title: "What ends a chunk is CRLF, and not any two bytes.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who reads it otherwise finds another request behind it.",
        hint: "Read the grammar byte by byte; what does not fit is refused.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "XX, where the end of a chunk should be",
            run: |exam| is_refused(exam, chunks!("5\r\nhelloXX0\r\n\r\n")),
        },
    },
];

/// Wants a body to be refused with 400; or, if its response had begun, to be broken off.
fn is_refused(exam: &Exam, request: &[u8]) -> Outcome {
    let mut call = exam.line.call()?;
    call.send(request)?;
    if call.breaks_off("POST")? {
        return Ok(());
    }
    call.status("POST", 400)?;
    call.ends()
}
