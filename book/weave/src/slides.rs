//! Slides for a chapter: its figures, listings and sessions, one after the other, each
//! under the heading that it stands under, with the prose before it as the speaker's
//! notes. They are cut from the same files as the pages, so they say nothing else.

use std::fmt::Write;

use pulldown_cmark::{Options, Parser, html};

use crate::book::Book;
use crate::directive::{self, Directive};
use crate::html::escape;
use crate::{Mistake, page};

/// How many words are spoken in a minute.
const WORDS: usize = 120;
/// How many lines of code, or of a terminal, are talked through in a minute.
const LINES: usize = 12;
/// The most that is left of a paragraph's beginning on a slide that shows nothing else.
const SENTENCE: usize = 240;

/// Something to show, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slide {
    /// The heading.
    pub heading: String,
    /// What is shown, in HTML.
    pub shown: String,
    /// How many lines of it there are, if it is text.
    pub lines: usize,
    /// What is said, in Markdown.
    pub notes: String,
}

impl Slide {
    /// How many half minutes it takes.
    fn half_minutes(&self) -> usize {
        let words = self.notes.split_whitespace().count();
        (2 * words).div_ceil(WORDS) + (2 * self.lines).div_ceil(LINES)
    }
}

/// The slides of a chapter.
///
/// # Errors
/// What is wrong with the chapter's directives.
pub fn of(book: &Book, index: usize) -> Result<Vec<Slide>, Vec<Mistake>> {
    let chapter = &book.chapters[index];
    let mut slides = Vec::new();
    let mut heading = String::new();
    let mut notes = String::new();
    let mut mistakes = Vec::new();
    // A figure that is drawn on the page itself.
    let mut drawn = String::new();
    let mut take = |heading: &str, notes: &mut String, shown: String, lines| {
        let heading = heading.to_owned();
        slides.push(Slide { heading, shown, lines, notes: std::mem::take(notes) });
    };
    for (number, line) in chapter.text.lines().enumerate() {
        if line.starts_with("<figure") || !drawn.is_empty() {
            let _ = writeln!(drawn, "{line}");
            if line.contains("</figure>") {
                take(&heading, &mut notes, std::mem::take(&mut drawn), 0);
            }
            continue;
        }
        if let Some(text) = line.trim_start_matches('#').strip_prefix(' ')
            && line.starts_with('#')
        {
            if !notes.trim().is_empty() {
                let sentence = sentence(&notes);
                take(&heading, &mut notes, to_html(&sentence), 0);
            }
            heading = text.to_owned();
            continue;
        }
        let Some(directive) = directive::parse(line) else {
            // What unfolds on a page is unfolded by the speaker.
            if !line.starts_with("<details") && !line.starts_with("</details") {
                let _ = writeln!(notes, "{line}");
            }
            continue;
        };
        let position = (index, number + 1);
        let shown = directive.and_then(|it| {
            let lines = has_lines(&it);
            page::carry_out(book, &it, position).map(|shown| (shown, lines))
        });
        match shown {
            Ok((shown, has_lines)) => {
                let lines = if has_lines { shown.lines().count() } else { 0 };
                take(&heading, &mut notes, to_html(&shown), lines);
            }
            Err(what) => mistakes.push(chapter.mistake(number + 1, what)),
        }
    }
    if !notes.trim().is_empty() {
        let sentence = sentence(&notes);
        take(&heading, &mut notes, to_html(&sentence), 0);
    }
    if mistakes.is_empty() { Ok(slides) } else { Err(mistakes) }
}

/// Whether what is shown is read line by line, and not looked at as a whole.
fn has_lines(directive: &Directive) -> bool {
    !matches!(
        directive,
        Directive::Anatomy { .. }
            | Directive::States { .. }
            | Directive::Handshake { .. }
            | Directive::Figures { .. }
            | Directive::Plot { .. }
            | Directive::Dashboard { .. }
            | Directive::Curves { .. }
            | Directive::Cut { .. }
            | Directive::Broken { .. }
    )
}

/// The first sentence of some notes.
fn sentence(notes: &str) -> String {
    let notes = notes.trim();
    let paragraph = notes.split("\n\n").next().unwrap_or_default();
    match paragraph.split_once(". ") {
        Some((first, _)) if first.len() <= SENTENCE => format!("{first}."),
        _ => paragraph.to_owned(),
    }
}

fn to_html(markdown: &str) -> String {
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    text
}

/// Some slides as one page, to be shown from top to bottom, or printed with the notes.
pub fn page(title: &str, slides: &[Slide]) -> String {
    let all: usize = slides.iter().map(Slide::half_minutes).sum();
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n\
         <main>\n<section><h1>{0}</h1><p>{1} slides, {2} minutes</p></section>\n",
        escape(title),
        slides.len(),
        minutes(all)
    );
    let mut so_far = 0;
    for slide in slides {
        so_far += slide.half_minutes();
        let _ = writeln!(
            text,
            "<section style=\"--lines: {}\"><h2>{}</h2>\n<div>{}</div>\n\
             <details><summary>{} min, {} so far</summary>\n{}</details></section>",
            slide.lines.max(16),
            escape(&slide.heading),
            slide.shown,
            minutes(slide.half_minutes()),
            minutes(so_far),
            to_html(&slide.notes),
        );
    }
    text.push_str("</main>\n</html>\n");
    text
}

fn minutes(halves: usize) -> String {
    match halves % 2 {
        0 => format!("{}", halves / 2),
        _ => format!("{}½", halves / 2),
    }
}

/// A slide fills the screen, and its text is as large as its lines let it be. On paper
/// the notes are unfolded.
const STYLE: &str = "\
html { scroll-snap-type: y mandatory; font-family: sans-serif; }
body { margin: 0; }
section { box-sizing: border-box; min-height: 100vh; padding: 3vh 5vw;
  scroll-snap-align: start; break-after: page; }
h1 { font-size: 7vh; padding-top: 25vh; }
h2 { font-size: 4vh; margin: 0 0 2vh; }
section > p, div > p { font-size: 3.5vh; }
figure { margin: 0; }
figcaption { font-family: monospace; opacity: 0.7; }
pre { margin: 0; font-size: min(1.7vw, calc(78vh / var(--lines) / 1.25));
  line-height: 1.25; white-space: pre-wrap; }
svg { max-width: 100%; max-height: 78vh; }
table { font-size: 2.6vh; border-spacing: 1em 0; }
details { margin-top: 2vh; opacity: 0.8; max-width: 46em; }
@media print {
  @page { size: landscape; }
  section { min-height: 0; }
  pre { font-size: 9pt; }
  details::details-content { content-visibility: visible; display: block; }
}
";
