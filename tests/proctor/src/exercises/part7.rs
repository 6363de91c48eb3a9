//! The exercises of Part 7.

use super::Judged::ByHand;
use super::{Exercise, Rubric};
use crate::stage::Stage::Part7;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "7.1",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "how many connections 4096 descriptors are, worked out, and how many for one \
             address",
            "the counts at which a crowd got its first 503, for both",
            "what the descriptors that are kept back are for",
        ])),
    },
    Exercise {
        number: "7.2",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "a caller from an address that has called nobody is turned away",
            "how many addresses that took, and which limits say so",
            "why one address fewer does not keep that caller out",
        ])),
    },
];
