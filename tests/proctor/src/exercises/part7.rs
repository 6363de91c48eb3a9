//! The exercises of Part 7.

use super::Exercise;
use super::Judged::ByHand;
use crate::stage::Stage::Part7;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "7.1",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(
            "two numbers that you worked out, and found to be so with a crowd",
        ),
    },
    Exercise {
        number: "7.2",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(
            "a caller from an address that has called nobody is turned away, and you \
             know how many addresses that took, and why",
        ),
    },
];
