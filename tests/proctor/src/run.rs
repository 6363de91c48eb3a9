//! Running checks, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Check, Exam};
use crate::line::{Event, Failure, Line, Outcome};
use crate::stage::Stage;
use crate::target::{Port, Target};

/// A check that has been made.
#[derive(Debug)]
pub struct Done {
    /// Which.
    pub check: &'static Check,
    /// On which port.
    pub port: Port,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub time: Duration,
    /// What was said, connection by connection.
    pub log: Vec<Vec<Event>>,
    /// The last words of a server that ended at it.
    pub last_words: Option<String>,
}

/// What a result means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is one.
    GoOn,
    /// It is one, and no other check is to be begun.
    Stop,
    /// It is none: it may be another check's doing.
    Doubt,
    /// It is none, and no other check is to be begun.
    DoubtAndStop,
}

impl Done {
    /// The check's name, and the port's if there is a choice.
    pub fn name(&self) -> String {
        self.port.name_of(self.check.id)
    }

    /// Why it could not be made, if it could not.
    pub fn skipped(&self) -> Option<&str> {
        let why = self.outcome.as_ref().err().filter(|why| why.skips);
        why.map(|why| &*why.what)
    }

    /// What is wrong, if something is.
    pub fn failure(&self) -> Option<&Failure> {
        self.outcome.as_ref().err().filter(|why| !why.skips)
    }

    /// Whether it may have failed for another's sake, which was made beside it: it waited
    /// in vain, or a clock decided.
    pub fn is_doubtful(&self) -> bool {
        self.failure().is_some() && (self.waited_in_vain() || self.check.is_timed())
    }

    /// Whether it ended with nothing coming, not even the beginning of an answer.
    pub fn waited_in_vain(&self) -> bool {
        let at = self.outcome.as_ref().err().and_then(|failure| failure.at);
        let events = match at {
            Some((number, _)) => self.log.get(number),
            None => self.log.last(),
        };
        match events.map_or(&[][..], |events| &events[..]) {
            [.., Event::Got(_), Event::Silence(_)] => false,
            [.., last] => matches!(last, Event::Silence(_) | Event::Refused(_)),
            [] => false,
        }
    }
}

/// Which checks to make on which ports: every check, on every port that it is about
/// and that there is.
pub fn plan(
    ports: &[Port],
    checks: impl IntoIterator<Item = &'static Check>,
) -> Vec<(&'static Check, Port)> {
    let both = checks.into_iter().flat_map(|check| {
        let ports = ports.iter().copied().filter(|&port| check.is_about(port));
        ports.map(move |port| (check, port)).collect::<Vec<_>>()
    });
    both.collect()
}

/// Makes one check on one port. Nothing that the server does ends it without a result.
pub fn one(
    target: &Target,
    stage: Stage,
    check: &'static Check,
    port: Port,
) -> Done {
    let exam = Exam { line: Line::new(target, port), stage };
    let log = exam.line.log();
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| check.run(&exam)));
    let outcome = outcome.unwrap_or_else(|_| {
        Err(Failure::new("proctor itself failed here, which is its mistake"))
    });
    let log = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Done { check, port, outcome, time: begun.elapsed(), log, last_words: None }
}

/// Makes all checks of a plan and tells of each when it is done, in the plan's order;
/// those that are to be alone come last. What each result means is decided by `then`;
/// doubtful ones are the second half of what is returned, and are not told of.
pub fn all(
    target: &Target,
    stage: Stage,
    plan: &[(&'static Check, Port)],
    jobs: usize,
    then: impl Fn(&Done) -> Then + Sync,
    mut tell: impl FnMut(&Done),
) -> (Vec<Done>, Vec<Done>) {
    let (alone, beside): (Vec<_>, Vec<_>) =
        plan.iter().copied().partition(|(check, _)| check.is_alone());
    let (mut done, mut doubtful) =
        side_by_side(target, stage, &beside, jobs, &then, &mut tell);
    let is_stopped = done.len() + doubtful.len() < beside.len();
    if !is_stopped {
        let (last, doubted) =
            side_by_side(target, stage, &alone, 1, &then, &mut tell);
        done.extend(last);
        doubtful.extend(doubted);
    }
    (done, doubtful)
}

/// Makes checks, several at a time. Those that wait for a deadline of the server's wait
/// beside the others.
fn side_by_side(
    target: &Target,
    stage: Stage,
    plan: &[(&'static Check, Port)],
    jobs: usize,
    then: &(impl Fn(&Done) -> Then + Sync),
    tell: &mut impl FnMut(&Done),
) -> (Vec<Done>, Vec<Done>) {
    let (quick, slow): (Vec<usize>, Vec<usize>) =
        (0..plan.len()).partition(|&index| !plan[index].0.is_slow());
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    let make = |sender: &Sender<(usize, Done, Then)>, index: usize| {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let (check, port) = plan[index];
        let done = one(target, stage, check, port);
        let then = then(&done);
        let stops = matches!(then, Then::Stop | Then::DoubtAndStop);
        stop.fetch_or(stops, Ordering::Relaxed);
        let _ = sender.send((index, done, then));
    };
    let mut results: Vec<Option<Done>> = plan.iter().map(|_| None).collect();
    let mut doubtful = Vec::new();
    let workers = jobs.max(1);
    // With one caller at a time, one check at a time, the slow ones last.
    let alone: Vec<usize> = match workers {
        1 => quick.iter().chain(&slow).copied().collect(),
        _ => quick,
    };
    let alone = &alone;
    thread::scope(|scope| {
        let make = &make;
        for _ in 0..workers {
            let sender =
                sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let next = &next;
            scope.spawn(move || {
                while let Some(&index) =
                    alone.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    make(&sender, index);
                }
            });
        }
        for &index in slow.iter().filter(|_| workers > 1) {
            let sender =
                sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
            scope.spawn(move || make(&sender, index));
        }
        // The receiver is done when the last sender is.
        drop(sender);
        let mut told = 0;
        for (index, done, then) in receiver {
            match then {
                Then::GoOn | Then::Stop => results[index] = Some(done),
                Then::Doubt | Then::DoubtAndStop => doubtful.push(done),
            }
            while let Some(Some(done)) = results.get(told) {
                tell(done);
                told += 1;
            }
        }
        // With some left out, those behind them are still untold.
        results.iter().skip(told).flatten().for_each(tell);
    });
    (results.into_iter().flatten().collect(), doubtful)
}
