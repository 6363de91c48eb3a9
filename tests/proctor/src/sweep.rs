//! A rule held to over its whole dimension: many requests, of which the simplest that is
//! not answered as it should be is shown.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::check::{Exam, method};
use crate::draw::{Draw, Picks, cases, fewest, shrink};
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::target::Port;

/// How many cases are made in the clear, and how many over TLS: there each costs a
/// handshake, and behind it is the same reader.
const MOST: usize = 900;
const MOST_TLS: usize = 24;
/// How many are under way at once.
const AT_ONCE: usize = 4;

/// Some bytes, and what must come back. The bytes are sent in one piece, and then our
/// half ends, so that whatever comes has come when theirs does. Over TLS it ends when what
/// is wanted has come.
pub struct Case<'a> {
    request: Vec<u8>,
    /// What is behind this many bytes comes when those have been read.
    cut: usize,
    wanted: Vec<Answer<'a>>,
    silence: Silence,
    /// Whether a response will do that has begun and is not whole when the stream ends.
    may_break_off: bool,
}

/// A response as it must be.
struct Answer<'a> {
    /// Its status is one of these; of none, whatever it is.
    statuses: Vec<u16>,
    looks: Look<'a>,
}

type Look<'a> = Box<dyn Fn(&Call, &Response) -> Outcome + 'a>;

/// Whether it will do if nothing comes at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    Fails,
    Passes,
}

impl<'a> Case<'a> {
    /// Something that gets one response, of one of these statuses (of none, any), and
    /// nothing behind it.
    pub fn new(request: impl Into<Vec<u8>>, statuses: &[u16]) -> Case<'a> {
        let silence = Silence::Fails;
        let (request, wanted) = (request.into(), Vec::new());
        let (cut, may_break_off) = (request.len(), false);
        let case = Case { request, cut, wanted, silence, may_break_off };
        case.then(statuses)
    }

    /// And then another, unless the one before says that it is the last.
    pub fn then(mut self, statuses: &[u16]) -> Case<'a> {
        let looks: Look = Box::new(|_, _| Ok(()));
        self.wanted.push(Answer { statuses: statuses.to_vec(), looks });
        self
    }

    /// Which must look so.
    pub fn that(
        mut self,
        looks: impl Fn(&Call, &Response) -> Outcome + 'a,
    ) -> Case<'a> {
        if let Some(last) = self.wanted.last_mut() {
            last.looks = Box::new(looks);
        }
        self
    }

    /// Of which the last so many bytes come when the others have been read.
    pub fn holding_back(self, count: usize) -> Case<'a> {
        Case { cut: self.request.len() - count, ..self }
    }

    /// In HTTP/1.0.
    pub fn in_1_0(mut self) -> Case<'a> {
        let version = self.request.windows(8).position(|it| it == b"HTTP/1.1");
        if let Some(at) = version {
            self.request[at + 7] = b'0';
        }
        self
    }

    /// Or nothing at all.
    pub fn or_nothing(self) -> Case<'a> {
        Case { silence: Silence::Passes, ..self }
    }

    /// Or nothing at all, if so.
    pub fn or_nothing_if(self, may_be: bool) -> Case<'a> {
        if may_be { self.or_nothing() } else { self }
    }

    /// Or the beginning of a 200 and no more of it: what streams has begun before it is
    /// known to go wrong, and can't be taken back.
    pub fn or_broken_off(self) -> Case<'a> {
        Case { may_break_off: true, ..self }
    }

    /// Sends it, and looks at what comes back.
    fn run(&self, exam: &Exam) -> Outcome {
        let mut call = exam.line.call()?;
        let (first, rest) = self.request.split_at(self.cut);
        call.send(first)?;
        if !rest.is_empty() {
            call.wait_until_read();
            call.send(rest)?;
        }
        call.finish_when_answered();
        let outcome = self.judge(&mut call);
        if outcome.is_ok() {
            exam.line.forget(&call);
        }
        outcome
    }

    fn judge(&self, call: &mut Call) -> Outcome {
        if self.silence == Silence::Passes && !call.hears(call.patience())? {
            return Ok(());
        }
        if self.may_break_off && call.breaks_off(method(&self.request))? {
            return Ok(());
        }
        let mut method = method(&self.request);
        for answer in &self.wanted {
            let response = call.response(method)?;
            answer.fits(call, &response)?;
            if response.is_last() {
                return call.nothing_follows_the_last();
            }
            // What follows another is a GET.
            method = "GET";
        }
        call.nothing_follows()
    }
}

impl Answer<'_> {
    fn fits(&self, call: &Call, response: &Response) -> Outcome {
        let found = response.status;
        if !self.statuses.is_empty() && !self.statuses.contains(&found) {
            let wanted: Vec<String> =
                self.statuses.iter().map(u16::to_string).collect();
            let what = format!("status {found} instead of {}", wanted.join(" or "));
            return Err(call.wrong(response, response.status_at, what));
        }
        (self.looks)(call, response)
    }
}

/// Holds a server to all that `make` makes. The simplest case that fails is shown.
pub fn sweep<'a>(
    exam: &Exam,
    make: impl Fn(&mut Draw) -> Case<'a> + Sync,
) -> Outcome {
    let most = match exam.line.port {
        Port::Clear => MOST,
        Port::Tls => MOST_TLS,
    };
    let most = most.min(exam.line.target.cases);
    let cases = cases(exam.line.target.seed, most, &make);
    let run = |picks: &[usize]| make(&mut Draw::again(picks)).run(exam);
    simplest(exam, &cases, 1, run)
}

/// Holds a server to cases that are made of picks. The simplest that fails is shown: with
/// as few as will do of what so many picks make, and then with smaller picks.
pub fn simplest(
    exam: &Exam,
    cases: &[Picks],
    width: usize,
    run: impl Fn(&[usize]) -> Outcome + Sync,
) -> Outcome {
    let Some((picks, failure)) = first_failure(exam, cases, &run) else {
        return Ok(());
    };
    // A server that is waited for in vain is not waited for again and again.
    let deadline = Instant::now() + exam.soon();
    let still = |picks: &[usize]| {
        (Instant::now() < deadline).then(|| run(picks).err()).flatten()
    };
    let (picks, failure) = fewest(picks, width, failure, still);
    let (_, failure) = shrink(picks, failure, still);
    let (count, seed) = (cases.len(), exam.line.target.seed);
    let made = format!("{} (of {count} cases, --seed {seed})", failure.what);
    Err(Failure { what: made, ..failure })
}

/// The first case that fails, of those for which there is time. Some are under way at
/// once, and which fails first does not depend on which comes back first.
fn first_failure(
    exam: &Exam,
    cases: &[Picks],
    run: impl Fn(&[usize]) -> Outcome + Sync,
) -> Option<(Picks, Failure)> {
    let next = AtomicUsize::new(0);
    let first = Mutex::new(None::<(usize, Failure)>);
    let lock = || first.lock().unwrap_or_else(PoisonError::into_inner);
    let deadline = Instant::now() + 5 * exam.soon();
    let work = || {
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(picks) = cases.get(index)
            && lock().as_ref().is_none_or(|(first, _)| index < *first)
            && Instant::now() < deadline
        {
            if let Err(failure) = run(picks) {
                let mut first = lock();
                if first.as_ref().is_none_or(|(other, _)| index < *other) {
                    *first = Some((index, failure));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let (index, failure) = lock().take()?;
    Some((cases[index].clone(), failure))
}
