//! The exercises of the book, and how what comes of them is judged.

mod part1;
mod part2;
mod part3;
mod part4;
mod part5;
mod part5_5;
mod part6;
mod part7;
mod part8;
mod said;

use std::fmt;

use crate::check::Check;
use crate::checks;
use crate::stage::Stage;

/// An exercise of the book.
#[derive(Debug)]
pub struct Exercise {
    /// The chapter's number, a dot, and its own.
    pub number: &'static str,
    /// The stage that it starts from.
    pub stage: Stage,
    /// Whether its checks must not be made side by side, though the stage's can.
    pub one_at_a_time: bool,
    /// How to know that it is done.
    pub judged: Judged,
}

/// How to know that an exercise is done.
#[derive(Debug)]
pub enum Judged {
    /// It adds to what a stage does: the stage's checks hold, with some of other stages
    /// and without some, and those of its own besides.
    Adds {
        /// Its own, which no stage has.
        own: &'static [Check],
        /// The names of those of other stages.
        with: &'static [&'static str],
        /// The names of those that hold no more.
        without: &'static [&'static str],
    },
    /// It does something else, which has these checks of its own.
    Replaces(&'static [Check]),
    /// By whoever reads the work: it can't be seen from outside.
    ByHand(Rubric),
}

/// The three things that a piece of work has to show, each worth as much as the others.
#[derive(Debug)]
pub struct Rubric(pub [&'static str; 3]);

impl fmt::Display for Rubric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let lines = self.0.map(|line| format!("  - {line}"));
        f.write_str(&lines.join("\n"))
    }
}

impl Exercise {
    /// The checks that a server has to pass; none if it is judged by hand.
    pub fn checks(&'static self) -> impl Iterator<Item = &'static Check> {
        self.checks_at(self.stage)
    }

    /// The same for a server that has come as far as this stage since.
    pub fn checks_at(
        &'static self,
        stage: Stage,
    ) -> impl Iterator<Item = &'static Check> {
        let others = checks::all().filter(move |check| match self.judged {
            Judged::Adds { with, without, .. } => {
                check.holds_for(stage) && !without.contains(&check.id)
                    || with.contains(&check.id)
            }
            Judged::Replaces(_) | Judged::ByHand(_) => false,
        });
        self.own().iter().chain(others)
    }

    /// The checks that no stage has.
    pub fn own(&self) -> &'static [Check] {
        match self.judged {
            Judged::Adds { own, .. } | Judged::Replaces(own) => own,
            Judged::ByHand(_) => &[],
        }
    }

    /// How many of its checks are made side by side.
    pub fn jobs(&self) -> usize {
        if self.one_at_a_time { 1 } else { self.stage.part().jobs }
    }
}

/// All of them, in the book's order.
pub fn all() -> impl Iterator<Item = &'static Exercise> {
    let chapters = [
        part1::EXERCISES,
        part2::EXERCISES,
        part3::EXERCISES,
        part4::EXERCISES,
        part5::EXERCISES,
        part5_5::EXERCISES,
        part6::EXERCISES,
        part7::EXERCISES,
        part8::EXERCISES,
    ];
    chapters.into_iter().flatten()
}
