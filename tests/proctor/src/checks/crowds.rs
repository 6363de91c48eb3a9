//! Crowds: what becomes of others where many have come.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::check::Ports::Clear;
use crate::check::Procedure::Alone;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam};
use crate::line::{Failure, Outcome};
use crate::stage::Stage::Part7;

/// How many callers come: more than a process has descriptors where nobody has said
/// anything about it.
const CROWD: u64 = 1100;
/// How many descriptors we have ourselves.
const OURS: u64 = 100;

/// The checks.
pub const CHECKS: &[Check] = &[Check {
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
}];

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
    let raised = Rlimit { current: Some(wanted), maximum };
    setrlimit(Resource::Nofile, raised).map_err(|error| {
        Failure::skip(format!("proctor can't have {wanted} descriptors: {error}"))
    })
}
