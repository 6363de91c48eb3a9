//! Which listing shows what, over the whole book.

use std::collections::{BTreeMap, BTreeSet};

use crate::Mistake;
use crate::chapters::Chapter;
use crate::directive::Directive;
use crate::house::House;
use crate::source::{Selection, Source, is_blank};

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

impl Listing {
    /// Where it stands in the book: its chapter and its line.
    pub fn position(&self) -> (usize, usize) {
        (self.chapter, self.line)
    }
}

/// What a directive asks for.
struct Asked {
    chapter: usize,
    line: usize,
    file: String,
    items: Vec<String>,
}

/// Every listing of the book in order, and the directives that are wrong.
pub fn all(house: &House, chapters: &[Chapter]) -> (Vec<Listing>, Vec<Mistake>) {
    let (asked, mut mistakes) = asked(chapters);
    let apart = apart(house, &asked);
    let mut listings = Vec::new();
    let mut typed: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for Asked { chapter, line, file, items } in asked {
        let mistake = |what| chapters[chapter].mistake(line, what);
        let source = match house.source(&file) {
            Ok(source) => source,
            Err(what) => {
                mistakes.push(mistake(what));
                continue;
            }
        };
        let (mut selection, wrong) = select(source, &items, &apart[&file]);
        mistakes.extend(wrong.into_iter().map(mistake));
        let typed = typed.entry(file.clone()).or_default();
        forget_typed(source, &mut selection, typed);
        typed.extend(selection.all());
        if !selection.lines.is_empty() {
            listings.push(Listing { chapter, line, file, selection });
        }
    }
    (listings, mistakes)
}

/// Every directive that asks for a listing, and those that ask wrongly.
fn asked(chapters: &[Chapter]) -> (Vec<Asked>, Vec<Mistake>) {
    let (mut asked, mut mistakes) = (Vec::new(), Vec::new());
    for (chapter, text) in chapters.iter().enumerate() {
        for (line, directive) in text.directives() {
            match directive {
                Ok(Directive::Listing { file, items }) => {
                    asked.push(Asked { chapter, line, file, items });
                }
                Ok(_) => {}
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    (asked, mistakes)
}

/// Where in each file the imports and members begin that some listing names on their
/// own: that is the one that shows them.
fn apart(house: &House, asked: &[Asked]) -> BTreeMap<String, BTreeSet<usize>> {
    let mut apart: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for Asked { file, items, .. } in asked {
        let apart = apart.entry(file.clone()).or_default();
        if let Ok(source) = house.source(file) {
            apart.extend(items.iter().flat_map(|item| source.apart(item)));
        }
    }
    apart
}

/// The items of a file as far as they are there, and what is not; all of it, if none is
/// named. `apart` is for [`Source::select`].
pub fn select(
    source: &Source,
    items: &[String],
    apart: &BTreeSet<usize>,
) -> (Selection, Vec<String>) {
    let (mut selection, mut wrong) = (Selection::default(), Vec::new());
    if items.is_empty() {
        selection = source.whole();
    }
    for item in items {
        match source.select(item, apart) {
            Ok(found) => selection.extend(&found),
            Err(what) => wrong.push(what),
        }
    }
    (selection, wrong)
}

/// A block that has been begun needs its heading, to be known again, and neither its
/// comments nor its attributes.
fn forget_typed(
    source: &Source,
    selection: &mut Selection,
    typed: &BTreeSet<usize>,
) {
    selection.frames.retain(|line| {
        let block = source.piece_at(*line);
        let is_heading = block.is_none_or(|block| *line >= block.heading);
        is_heading || !typed.contains(line)
    });
}

/// The lines of a selection in two: imports that find their place among others, which
/// have been typed, and the rest, which has one place.
pub fn apart_from_imports(
    source: &Source,
    selection: &Selection,
    typed: &BTreeSet<usize>,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let has_imports = typed.iter().any(|&line| source.is_import(line));
    let lines = selection.lines.iter().copied();
    lines.partition(|&line| has_imports && source.is_import(line))
}

/// The lines of a file that the book has shown, by the listings given.
pub fn shown<'a>(
    listings: impl IntoIterator<Item = &'a Listing>,
) -> BTreeMap<&'a str, Selection> {
    let mut shown: BTreeMap<&str, Selection> = BTreeMap::new();
    for listing in listings {
        shown.entry(&listing.file).or_default().extend(&listing.selection);
    }
    shown
}

/// The text of a selection: its lines in the file's order, with one blank line between
/// any two that have one between them there.
pub fn text(source: &Source, selection: &Selection) -> String {
    let mut text = String::new();
    let mut last = None;
    for line in selection.all() {
        let between = last.map_or(line, |last: usize| last + 1)..line;
        // Nothing stands between a block's first line and what is shown of it.
        let opens = last.is_some_and(|last| source.lines[last].ends_with('{'));
        let closes = source.lines[line].trim() == "}";
        let has_blank = source.lines[between].iter().any(|line| is_blank(line));
        if has_blank && !opens && !closes {
            text.push('\n');
        }
        text.push_str(&source.lines[line]);
        text.push('\n');
        last = Some(line);
    }
    text
}
