//! The weeks of a course at a glance: each with what is read and done in it, and how
//! long that takes.

use std::fmt::Write;

use crate::book::Book;
use crate::chapters::Chapter;
use crate::directive::{self, Directive};
use crate::exercises;
use crate::time::{self, anchor_of};

/// How a heading begins.
const HEADING: &str = "### Week ";
/// How the paragraph begins that says what is read.
const READ: &str = "**Read.** ";

/// A card for each week that a chapter plans, in order.
///
/// # Errors
/// If a week says not what is read or how long it takes, or there is none.
pub fn show(book: &Book, chapter: &Chapter) -> Result<String, String> {
    let mut cards = String::new();
    let sections = chapter.text.split("\n### ").skip(1);
    for section in sections.filter_map(|it| it.strip_prefix("Week ")) {
        cards.push_str(&card(book, section)?);
    }
    match &*cards {
        "" => {
            Err(format!("{} has no heading that begins {HEADING:?}", chapter.name))
        }
        cards => Ok(format!("<ol class=\"weeks\">\n{cards}</ol>\n")),
    }
}

fn card(book: &Book, section: &str) -> Result<String, String> {
    let heading = section.lines().next().unwrap_or_default();
    let (number, title) = heading
        .split_once(" · ")
        .ok_or_else(|| format!("Week {heading} has no title behind a ·"))?;
    let lacks = |what: &str| format!("week {number} does not say {what}");
    let read = section.lines().find_map(|line| line.strip_prefix(READ));
    let read = read.ok_or_else(|| lacks("what is read"))?;
    let directives = section.lines().filter_map(directive::parse).flatten();
    let (sections, numbers) = directives
        .filter_map(|directive| match directive {
            Directive::Time { sections, exercises } => Some((sections, exercises)),
            _ => None,
        })
        .next()
        .ok_or_else(|| lacks("how long it takes"))?;
    let time = time::count(book, &sections, &numbers)?;
    let mut card = format!(
        "<li>\n\n**[Week {number}](#{})** {title}\n\nRead: {read}\n\nDo:",
        anchor_of(&format!("Week {heading}"))
    );
    for (index, number) in numbers.iter().enumerate() {
        let end = if index + 1 < numbers.len() { "," } else { "." };
        let page = page_of(book, number)?;
        let anchor = exercises::anchor(number);
        let _ = write!(card, " [{number}]({page}.md#{anchor}){end}");
    }
    let _ = write!(
        card,
        "\n\n{} to read, {} for exercises\n\n</li>\n",
        hours(time.read),
        hours(time.done)
    );
    Ok(card)
}

/// The page on which an exercise stands.
fn page_of<'a>(book: &'a Book, number: &str) -> Result<&'a str, String> {
    let name = format!("exercise {number}");
    let mut chapters = book.chapters.iter();
    let page = chapters.find(|it| {
        crate::questions::exercises(it).iter().any(|it| it.name == name)
    });
    page.map(|it| &*it.name).ok_or_else(|| format!("there is no {name}"))
}

/// A time as plans have it.
fn hours(minutes: usize) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
