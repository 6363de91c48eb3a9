//! What is no request, and what stands around one.

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::Then::Either;
use crate::check::{Check, GET, NOT_DONE};
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::stage::Stage;
use crate::stage::Stage::{Part3, Part5};
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "junk-is-refused",
        title: "What is no request is told so.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Whoever says something wrong learns it, and is not left waiting.",
        hint: "405 up to Part 4; 400 from Part 5 on, which reads requests.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "hello?, and the end of a line",
            run: |exam| {
                exam.response_to(b"hello?\r\n", junk_status(exam.stage)).map(drop)
            },
        },
    },
    Check {
        id: "fields-are-part-of-it",
        title: "A request is refused once, and not line by line.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9112 section 2.1"),
        why: "Its field lines belong to it, up to the empty one.",
        hint: "What says HTTP/ in its first line goes on to an empty line.",
        read: "part3.html#junk-that-speaks-http",
        procedure: Does {
            sends: "a PUT with three fields, and a GET behind it; up to Part 4 with \
                HTTP/ in other places too, and with a field line that begins with GET",
            run: |exam| {
                let lines = [
                    "PUT / HTTP/1.1",
                    "x HTHTTP/",
                    "HHTTP/1.1",
                    "/HTTHTTP/1",
                    "HTTP/1.1 x",
                    "x HTTP/ y z",
                ];
                // From Part 5 on, the others are no requests.
                let count = if exam.stage < Part5 { lines.len() } else { 1 };
                for line in &lines[..count] {
                    let mut call = exam.line.call()?;
                    let fields = "Host: localhost\r\nAccept: */*\r\nA: b\r\n\r\n";
                    let put = format!("{line}\r\n{fields}").into_bytes();
                    call.send([&put, GET].concat())?;
                    let refused = call.any_status("PUT", NOT_DONE)?;
                    // Whoever closes has refused it once, too.
                    match refused.says_close() {
                        true => call.ends()?,
                        false => exam.serves_next(&mut call, &refused)?,
                    }
                }
                // From Part 5 on, its name is refused for the space behind it.
                if exam.stage >= Part5 {
                    return Ok(());
                }
                let mut call = exam.line.call()?;
                call.send(b"PUT / HTTP/1.1\r\nHost: localhost\r\nGET : b\r\n\r\n")?;
                call.finish_when_answered();
                call.any_status("PUT", NOT_DONE)?;
                call.nothing_follows().map_err(|failure| {
                    failure.of("a field line that begins with GET")
                })
            },
        },
    },
    Check {
        id: "empty-lines-before",
        title: "An empty line before a request is nothing.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9112 section 2.2"),
        why: "Some clients send one too many after a body.",
        hint: "Skip CR LF where a request would begin.",
        read: "part3.html#junk",
        procedure: Answers(
            b"\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "get-and-one-space",
        title: "GET is followed by a space, and nothing stands before it.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9112 section 3"),
        why: "Another byte in its place, or one before, makes another word.",
        hint: "Compare four bytes, the space among them, with nothing stripped from \
            them before.",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "each byte in place of the space behind GET, and each before GET",
            run: |exam| sweep(exam, |draw| around_get(exam.stage, draw)),
        },
    },
    Check {
        id: "any-word-behind-get",
        title: "GET is served, whatever it asks for.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "There is one text, and nobody reads yet what stands behind GET and a \
            space.",
        hint: "Four bytes decide; targets come with Part 5.",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "GET with /, /a/b, *, x, a URI, and a byte that is no text",
            run: |exam| {
                for target in
                    [&b"/"[..], b"/a/b?c", b"*", b"x", b"http://a/", b"\xff"]
                {
                    let request =
                        [b"GET ", target, b" HTTP/1.1\r\nHost: a\r\n\r\n"];
                    exam.response_to(&request.concat(), 200)?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "nothing-said",
        title: "Who leaves without a word is told nothing.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "There is no request to answer.",
        hint: "At the end of the stream, with nothing read, close.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "the end of our half, and nothing else",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.finish();
                call.ends()
            },
        },
    },
    Check {
        id: "half-a-word",
        title: "Who leaves in the middle of a word is not kept.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 8"),
        why: "At the end of the stream there is no more to wait for.",
        hint: "A read that returns no bytes is the end. Do not read again.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "GE, and the end of our half; then another caller sends T, and what \
                is behind that in a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GE")?;
                call.finish();
                let (said, _) =
                    call.read_to_end("the connection stays open after our end")?;
                if said.windows(4).any(|it| it == b" 200") {
                    let what = "half a word was taken for a request";
                    return Err(call.failure_at(0, what));
                }
                let rest = b"T / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                let (call, response) = exam.any_response_to(rest)?;
                if response.status < 400 {
                    let what = "half a word of one caller, and half of another's, \
                        were taken for a request";
                    return Err(call.wrong(&response, response.status_at, what));
                }
                Ok(())
            },
        },
    },
    Check {
        id: "not-utf8",
        title: "Bytes that are no text are refused like other junk.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9112 section 2.2"),
        why: "A message is a sequence of octets, and whatever decodes it first can \
            fail.",
        hint: "Look at bytes. If your language throws at bad UTF-8, don't decode.",
        read: "part3.html#any-byte-at-all",
        procedure: Does {
            sends: "0xFF 0xFE, the end of a line, and an empty one",
            run: |exam| {
                let status = junk_status(exam.stage);
                exam.response_to(b"\xff\xfe\r\n\r\n", status).map(drop)
            },
        },
    },
    Check {
        id: "nul",
        title: "A NUL is a byte like any other.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9112 section 2.2"),
        why: "Where strings end with NUL, what comes behind it is not looked at.",
        hint: "Use lengths, not terminators.",
        read: "part3.html#any-byte-at-all",
        procedure: Does {
            sends: "0x00, GET, and the end of a line",
            run: |exam| {
                let status = junk_status(exam.stage);
                exam.response_to(b"\0GET / HTTP/1.1\r\n\r\n", status).map(drop)
            },
        },
    },
    Check {
        id: "every-byte",
        title: "Whatever byte comes first, nobody is left hanging.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9112 section 2.2"),
        why: "There are 256 of them, and each will come.",
        hint: "Which byte raises an error that nobody catches?",
        read: "part3.html#any-byte-at-all",
        procedure: Does {
            sends: "each of the 256 bytes, followed by a line end, an empty line and \
                the end of our half",
            run: |exam| {
                // A few at a time, so as not to ask for another thing.
                for first in (0..=255).step_by(16) {
                    let mut calls: Vec<(u8, Call)> = Vec::new();
                    for byte in first..=first + 15 {
                        let mut call = exam.line.call()?;
                        call.send([byte, b'\r', b'\n', b'\r', b'\n'])?;
                        call.finish_when_answered();
                        calls.push((byte, call));
                    }
                    for (byte, mut call) in calls {
                        is_refused(&mut call, byte).map_err(|failure| {
                            failure.of(&format!("after the byte {byte:#04x}"))
                        })?;
                    }
                }
                exam.served().map(drop)
            },
        },
    },
    Check {
        id: "endless-line",
        title: "A line without an end harms nobody.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Whatever is kept of it, somebody will send more.",
        hint: "An answer is wanted before the line ends: count the bytes, keep none, \
            and answer when there are too many.",
        read: "part3.html#any-byte-at-all",
        procedure: Does {
            sends: "a million bytes and no line end, then another caller",
            run: |exam| {
                let mut call = exam.line.call()?;
                for _ in 0..16 {
                    call.send(vec![b'x'; 64 * 1024])?;
                }
                exam.served()?;
                let response = call.response("")?;
                let statuses: &[u16] = match exam.stage {
                    Stage::Part4 => &[431],
                    stage if stage >= Part5 => &[400, 414, 431],
                    _ => &[405],
                };
                match statuses.contains(&response.status) {
                    true => Ok(()),
                    false => {
                        let what = format!(
                            "status {} is not one of {statuses:?}",
                            response.status
                        );
                        Err(call.wrong(&response, response.status_at, what))
                    }
                }
            },
        },
    },
];

/// How something is refused that is no request, up to Part 4 and from Part 5 on.
fn junk_status(stage: Stage) -> u16 {
    if stage < Part5 { 405 } else { 400 }
}

/// Wants a byte and a line end to be refused. Line ends may be nothing at all.
fn is_refused(call: &mut Call, byte: u8) -> Outcome {
    if matches!(byte, b'\r' | b'\n')
        && call.ends_within(call.patience())?
        && call.got().is_empty()
    {
        return Ok(());
    }
    let response = call.response("")?;
    match (400..500).contains(&response.status) {
        true => Ok(()),
        false => {
            Err(call.wrong(&response, response.status_at, "this is no refusal"))
        }
    }
}

/// A GET with a byte before it, or another than a space behind it.
fn around_get(stage: Stage, draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> = (0..=255).filter(|it| !b" \r\n".contains(it)).collect();
    let byte = draw.one(&all);
    let begin = match draw.below(2) {
        0 => [b"GET", &[byte][..]].concat(),
        _ => [&[byte], &b"GET "[..]].concat(),
    };
    let rest = b"/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // From Part 5 on it may be a method, and then one that nobody knows.
    let statuses: &[u16] = if stage < Part5 { &[405] } else { &[400, 501] };
    Case::new([&begin[..], rest].concat(), statuses)
}
