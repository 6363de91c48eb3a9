//! The text that whoever calls gets, and the end of it.

use std::collections::VecDeque;
use std::thread::sleep;
use std::time::Duration;

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Ours, See};
use crate::check::{Check, GET};
use crate::stage::Stage::Part1;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "answers",
        title: "Whoever calls gets a text.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "It is what the server is for.",
        hint: "Accept the caller, write the text to their stream, flush it.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET",
            run: |exam| exam.served().map(drop),
        },
    },
    Check {
        id: "text-is-utf8",
        title: "The text is UTF-8, and nothing but text.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "Bytes that are no text in any encoding we have named are noise.",
        hint: "Encode the text once, when the program starts, without a mark before \
            it or a zero behind.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                let text = exam.verse(&mut call)?;
                let before = call.got().len() - text.len();
                let wrong = |at, what| Err(call.failure_at(before + at, what));
                match str::from_utf8(&text) {
                    Ok(text) if text.starts_with('\u{feff}') => {
                        wrong(0, "a byte order mark is no text")
                    }
                    Ok(text) => match text.find(is_no_text) {
                        Some(at) => wrong(at, "this is a control character"),
                        None => Ok(()),
                    },
                    Err(error) => {
                        wrong(error.valid_up_to(), "this byte is not UTF-8")
                    }
                }
            },
        },
    },
    Check {
        id: "same-for-everyone",
        title: "Everyone gets the same text.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "A caller who is told something else has somebody else's text.",
        hint: "Is something kept between callers that should not be?",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET",
            run: |exam| {
                let first = exam.served()?;
                for _ in 0..3 {
                    let mut call = exam.line.call()?;
                    exam.ask(&mut call)?;
                    let text = exam.verse(&mut call)?;
                    if text != first {
                        let pairs = text.iter().zip(&first);
                        let same = pairs.take_while(|(a, b)| a == b).count();
                        let at = call.got().len() - text.len() + same;
                        return Err(call.failure_at(
                            at,
                            "the first caller was told otherwise",
                        ));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "ends",
        title: "After the text the stream ends.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9293 section 3.6"),
        why: "Without an end the caller can't know that it has heard all.",
        hint: "Shut down the writing side when all is written, then close.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                exam.verse(&mut call)?;
                call.read_to_end("the connection stays open after the text")
                    .map(drop)
            },
        },
    },
    Check {
        id: "ends-in-order",
        title: "The stream ends with a FIN and not with a reset.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9293 section 3.6"),
        why: "A reset can destroy what the caller has not read yet.",
        hint: "Sockets that are closed with bytes unread are reset: read first.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "five times, before anything is read, a few bytes that nobody \
                asked for; from Part 3 on behind a GET",
            run: |exam| {
                // Those who wait behind another have spoken before they are let in.
                let mut calls = VecDeque::new();
                for _ in 0..5 {
                    let mut call = exam.line.call()?;
                    exam.ask(&mut call)?;
                    call.send(b"hello?\r\n")?;
                    calls.push_back(call);
                }
                while let Some(mut call) = calls.pop_front() {
                    exam.verse(&mut call)?;
                    call.ends_without_reset()?;
                    call.no_reset_behind_the_end()?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "talkative-caller",
        title: "A caller who talks all the while gets the text whole.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "What is unread at the close makes the kernel reset the connection.",
        hint: "After the last byte, say that it was the last; read until the \
            caller leaves, for a second or two; then close.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "200 KB that nobody asked for; from Part 3 on behind a GET",
            run: |exam| {
                let expected = exam.served()?;
                for _ in 0..5 {
                    let mut call = exam.line.call()?;
                    exam.ask(&mut call)?;
                    for _ in 0..50 {
                        call.send([b'x'; 4096])?;
                    }
                    let text = exam.verse(&mut call)?;
                    if text != expected {
                        let what = format!(
                            "{} bytes of text came, of {}",
                            text.len(),
                            expected.len()
                        );
                        return Err(call.failure(what));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "late-reader",
        title: "A caller who is slow to read gets all of it, and an end in order.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "What is written may still be on its way when the server has had \
            enough.",
        hint: "Leave a caller a second to read what it was sent, and close rather \
            than reset.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET; and reads half a second later",
            run: |exam| {
                let expected = exam.served()?;
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                sleep(Duration::from_millis(500));
                let text = exam.verse(&mut call)?;
                if text != expected {
                    return Err(call.failure("the text is not whole"));
                }
                call.ends_without_reset()
            },
        },
    },
    Check {
        id: "no-http-yet",
        title: "What is said is the text and no HTTP.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "Nobody has asked anything, so nothing is answered.",
        hint: "The status line comes with Part 3.",
        read: "part1.html#trying-it",
        procedure: Does {
            sends: "a GET, which nobody reads",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(GET)?;
                let (text, _) =
                    call.read_to_end("the connection stays open after the text")?;
                match text.starts_with(b"HTTP/") {
                    true => Err(call.failure_at(0, "this is HTTP")),
                    false => Ok(()),
                }
            },
        },
    },
];

/// Whether a character is none that a text is made of.
fn is_no_text(it: char) -> bool {
    it.is_control() && !matches!(it, '\t' | '\n' | '\r')
}
