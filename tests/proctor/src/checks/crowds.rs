//! Crowds: what becomes of others where many have come.

use std::thread::sleep;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use rustix::process::prlimit;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

use crate::check::Ports::Clear;
use crate::check::Procedure::Alone;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam};
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::{Part2, Part7};
use crate::usage::Usage;
#[cfg(target_os = "linux")]
use crate::usage::{Process, family};

/// How many callers come: more than a process has descriptors where nobody has said
/// anything about it.
const CROWD: u64 = 1100;
/// How many descriptors we have ourselves.
const OURS: u64 = 100;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "running-out-passes",
        title: "Who has run out of descriptors waits, and is there again.",
        since: Part2,
        ports: Clear,
        rule: Ours,
        why: "It happens on the day when most people come; and they leave again.",
        hint: "An error of accept is no end of the loop: wait for a moment, longer each time, \
        and try again.",
        read: "part2.html#running-out",
        procedure: Alone {
            sends: "with room for fifty descriptors more a hundred calls, and nothing on any \
            of them; then all of them hang up",
            run: running_out,
        },
    },
    Check {
        id: "a-crowd-keeps-nobody-out",
        title: "A thousand callers who stay keep nobody out.",
        since: Part7,
        ports: Clear,
        rule: Ours,
        why: "A connection that stays takes a descriptor, and one client can have as many \
        connections as a server has descriptors.",
        hint: "Raise the soft limit of descriptors, and at a limit of your own close the \
        connection that has been idle for longest.",
        read: "part7.html#who-goes",
        procedure: Alone {
            sends: "1,100 callers who are answered and stay, and then one more",
            run: |exam| {
                raise_limit()?;
                let mut calls = Vec::new();
                for number in 1..=CROWD {
                    let (call, _) = exam.get().map_err(|failure| {
                        failure.of(&format!("caller {number} of {CROWD} who stay"))
                    })?;
                    exam.line.forget(&call);
                    calls.push(call);
                }
                one_more(exam)
            },
        },
    },
];

/// How many descriptors a process may have more than it has.
const FEW: u64 = 50;

/// How many call then.
const CALLS: usize = 100;

fn running_out(exam: &Exam) -> Outcome {
    let few = Few::of(exam)?;
    // Who is not let in any more may find the queue full, too.
    let calls = (0..CALLS).map_while(|_| exam.line.call_socket().ok());
    let calls: Vec<Call> = calls.collect();
    let idly = waits_idly(exam);
    let count = calls.len();
    drop((calls, few));
    idly?;
    // It may look again only after a while.
    let deadline = Instant::now() + exam.longest_wait();
    loop {
        match exam.served() {
            Err(_) if Instant::now() < deadline => {
                sleep(Duration::from_millis(100))
            }
            served => {
                return served.map(drop).map_err(|failure| {
                    failure.of(&format!("{count} callers have come and left"))
                });
            }
        }
    }
}

/// Processes that may have few descriptors more than they have, as long as this is there;
/// and what they might have before.
struct Few(Vec<(Pid, Rlimit)>);

impl Few {
    #[cfg(target_os = "linux")]
    fn of(exam: &Exam) -> Outcome<Few> {
        let of = |process: &Process| {
            let few = process.usage().descriptors as u64 + FEW;
            // How far it may raise that again is as it was: it has that from us.
            let limit =
                Rlimit { current: Some(few), ..getrlimit(Resource::Nofile) };
            let before =
                prlimit(Some(process.pid), Resource::Nofile, limit).ok()?;
            Some((process.pid, before))
        };
        let processes = exam.line.target.process.map(family).unwrap_or_default();
        let few: Vec<_> = processes.iter().filter_map(of).collect();
        match few.is_empty() {
            true => Err(Failure::skip(
                "how many descriptors there are is for proctor to say on Linux, if it \
                 starts the server: `-- COMMAND`",
            )),
            false => Ok(Few(few)),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn of(_: &Exam) -> Outcome<Few> {
        let why =
            "how many descriptors there are is for proctor to say on Linux alone";
        Err(Failure::skip(why))
    }
}

impl Drop for Few {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        for (pid, before) in self.0.drain(..) {
            // It may be gone by now.
            let _ = prlimit(Some(pid), Resource::Nofile, before);
        }
    }
}

/// Wants who has run out to wait, and not to ask again and again; if that can be seen.
fn waits_idly(exam: &Exam) -> Outcome {
    let usage = || exam.line.target.process.and_then(Usage::of).unwrap_or_default();
    for _ in 0..3 {
        let before = usage();
        sleep(Duration::from_secs(1));
        if usage().is_idle_since(&before) {
            return Ok(());
        }
    }
    Err(Failure::new("while nobody could be let in it asked again and again"))
}

fn one_more(exam: &Exam) -> Outcome {
    let served = exam.served().map(drop);
    served.map_err(|failure| {
        failure.of(&format!(
            "{CROWD} callers have been answered and stay, and one more"
        ))
    })
}

/// Allows ourselves as many descriptors as the crowd takes.
fn raise_limit() -> Outcome {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = CROWD + OURS;
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    // All that there are: others beside us may have crowds of their own.
    let raised = Rlimit { current: maximum, maximum };
    if maximum.is_some_and(|maximum| maximum < wanted) {
        let what = format!("proctor can't have {wanted} descriptors");
        return Err(Failure::skip(what));
    }
    setrlimit(Resource::Nofile, raised).map_err(|error| {
        Failure::skip(format!("proctor can't have {wanted} descriptors: {error}"))
    })
}
