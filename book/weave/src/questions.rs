//! The questions that the book asks, as a bank: those of *Predict, then run*, with what
//! happened, and the exercises, with their hints.

use std::fmt::Write;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use crate::book::Book;
use crate::chapters::Chapter;
use crate::directive::{self, Directive};
use crate::session;

/// How a bank is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Markdown,
    /// For programs.
    Json,
    /// For Moodle.
    Gift,
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Format, &'static str> {
        match text {
            "markdown" => Ok(Format::Markdown),
            "json" => Ok(Format::Json),
            "gift" => Ok(Format::Gift),
            _ => Err("the formats are markdown, json and gift"),
        }
    }
}

/// A question, in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is called: `part1, prediction 2`, or `exercise 2.4`.
    pub name: String,
    /// The chapter's file, without the `.md`.
    pub chapter: String,
    /// How long it takes, in the book's words; nothing is said of predictions.
    pub time: Option<String>,
    /// What is asked.
    pub asks: String,
    /// What the right answer is, if the page has it.
    pub answer: Option<String>,
    /// A hint, if there is one.
    pub hint: Option<String>,
}

/// All of them, in the book's order.
///
/// # Errors
/// If a page asks for a session that nobody has recorded.
pub fn all(book: &Book) -> Result<Vec<Question>, String> {
    let mut questions = Vec::new();
    for chapter in &book.chapters {
        questions.extend(predictions(book, chapter)?);
        questions.extend(exercises(chapter));
    }
    Ok(questions)
}

/// The text of a section, up to the next of its level.
fn section<'a>(chapter: &'a Chapter, heading: &str) -> Option<&'a str> {
    let (_, text) = chapter.text.split_once(&format!("\n## {heading}\n"))?;
    Some(text.split("\n## ").next().unwrap_or_default())
}

/// Pieces of a section that begin with something in bold: what that is, and the text.
fn items<'a>(text: &'a str, begins: &Regex) -> Vec<(&'a str, &'a str)> {
    let starts: Vec<_> = begins.captures_iter(text).collect();
    let ends = starts.iter().skip(1).map(|start| start.get_match().start());
    let ends = ends.chain([text.len()]);
    let item = |(start, end): (&regex::Captures<'a>, usize)| {
        let name = start.get(1).map_or("", |name| name.as_str());
        (name, &text[start.get_match().end()..end])
    };
    starts.iter().zip(ends).map(item).collect()
}

fn predictions(book: &Book, chapter: &Chapter) -> Result<Vec<Question>, String> {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\*\*(\d+)\.\*\* ").expect("it is a pattern")
    });
    let Some(text) = section(chapter, "Predict, then run") else {
        return Ok(Vec::new());
    };
    let preface = BEGINS.split(text).next().unwrap_or_default().trim();
    let mut questions = Vec::new();
    for (number, item) in items(text, &BEGINS) {
        let (asks, answer) = item.split_once("<details").unwrap_or((item, ""));
        let answer = answer.split_once("</summary>").map_or("", |it| it.1);
        let answer = answer.split("</details>").next().unwrap_or_default();
        questions.push(Question {
            name: format!("{}, prediction {number}", chapter.name),
            chapter: chapter.name.clone(),
            time: None,
            asks: format!("{preface}\n\n{}", quoted(book, asks)?),
            answer: Some(quoted(book, answer)?),
            hint: None,
        });
    }
    Ok(questions)
}

/// Text with the commands and the output that it asks for.
fn quoted(book: &Book, text: &str) -> Result<String, String> {
    let root = &book.house.root;
    let mut result = String::new();
    for line in text.trim().lines() {
        match directive::parse(line).transpose()? {
            Some(Directive::Ask { name, step }) => {
                let step = session::read_step(root, &name, step)?;
                let _ = writeln!(result, "```\n$ {}\n```", step.command);
            }
            Some(Directive::Told { name, step }) => {
                let step = session::read_step(root, &name, step)?;
                let _ = match &*step.output {
                    "" => writeln!(result, "*(nothing)*"),
                    output => writeln!(result, "```\n{output}```"),
                };
            }
            _ => _ = writeln!(result, "{line}"),
        }
    }
    Ok(result.trim_end().to_owned())
}

/// The exercises of a chapter.
pub fn exercises(chapter: &Chapter) -> Vec<Question> {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\*\*([\d.]+)\*\* ").expect("it is a pattern")
    });
    let Some(text) = section(chapter, "Exercises") else { return Vec::new() };
    let question = |(number, item): (&str, &str)| {
        let (time, item) = item
            .strip_prefix('(')
            .and_then(|item| item.split_once(") "))
            .map_or((None, item), |(time, item)| (Some(time.to_owned()), item));
        let (asks, hint) = item.split_once("<details").unwrap_or((item, ""));
        let hint = hint.split_once("</summary>").map_or("", |it| it.1);
        let hint = hint.split("</details>").next().unwrap_or_default().trim();
        Question {
            name: format!("exercise {number}"),
            chapter: chapter.name.clone(),
            time,
            asks: asks.trim().to_owned(),
            answer: None,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        }
    };
    items(text, &BEGINS).into_iter().map(question).collect()
}

/// The bank, written down.
pub fn write(questions: &[Question], format: Format) -> String {
    match format {
        Format::Markdown => questions.iter().map(markdown).collect(),
        Format::Json => {
            let questions: Vec<_> = questions.iter().map(to_json).collect();
            format!("{:#}\n", serde_json::Value::from(questions))
        }
        Format::Gift => {
            let by_chapter = questions.chunk_by(|a, b| a.chapter == b.chapter);
            let of_chapter = |questions: &[Question]| {
                let chapter = &questions[0].chapter;
                let questions: String = questions.iter().map(gift).collect();
                format!("$CATEGORY: RoHTTP/{chapter}\n\n{questions}")
            };
            by_chapter.map(of_chapter).collect()
        }
    }
}

fn markdown(question: &Question) -> String {
    let Question { name, time, asks, answer, hint, .. } = question;
    let mut text = format!("## {name}\n\n");
    for (label, part) in [("Time", time), ("", &Some(asks.clone()))]
        .into_iter()
        .chain([("Hint", hint), ("Answer", answer)])
    {
        let Some(part) = part else { continue };
        let _ = match label {
            "" => writeln!(text, "{part}\n"),
            "Time" => writeln!(text, "**Time.** {part}\n"),
            // It may begin with what a terminal said, which wants lines of its own.
            label => writeln!(text, "**{label}.**\n\n{part}\n"),
        };
    }
    text
}

fn to_json(question: &Question) -> serde_json::Value {
    let Question { name, chapter, time, asks, answer, hint } = question;
    json!({
        "name": name,
        "chapter": chapter,
        "time": time,
        "asks": asks,
        "answer": answer,
        "hint": hint,
    })
}

/// A question to be answered in words, in Moodle's GIFT: its answer, or its hint, is
/// what is shown afterwards.
fn gift(question: &Question) -> String {
    let Question { name, asks, answer, hint, .. } = question;
    let feedback = match answer.as_ref().or(hint.as_ref()) {
        Some(text) => format!("####{}", escaped(text)),
        None => String::new(),
    };
    format!("::{}::[markdown]{} {{{feedback}}}\n\n", escaped(name), escaped(asks))
}

/// Text in which nothing means anything to GIFT, on one line: a blank one would end the
/// question.
fn escaped(text: &str) -> String {
    let mut result = String::new();
    for character in text.chars() {
        match character {
            '\n' => result.push_str("\\n"),
            '~' | '=' | '#' | '{' | '}' | ':' | '\\' => {
                result.push('\\');
                result.push(character);
            }
            _ => result.push(character),
        }
    }
    result
}
