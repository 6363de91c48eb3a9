//! What was said before it was seen.

use crate::check::Exam;
use crate::line::{Failure, Outcome};

/// Holds what was said to what comes, case by case. Where they differ, the case is told,
/// and not what came: that is for whoever said so to find out.
pub fn holds(
    exam: &Exam,
    cases: &[&[u8]],
    see: impl Fn(&[u8]) -> Outcome<String>,
) -> Outcome {
    let said = words(exam, cases.len())?;
    let mut missed = Vec::new();
    for (case, said) in cases.iter().zip(said) {
        if see(case)? != *said {
            missed.push(format!("{said} for {}", case.escape_ascii()));
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    let right = cases.len() - missed.len();
    let missed = missed.join("\n  ");
    let what =
        format!("{right} of {} are as you said, and not:\n  {missed}", cases.len());
    Err(Failure::new(what))
}

/// So many words of what was said.
pub fn words<'a>(exam: &'a Exam, count: usize) -> Outcome<&'a [String]> {
    let said = &exam.line.target.said;
    if said.len() == count {
        return Ok(said);
    }
    let what = format!(
        "{count} words are to be said beforehand, with --said, and these are {}",
        said.len()
    );
    Err(Failure::new(what))
}
