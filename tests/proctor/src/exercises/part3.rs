//! The exercises of Part 3.

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use super::{Rubric, said};
use crate::check::Ports::Each;
use crate::check::Procedure::{Breaks, Does};
use crate::check::Rule::Ours;
use crate::check::{Check, Exam};
use crate::line::Outcome;
use crate::stage::Stage::Part3;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "3.1",
        stage: Part3,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "a command that prints a 405, and no line end is in what it sends",
            "who holds the X: the terminal, and neither nc nor the server",
            "how one sees it: with strace on nc, or with a terminal that lets go",
        ])),
    },
    Exercise {
        number: "3.2",
        stage: Part3,
        one_at_a_time: false,
        judged: Replaces(&[FIVE_PIECES_AS_SAID]),
    },
    Exercise {
        number: "3.3",
        stage: Part3,
        one_at_a_time: false,
        judged: Replaces(&[AN_H_IS_MISSED]),
    },
    Exercise {
        number: "3.4",
        stage: Part3,
        one_at_a_time: false,
        judged: Replaces(&[SECOND_ANSWER_IS_HELD]),
    },
    Exercise {
        number: "3.5",
        stage: Part3,
        one_at_a_time: false,
        judged: Adds {
            own: &[HEAD_IS_HEARD, HEAP_IS_JUNK, HTTP_IS_STILL_FOUND],
            with: &[],
            without: &["head-is-no-get", "any-junk-together"],
        },
    },
    Exercise {
        number: "3.6",
        stage: Part3,
        one_at_a_time: false,
        judged: Adds { own: &[], with: &[], without: &[] },
    },
];

const FIVE_PIECES_AS_SAID: Check = Check {
    id: "five-pieces-as-said",
    title: "Each gets as many 405s as you said.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "Who can walk through a machine with a finger knows what it does.",
    hint: "--said '0 0 0 0 0', with your five numbers in the order of the exercise.",
    read: "part3.html#exercises",
    procedure: Does {
        sends: "each of the five, and then the end",
        run: |exam| {
            const PIECES: [&[u8]; 5] = [
                b"\r\n\r\nhm\n",
                b"GET\t/ HTTP/1.1\r\n\r\n",
                b"GE\nT / HTTP/1.1\n\n",
                b"HTTP/\nHTTP/\n\nx\n",
                b"G",
            ];
            said::holds(exam, &PIECES, |piece| {
                strikes(exam, piece).map(|count| count.to_string())
            })
        },
    },
};

/// How often junk is refused that comes alone.
fn strikes(exam: &Exam, junk: &[u8]) -> Outcome<usize> {
    let mut call = exam.line.call()?;
    call.send(junk)?;
    call.finish();
    let (said, _) = call.read_to_end("the connection stays open after our end")?;
    exam.line.forget(&call);
    Ok(count(&said, b"HTTP/1.1 405"))
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|it| it == &what).count()
}

const AN_H_IS_MISSED: Check = Check {
    id: "an-h-is-missed",
    title: "HTTP/ is missed behind one kind of beginning, and not behind another.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "An H begins HTTP/ as the first wrong byte, and where another beginning broke \
        off.",
    hint: "Take out one of the two, and leave the other.",
    read: "part3.html#exercises",
    procedure: Does {
        sends: "junk with HTTP/ in it and a field line: HTTP/1.1, GEHTTP/1.1; \
            xHHTTP/1.1, xHTHTTP/1.1; and xHTTP/1.1",
        run: |exam| {
            let is_missed = |line: &str| {
                let junk = format!("{line}\r\na: b\r\n\r\n");
                Ok(strikes(exam, junk.as_bytes())? > 1)
            };
            let all = |lines: [&str; 2]| -> Outcome<bool> {
                Ok(is_missed(lines[0])? && is_missed(lines[1])?)
            };
            let call = exam.line.call()?;
            if is_missed("xHTTP/1.1")? {
                let what =
                    "HTTP/ is missed wherever it is: that is more than one arm";
                return Err(call.failure(what));
            }
            let first = all(["HTTP/1.1", "GEHTTP/1.1"])?;
            let again = all(["xHHTTP/1.1", "xHTHTTP/1.1"])?;
            match (first, again) {
                (false, false) => Err(call.failure("nothing is missed yet")),
                (true, true) => Err(call.failure("both kinds are missed")),
                _ => Ok(()),
            }
        },
    },
};

const SECOND_ANSWER_IS_HELD: Check = Check {
    id: "second-answer-is-held",
    title: "The second of two short answers is held back by the kernel.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "Nagle's algorithm waits for an acknowledgement that the other side \
        delays.",
    hint: "One line of the part switches it off.",
    read: "part3.html#answering",
    procedure: Breaks(&["answered-in-one-go"]),
};

const HEAD_IS_HEARD: Check = Check {
    id: "head-is-heard",
    title: "HEAD and a space get 200, and no text.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "Another word is another way through the same machine.",
    hint: "The answer is due at the space. A response to HEAD has no body.",
    read: "part3.html#exercises",
    procedure: Does {
        sends: "HEAD and a space, in one piece, byte by byte, and behind junk",
        run: |exam| {
            for pieces in [&[5][..], &[1; 5]] {
                let mut call = exam.line.call()?;
                let mut rest = &b"HEAD "[..];
                call.send_in_pieces(pieces.iter().map(|&length| {
                    let (piece, left) = rest.split_at(length);
                    rest = left;
                    piece
                }))?;
                call.status("HEAD", 200)?;
                call.ends()?;
            }
            let mut call = exam.line.call()?;
            call.send("hm\nHEAD ")?;
            call.status("hm", 405)?;
            call.status("HEAD", 200)?;
            call.ends()
        },
    },
};

const HEAP_IS_JUNK: Check = Check {
    id: "heap-is-junk",
    title: "HEAP is junk, at its P.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "Junk is known by its first wrong byte.",
    hint: "HEA may become HEAD; with a P it can't any more.",
    read: "part3.html#exercises",
    procedure: Does {
        sends: "HEA; a P behind it; a line end, and a GET",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send("HEA")?;
            call.stays_silent(std::time::Duration::from_millis(100))?;
            call.send("P")?;
            call.status("HEAP", 405)?;
            call.send("\nGET ")?;
            call.status("GET", 200).map(drop)
        },
    },
};

const HTTP_IS_STILL_FOUND: Check = Check {
    id: "http-is-still-found",
    title: "Junk that speaks HTTP still has field lines.",
    since: Part3,
    ports: Each,
    rule: Ours,
    why: "HT is how HTTP/ begins, as well as how HEAD goes wrong.",
    hint: "When HEAD is off, how much of HTTP/ has gone by?",
    read: "part3.html#exercises",
    procedure: Does {
        sends: "HTTP/1.1 200 OK with a field line, and HEAD behind it; the same with \
            HHTTP/1.1 and HEHTTP/1.1",
        run: |exam| {
            for line in
                ["HTTP/1.1 200 OK", "HHTTP/1.1", "HEHTTP/1.1", "HEAHTTP/1.1"]
            {
                let mut call = exam.line.call()?;
                call.send(format!("{line}\r\nA: b\r\n\r\nHEAD "))?;
                call.status("junk", 405)?;
                call.status("HEAD", 200)?;
            }
            Ok(())
        },
    },
};
