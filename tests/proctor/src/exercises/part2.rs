//! The exercises of Part 2.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Exercise;
use super::Judged::{Adds, ByHand};
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::Part2;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "2.1",
        stage: Part2,
        one_at_a_time: false,
        judged: ByHand(
            "with as many callers as you have cores the next one waits, with one \
             fewer it does not",
        ),
    },
    Exercise {
        number: "2.2",
        stage: Part2,
        one_at_a_time: false,
        judged: ByHand(
            "the waits in part2.log are those you said, and so is the time between \
             two that begin at five milliseconds",
        ),
    },
    Exercise {
        number: "2.3",
        stage: Part2,
        one_at_a_time: false,
        judged: ByHand(
            "two shortages, one that each pair of values is better for, with the \
             numbers of attempts and the time lost",
        ),
    },
    // The seats are taken by the callers of one check at a time.
    Exercise {
        number: "2.4",
        stage: Part2,
        one_at_a_time: true,
        judged: Adds { own: &[A_HUNDRED_AT_ONCE], with: &[], without: &[] },
    },
    Exercise {
        number: "2.5",
        stage: Part2,
        one_at_a_time: false,
        judged: Adds { own: &[], with: &[], without: &[] },
    },
];

/// How many callers exercise 2.4 lets in.
const SEATS: usize = 100;

const A_HUNDRED_AT_ONCE: Check = Check {
    id: "a-hundred-at-once",
    title: "A hundred callers are served at once, and the others in the end.",
    since: Part2,
    ports: Each,
    rule: Ours,
    why: "A server that takes on more than it can carry serves nobody.",
    hint: "A semaphore, and a permit before accept; who has one keeps it to \
        the end.",
    read: "part2.html#exercises",
    procedure: Does {
        sends: "a hundred and fifty callers, none of whom leaves",
        run: |exam| {
            let calls: Vec<Call> =
                (0..150).map(|_| exam.line.call()).collect::<Outcome<_>>()?;
            let served =
                |calls: &[Call]| calls.iter().filter(|it| has_more(it)).count();
            let wait_for = |count, time| {
                let deadline = Instant::now() + time;
                while served(&calls) < count && Instant::now() < deadline {
                    sleep(Duration::from_millis(10));
                }
                served(&calls)
            };
            let at_once = wait_for(SEATS, exam.soon());
            if at_once < SEATS {
                let what = format!("{at_once} of {} got the text", calls.len());
                return Err(Failure::new(what));
            }
            // Those who have it are left after a second at the earliest.
            sleep(Duration::from_millis(200));
            let at_once = served(&calls);
            if at_once > SEATS {
                let what =
                    format!("{at_once} of {} were served at once", calls.len());
                return Err(Failure::new(what));
            }
            let in_the_end = wait_for(calls.len(), exam.longest_wait());
            if in_the_end < calls.len() {
                let what = format!("{in_the_end} of {} got the text", calls.len());
                return Err(Failure::new(what));
            }
            Ok(())
        },
    },
};

/// Whether something has come that nobody has read.
fn has_more(call: &Call) -> bool {
    let _ = call.socket().set_nonblocking(true);
    let peeked = call.socket().peek(&mut [0]);
    let _ = call.socket().set_nonblocking(false);
    peeked.is_ok_and(|count| count > 0)
}
