//! The exercises of Part 1.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use super::Rubric;
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::line::{Call, End, Failure};
use crate::stage::Stage::Part1;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "1.1",
        stage: Part1,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "two starts that fail, each with one line on stderr and an exit code of 1",
            "the line names the address and the port",
            "it says what the system said, and no stack trace follows",
        ])),
    },
    Exercise {
        number: "1.2",
        stage: Part1,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "the daemon starts again, although the file of the old one is there",
            "the file holds a pid that pgrep knows, and not the old one",
            "why that is so: the lock went with the process, whoever ended it",
        ])),
    },
    Exercise {
        number: "1.3",
        stage: Part1,
        one_at_a_time: false,
        judged: Replaces(&[DEAF_CALLER]),
    },
    Exercise {
        number: "1.4",
        stage: Part1,
        one_at_a_time: false,
        judged: Replaces(&[TEXT_IS_LOST]),
    },
    Exercise {
        number: "1.5",
        stage: Part1,
        one_at_a_time: false,
        judged: Adds { own: &[], with: &["both-families"], without: &[] },
    },
];

const DEAF_CALLER: Check = Check {
    id: "deaf-caller",
    title: "Who never reads ten megabytes is given up, and the next gets them.",
    since: Part1,
    ports: Each,
    rule: Ours,
    why: "write_all returns when the kernel has taken the bytes, and its room \
        ends.",
    hint: "Is there a deadline for writing? Which line sets it?",
    read: "part1.html#exercises",
    procedure: Does {
        sends: "nothing; one caller who does not read, and one behind them who \
            does",
        run: |exam| {
            let deaf = exam.line.call()?;
            let begun = Instant::now();
            let next = exam.line.call()?;
            let all = 10_000_000;
            let count = count(&next, exam.longest_wait());
            if count < all {
                let what =
                    format!("the next caller got {count} bytes of ten million");
                return Err(next.failure(what));
            }
            // Who is served beside the next must have been deaf for long enough.
            sleep((2 * exam.soon()).saturating_sub(begun.elapsed()));
            match count_to_end(&deaf, exam.soon()) {
                Some(count) if count < all => Ok(()),
                Some(_) => Err(deaf.failure("the deaf caller was sent all of it")),
                None => Err(deaf.failure("the deaf caller is still there")),
            }
        },
    },
};

const TEXT_IS_LOST: Check = Check {
    id: "text-is-lost",
    title: "Callers who talk meet a reset.",
    since: Part1,
    ports: Each,
    rule: Ours,
    why: "What is unread at the close makes the kernel reset the connection.",
    hint: "Close as soon as the last byte is written, and read nothing.",
    read: "part1.html#saying-it-and-stopping",
    procedure: Does {
        sends: "a megabyte from each of fifty callers, five at a time, who then \
            listen",
        run: |exam| {
            let megabyte = vec![b'x'; 1_000_000];
            for _ in 0..10 {
                // Those who wait behind another have spoken before they are let in.
                let mut calls = VecDeque::new();
                for _ in 0..5 {
                    let mut call = exam.line.call()?;
                    let _ = call.send(&megabyte[..10_000]);
                    calls.push_back(call);
                }
                while let Some(mut call) = calls.pop_front() {
                    // A server that never reads is one that resets, later.
                    let _ = call.send(&megabyte[10_000..]);
                    let (text, end) =
                        call.read_to_end("the connection stays open")?;
                    if end == End::Reset || text.is_empty() {
                        return Ok(());
                    }
                    exam.line.forget(&call);
                }
            }
            let what = "fifty callers have the text, to its end, and no reset";
            Err(Failure::new(what))
        },
    },
};

/// How many bytes come until the end, or until nothing has for so long. They are not
/// kept.
fn count(call: &Call, patience: Duration) -> usize {
    read(call, patience).0
}

/// The same, if there is an end.
fn count_to_end(call: &Call, patience: Duration) -> Option<usize> {
    let (count, ended) = read(call, patience);
    ended.then_some(count)
}

fn read(call: &Call, patience: Duration) -> (usize, bool) {
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return (count, false);
        }
        let _ = call.socket().set_read_timeout(Some(left));
        match call.socket().read(&mut buffer) {
            Ok(0) => return (count, true),
            Ok(more) => count += more,
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    return (count, false);
                }
                _ => return (count, true),
            },
        }
    }
}
