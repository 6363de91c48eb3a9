//! How long a week of a course takes: what is read is counted, and exercises say it.

use crate::book::Book;
use crate::directive::{self, Directive};
use crate::{caption, listing, questions};

/// How many words are read in a minute, and how many lines of code.
const WORDS: usize = 200;
const LINES: usize = 30;
/// How many minutes a student has in a week, and how many must be left for the server.
const WEEK: usize = 240;
const SERVER: usize = 90;
/// What the book calls an evening, in minutes.
const EVENING: usize = 180;

/// How many minutes a week takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// To read what is to be read.
    pub read: usize,
    /// For the exercises.
    pub done: usize,
}

/// How long some sections take to read, and some exercises to do. A section is `part3`,
/// which is all of it, or `part3#the-idea`.
///
/// # Errors
/// If there is no such section or exercise.
pub fn count(
    book: &Book,
    sections: &[String],
    exercises: &[String],
) -> Result<Time, String> {
    let mut time = Time { read: 0, done: 0 };
    for section in sections {
        time.read += reading(book, section)?;
    }
    for number in exercises {
        time.done += doing(book, number)?;
    }
    Ok(time)
}

/// A line for a plan: how long they take, and what is left of the week.
///
/// # Errors
/// As [`count`], or if too little is left.
pub fn show(
    book: &Book,
    sections: &[String],
    exercises: &[String],
) -> Result<String, String> {
    let Time { read, done } = count(book, sections, exercises)?;
    match WEEK.checked_sub(read + done) {
        Some(left) if left >= SERVER => Ok(format!(
            "**Time.** {read} minutes to read, {done} for the exercises; \
             {} are left of the four hours, for the server.",
            left / 5 * 5
        )),
        _ => Err(format!(
            "{read} minutes to read and {done} for exercises leave less than {SERVER} \
             of {WEEK} for the server"
        )),
    }
}

/// Minutes to read a section, up to the next of its level, but for exercises.
fn reading(book: &Book, section: &str) -> Result<usize, String> {
    let (page, anchor) = section.split_once('#').unwrap_or((section, ""));
    let index = book.chapters.iter().position(|chapter| chapter.name == page);
    let index = index.ok_or_else(|| format!("there is no page {page}"))?;
    let (mut words, mut lines, mut found) = (0, 0, false);
    let mut inside = anchor.is_empty();
    for (number, line) in book.chapters[index].text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            inside = match anchor {
                "" => heading != "Exercises",
                anchor => anchor_of(heading) == anchor,
            };
        }
        if !inside {
            continue;
        }
        found = true;
        match directive::parse(line) {
            Some(Ok(Directive::Listing { .. })) => {
                let position = (index, number + 1);
                let shown =
                    book.listings.iter().find(|it| it.position() == position);
                lines += shown.map_or(0, |it| match caption::again(book, it) {
                    // A change is read as one.
                    Some(_) => book.typed(it),
                    None => {
                        let (_, with) = book.around(it);
                        let text = listing::text(&with.source, &with.select(it));
                        text.lines().count()
                    }
                });
            }
            Some(_) => {}
            None => words += line.split_whitespace().count(),
        }
    }
    match found {
        true => Ok(words.div_ceil(WORDS) + lines.div_ceil(LINES)),
        false => Err(format!("{page} has no section {anchor}")),
    }
}

/// What mdBook calls a heading in a link.
pub(crate) fn anchor_of(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|it| it.is_alphanumeric() || "-_".contains(*it)).collect()
}

/// Minutes for an exercise, as it says.
fn doing(book: &Book, number: &str) -> Result<usize, String> {
    let name = format!("exercise {number}");
    let mut all = book.chapters.iter().flat_map(questions::exercises);
    let found = all.find(|it| it.name == name);
    let found = found.ok_or_else(|| format!("there is no exercise {number}"))?;
    let time = found.time.unwrap_or_default();
    match time.split_once(' ') {
        Some(("an", "hour")) => Ok(60),
        Some(("an", "evening")) => Ok(EVENING),
        Some((minutes, "minutes")) => minutes.parse().map_err(|_| time.clone()),
        _ => Err(format!("exercise {number} takes {time:?}, which is no time")),
    }
}
