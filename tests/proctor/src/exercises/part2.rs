//! The exercises of Part 2.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Exercise;
use super::Judged::{Adds, Replaces};
use crate::check::Check;
use crate::check::Exam;
use crate::check::Ports::Clear;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::Part2;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "2.1",
        stage: Part2,
        one_at_a_time: true,
        judged: Replaces(&[NOBODY_IS_LEFT_TO_SERVE]),
    },
    Exercise {
        number: "2.2",
        stage: Part2,
        one_at_a_time: true,
        judged: Replaces(&[A_SHORTAGE_IS_SURVIVED]),
    },
    Exercise {
        number: "2.3",
        stage: Part2,
        one_at_a_time: true,
        judged: Replaces(&[LATE_AFTER_A_SHORTAGE]),
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

const NOBODY_IS_LEFT_TO_SERVE: Check = Check {
    id: "nobody-is-left-to-serve",
    title: "With all workers asleep, the next caller waits.",
    since: Part2,
    ports: Clear,
    rule: Ours,
    why: "Who shares threads and sleeps where the runtime can't see it takes a \
        thread from the others.",
    hint: "Sleep for ten seconds behind the text, in a way that blocks the thread.",
    read: "part2.html#breaking-it",
    procedure: Does {
        sends: "more callers than there are cores, none of whom leaves",
        run: |exam| {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let crowd = Crowd::gather(exam, 100 + cores)?;
            let wait = |some: &dyn Fn() -> bool, time: Duration| {
                let deadline = Instant::now() + time;
                while !some() && Instant::now() < deadline {
                    sleep(Duration::from_millis(10));
                }
            };
            // Whoever called before, and we may have been that, has put workers to sleep.
            wait(&|| crowd.served() > 0, exam.longest_wait());
            wait(&|| crowd.served() == crowd.size(), exam.soon() / 2);
            match crowd.served() {
                0 => Err(Failure::new("nobody got the text, not even the first")),
                all if all == crowd.size() => {
                    let what =
                        format!("{all} callers of {all} were served at once");
                    Err(Failure::new(what))
                }
                _ => {
                    crowd.leave();
                    Ok(())
                }
            }
        },
    },
};

const A_SHORTAGE_IS_SURVIVED: Check = Check {
    id: "a-shortage-is-survived",
    title: "There is no room for all, and all are served in the end.",
    since: Part2,
    ports: Clear,
    rule: Ours,
    why: "Descriptors run out; callers leave, and then there are some again.",
    hint: "Start it under ulimit -n 32. When accept fails, wait a moment, and try \
        again.",
    read: "part2.html#exercises",
    procedure: Does {
        sends: "a hundred callers, who leave when they have the text",
        run: |exam| {
            let crowd = Crowd::gather(exam, 100)?;
            let all = crowd.size();
            if crowd.most_at_once(exam) == all {
                let what =
                    format!("there is no shortage: all {all} were served at once");
                return Err(Failure::new(what));
            }
            crowd.all_are_served(exam.longest_wait())
        },
    },
};

const LATE_AFTER_A_SHORTAGE: Check = Check {
    id: "late-after-a-shortage",
    title: "The shortage is over, and the next caller waits all the same.",
    since: Part2,
    ports: Clear,
    rule: Ours,
    why: "A server that waits for a second does so although there is room again.",
    hint: "Start it under ulimit -n 32, and have the first wait be a second.",
    read: "part2.html#exercises",
    procedure: Does {
        sends: "fifty callers, who leave together; then one more; three times",
        run: |exam| {
            // A busy machine is late by accident, and not each time.
            for _ in 0..3 {
                let crowd = Crowd::gather(exam, 50)?;
                // Long enough to run out, and shorter than the wait that is to be seen.
                sleep(Duration::from_millis(200));
                crowd.leave();
                let begun = Instant::now();
                let mut late = exam.line.call()?;
                exam.ask(&mut late)?;
                if !late.hears(exam.longest_wait())? {
                    return Err(
                        late.failure("the next caller is not served at all")
                    );
                }
                let waited = begun.elapsed();
                if waited < Duration::from_millis(500) {
                    let what =
                        format!("the next caller waited {} ms", waited.as_millis());
                    return Err(late.failure(what));
                }
            }
            Ok(())
        },
    },
};

/// How many callers exercise 2.4 lets in.
const SEATS: usize = 100;

const A_HUNDRED_AT_ONCE: Check = Check {
    id: "a-hundred-at-once",
    title: "A hundred callers are served at once, and the others in the end.",
    since: Part2,
    ports: Clear,
    rule: Ours,
    why: "A server that takes on more than it can carry serves nobody.",
    hint: "One semaphore for the server, however many sockets it listens on, and a \
        permit before accept; who has one keeps it to the end.",
    read: "part2.html#exercises",
    procedure: Does {
        sends: "a hundred and fifty callers to all of its addresses, of whom none \
            leaves",
        run: |exam| {
            let crowd = Crowd::gather(exam, 150)?;
            let at_once = crowd.most_at_once(exam);
            // A loop that waits for a caller may hold a seat for them.
            let fewest = SEATS - exam.line.target.clear.addresses.len();
            if !(fewest..=SEATS).contains(&at_once) {
                let what =
                    format!("{at_once} of {} were served at once", crowd.size());
                return Err(Failure::new(what));
            }
            crowd.all_are_served(exam.longest_wait())
        },
    },
};

/// For how long nothing changes before all is as it will be.
const QUIET: Duration = Duration::from_secs(1);

/// Callers who have called, each at the next of the server's addresses, and stay.
struct Crowd(Vec<Call>);

impl Crowd {
    fn gather(exam: &Exam, size: usize) -> Outcome<Crowd> {
        let addresses = exam.line.target.clear.addresses.iter().cycle();
        let calls = addresses.take(size).map(|&address| {
            let mut call = exam.line.call_address(address)?;
            exam.ask(&mut call)?;
            Ok(call)
        });
        Ok(Crowd(calls.collect::<Outcome<_>>()?))
    }

    fn size(&self) -> usize {
        self.0.len()
    }

    fn leave(self) {}

    /// How many have something to read.
    fn served(&self) -> usize {
        self.0.iter().filter(|call| has_more(call)).count()
    }

    /// How many are served while none leaves. They all go on talking, so that a server
    /// which waits for them to leave does not give them up meanwhile.
    fn most_at_once(&self, exam: &Exam) -> usize {
        let deadline = Instant::now() + exam.soon();
        let (mut most, mut since) = (0, Instant::now());
        while since.elapsed() < QUIET && Instant::now() < deadline {
            let served = self.served();
            if served > most {
                (most, since) = (served, Instant::now());
            }
            for call in &self.0 {
                // What comes before a request, and is none. Nobody needs to see it.
                let _ = call.socket().write(b"\r\n");
            }
            sleep(Duration::from_millis(20));
        }
        most
    }

    /// Has those leave who have been served, until all have.
    fn all_are_served(mut self, time: Duration) -> Outcome {
        let (all, deadline) = (self.size(), Instant::now() + time);
        while Instant::now() < deadline {
            self.0.retain(|call| !has_more(call));
            if self.0.is_empty() {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
        let served = all - self.size();
        Err(Failure::new(format!("{served} of {all} got the text in the end")))
    }
}

/// Whether something has come that nobody has read.
fn has_more(call: &Call) -> bool {
    let _ = call.socket().set_nonblocking(true);
    let peeked = call.socket().peek(&mut [0]);
    let _ = call.socket().set_nonblocking(false);
    peeked.is_ok_and(|count| count > 0)
}
