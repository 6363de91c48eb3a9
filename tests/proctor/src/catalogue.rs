//! What there is to be held to, and what there is to say of it.

use std::fmt::Write;

use crate::check::Check;
use crate::checks;
use crate::exercises::{self, Exercise, Judged};
use crate::report;
use crate::stage::Stage;
use crate::variant;

fn every_check() -> impl Iterator<Item = &'static Check> {
    let of_exercises = exercises::all().flat_map(Exercise::own);
    checks::all().chain(of_exercises).chain(variant::CHECKS)
}

/// The check of this name.
///
/// # Errors
/// If there is none: in words, with the one that is most like it.
pub fn check(id: &str) -> Result<&'static Check, String> {
    let found = every_check().find(|check| check.id == id);
    found.ok_or_else(|| {
        let near = nearest(id, every_check().map(|check| check.id));
        format!("no check is called {id}; is it {near}?")
    })
}

/// The exercise of this number.
///
/// # Errors
/// If there is none: in words, with the one that is most like it.
pub fn exercise(number: &str) -> Result<&'static Exercise, String> {
    let found = exercises::all().find(|it| it.number == number);
    found.ok_or_else(|| {
        let near = nearest(number, exercises::all().map(|it| it.number));
        format!("there is no exercise {number}; is it {near}?")
    })
}

fn nearest(name: &str, all: impl Iterator<Item = &'static str>) -> &'static str {
    let likeness = |it: &&str| strsim::jaro_winkler(name, it);
    all.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

/// What there is to say of a check, or of an exercise.
///
/// # Errors
/// If there is none of this name.
pub fn explain(name: &str) -> Result<String, String> {
    // Some checks begin with a status or a version: an exercise is all number.
    if name.contains(|it: char| !it.is_ascii_digit() && it != '.') {
        return check(name).map(report::explain);
    }
    let exercise = exercise(name)?;
    if let Judged::ByHand(rubric) = &exercise.judged {
        return Ok(format!(
            "{name} is judged by hand, a point for each:\n{rubric}\n"
        ));
    }
    let mut text = format!("{name} is judged by these checks:\n");
    exercise.checks().for_each(|check| line(&mut text, check));
    Ok(text)
}

/// Checks by the stage that brings them in.
pub fn list(of: &[&Check]) -> String {
    let mut text = String::new();
    for stage in Stage::all() {
        let its = of.iter().filter(|check| check.since == stage);
        for (index, check) in its.enumerate() {
            if index == 0 {
                let _ =
                    writeln!(text, "since {stage} ({}):", stage.part().pages[0]);
            }
            line(&mut text, check);
        }
    }
    text
}

/// A line for a check. Where it is held to by some stages alone, the last is named.
fn line(text: &mut String, check: &Check) {
    let level = check.rule.level().name();
    let _ = write!(text, "  {:31} {level:7} {}", check.id, check.title);
    let _ = match check.until() {
        Stage::LAST => writeln!(text),
        until => writeln!(text, " (to {until})"),
    };
}

/// All checks, and all exercises.
pub fn all() -> String {
    let mut text = list(&checks::all().collect::<Vec<_>>());
    text += "exercises:\n";
    for exercise in exercises::all() {
        let how = match exercise.judged {
            Judged::ByHand(_) => "by hand: --explain has the rubric".to_owned(),
            Judged::Adds { .. } | Judged::Replaces(_) => {
                format!("by {} checks", exercise.checks().count())
            }
        };
        let _ = writeln!(text, "  {:31} {how}", exercise.number);
    }
    text
}
