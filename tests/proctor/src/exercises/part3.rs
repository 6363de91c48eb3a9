//! The exercises of Part 3.

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Breaks;
use crate::check::Rule::Ours;
use crate::stage::Stage::Part3;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "3.1",
        stage: Part3,
        one_at_a_time: false,
        judged: ByHand("the command prints a 405 and does not end the line"),
    },
    Exercise {
        number: "3.2",
        stage: Part3,
        one_at_a_time: false,
        judged: ByHand("the numbers of 405s are those you said, five times"),
    },
    Exercise {
        number: "3.3",
        stage: Part3,
        one_at_a_time: false,
        judged: ByHand(
            "for each arm, junk that gets one 405 more, or one fewer, without it",
        ),
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
        judged: ByHand(
            "a test of Reading that gives it the three texts, a byte at a time",
        ),
    },
    Exercise {
        number: "3.6",
        stage: Part3,
        one_at_a_time: false,
        judged: Adds { own: &[], with: &[], without: &[] },
    },
];

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
