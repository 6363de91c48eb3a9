//! All exercises on one page, and where each is.

use std::fmt::Write;

use crate::book::Book;
use crate::chapters::Chapter;
use crate::inline::verbatim;
use crate::questions::{self, Question};
use crate::search::plain;

/// What an exercise's card is called in a link: `exercise-3-1`.
pub fn anchor(number: &str) -> String {
    format!("exercise-{}", number.replace('.', "-"))
}

/// Every exercise: a table for each chapter that has some, with the time that each takes,
/// how it begins, and where its worked answer is.
pub fn show(book: &Book) -> String {
    let mut page = String::new();
    for chapter in &book.chapters {
        let exercises = questions::exercises(chapter);
        if exercises.is_empty() {
            continue;
        }
        let rows: String =
            exercises.iter().map(|it| row(book, chapter, it)).collect();
        let _ = write!(
            page,
            "## {}\n\n| exercise | time | it begins | answer |\n|---|---|---|---|\n{rows}\n",
            chapter.title(),
        );
    }
    page
}

fn row(book: &Book, chapter: &Chapter, exercise: &Question) -> String {
    let number = exercise.name.trim_start_matches("exercise ");
    format!(
        "| [{number}]({}.md#{}) | {} | {} | {} |\n",
        chapter.name,
        anchor(number),
        exercise
            .time
            .as_deref()
            .unwrap_or_default()
            .replace(" minutes", "\u{a0}minutes"),
        verbatim(&beginning(&plain(&exercise.asks))),
        answer(book, number).unwrap_or_default(),
    )
}

/// How many characters of an exercise are shown at most.
const BEGINNING: usize = 110;

/// The first sentence of a text, or as many of its words as there is room for.
fn beginning(text: &str) -> String {
    let mut beginning = String::new();
    for word in text.split(' ') {
        if beginning.chars().count() + word.chars().count() > BEGINNING {
            return beginning.trim_end().to_owned() + " …";
        }
        beginning.push_str(word);
        if word.ends_with(['.', '?', ':']) {
            break;
        }
        beginning.push(' ');
    }
    beginning.trim_end_matches([':', ' ']).to_owned()
}

/// A link to an exercise's worked answer, if there is one.
fn answer(book: &Book, number: &str) -> Option<String> {
    let heading = format!("## {number}");
    let mut chapters = book.chapters.iter();
    let chapter = chapters.find(|it| {
        it.name.starts_with("answers")
            && it.text.lines().any(|line| line == heading)
    })?;
    let anchor = number.replace('.', "");
    Some(format!("[to {number}]({}.md#{anchor})", chapter.name))
}
