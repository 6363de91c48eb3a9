//! The exercises of Part 8.

use std::time::Duration;

use super::Exercise;
use super::Judged::Replaces;
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::checks::files::seen_within;
use crate::stage::Stage::Part8;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[Exercise {
    number: "8.1",
    stage: Part8,
    one_at_a_time: false,
    judged: Replaces(&[SEEN_AT_ONCE]),
}];

const SEEN_AT_ONCE: Check = Check {
    id: "seen-at-once",
    title: "A file that has changed is served as it is, a quarter of a second later.",
    since: Part8,
    ports: Each,
    rule: Ours,
    why: "Somebody who writes a page saves it, reloads it, and believes what she sees.",
    hint: "Either less time goes by before somebody looks, or somebody is told.",
    read: "part8.html#exercises",
    procedure: Does {
        sends: "GETs of a file that is replaced by a longer one, until that comes; then \
            with the old tag, and when there is no file any more",
        run: |exam| seen_within(exam, Duration::from_millis(250)),
    },
};
