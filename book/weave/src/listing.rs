//! Which listing shows what, over the whole book.

use std::collections::BTreeMap;

use crate::chapters::Chapter;
use crate::directive::Directive;
use crate::house::House;
use crate::source::{Selection, Source, is_blank};
use crate::{Mistake, nearest};

/// One listing of one chapter.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The chapter's index in the book, from 0.
    pub chapter: usize,
    /// The directive's line in it, from 1.
    pub line: usize,
    /// The file that it shows.
    pub file: String,
    /// What it shows of it.
    pub selection: Selection,
}

/// What a listing asks for, as far as it is there, and what is not.
pub fn select(
    house: &House,
    file: &str,
    items: &[String],
) -> (Selection, Vec<String>) {
    let source = match house.source(file) {
        Ok(source) if items.is_empty() => return (source.whole(), Vec::new()),
        Ok(source) => source,
        Err(what) => return (Selection::default(), vec![what]),
    };
    let (mut selection, mut wrong) = (Selection::default(), Vec::new());
    for item in items {
        match source.select(item) {
            Some(found) => {
                selection.lines.extend(found.lines);
                selection.frames.extend(found.frames);
                selection.names.extend(found.names);
            }
            None => {
                let near = nearest(item, source.names());
                wrong.push(format!("there is no {item} in {file}{near}"));
            }
        }
    }
    selection.frames.retain(|line| !selection.lines.contains(line));
    (selection, wrong)
}

/// Every listing of the book in order, and the directives that are wrong.
pub fn all(house: &House, chapters: &[Chapter]) -> (Vec<Listing>, Vec<Mistake>) {
    let (mut listings, mut mistakes) = (Vec::new(), Vec::new());
    for (index, chapter) in chapters.iter().enumerate() {
        for (line, directive) in chapter.directives() {
            match directive {
                Ok(Directive::Listing { file, items }) => {
                    let (selection, wrong) = select(house, &file, &items);
                    let wrong =
                        wrong.into_iter().map(|what| chapter.mistake(line, what));
                    mistakes.extend(wrong);
                    if !selection.lines.is_empty() {
                        listings.push(Listing {
                            chapter: index,
                            line,
                            file,
                            selection,
                        });
                    }
                }
                Ok(_) => {}
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    (listings, mistakes)
}

/// The lines of a file that the book has shown, by the listings given.
pub fn shown<'a>(
    listings: impl IntoIterator<Item = &'a Listing>,
) -> BTreeMap<&'a str, Selection> {
    let mut shown: BTreeMap<&str, Selection> = BTreeMap::new();
    for listing in listings {
        let selection = shown.entry(&listing.file).or_default();
        selection.lines.extend(&listing.selection.lines);
        selection.frames.extend(&listing.selection.frames);
    }
    shown
}

/// The text of a selection: its lines in the file's order, one blank line wherever
/// the file has some or others are left out.
pub fn text(source: &Source, selection: &Selection) -> String {
    let lines: Vec<usize> =
        selection.lines.union(&selection.frames).copied().collect();
    let mut text = String::new();
    let mut last = None;
    for line in lines {
        let gap = last.is_some_and(|last: usize| line > last + 1);
        // Nothing stands between a block's first line and what is shown of it.
        let opens =
            last.is_some_and(|last: usize| source.lines[last].ends_with('{'));
        let closes = source.lines[line].trim() == "}";
        if gap && !opens && !closes {
            text.push('\n');
        }
        text.push_str(&source.lines[line]);
        text.push('\n');
        last = Some(line);
    }
    debug_assert!(!text.lines().next().is_some_and(is_blank));
    text
}
