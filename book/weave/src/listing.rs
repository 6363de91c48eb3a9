//! Which listing shows what, over the whole book.

use std::collections::{BTreeMap, BTreeSet};

use crate::Mistake;
use crate::chapters::Chapter;
use crate::directive::Directive;
use crate::earlier::{EARLIER, last_form};
use crate::house::House;
use crate::piece::Piece;
use crate::source::{Selection, Source, is_blank};

/// Where something stands in the book: its chapter's index, from 0, and its line
/// there, from 1.
pub type Position = (usize, usize);

/// One listing of one chapter.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The chapter's index in the book, from 0.
    pub chapter: usize,
    /// The directive's line in it, from 1.
    pub line: usize,
    /// The file that it is about.
    pub file: String,
    /// What it shows, by what that is cut from: the file itself, and one with earlier
    /// forms of its items.
    pub selections: BTreeMap<String, Selection>,
    /// Whether it is to be copied, and need not be read closely.
    pub is_copied: bool,
}

impl Listing {
    /// Where it stands in the book.
    pub fn position(&self) -> Position {
        (self.chapter, self.line)
    }

    /// Whether it shows a line of a source.
    pub fn shows(&self, source: &Source, line: usize) -> bool {
        let selection = self.selections.get(&source.path);
        selection.is_some_and(|it| it.lines.contains(&line))
    }

    /// The pieces that it shows of a source, of blocks the members.
    pub fn leaves<'a>(
        &'a self,
        source: &'a Source,
    ) -> impl Iterator<Item = &'a Piece> + use<'a> {
        let leaves = source.leaves().map(|(_, leaf)| leaf);
        leaves.filter(|leaf| self.shows(source, leaf.heading))
    }
}

/// What a directive asks for.
struct Asked {
    chapter: usize,
    line: usize,
    file: String,
    milestone: Option<String>,
    items: Vec<String>,
    is_copied: bool,
}

impl Asked {
    /// Where what it asks for may be, first that with earlier forms.
    fn sources<'a>(&self, house: &'a House) -> Result<Vec<&'a Source>, String> {
        let earlier = self
            .milestone
            .as_ref()
            .map(|it| format!("{EARLIER}/{it}/{}", self.file));
        let paths = earlier.iter().chain([&self.file]);
        paths.map(|path| house.source(path)).collect()
    }
}

/// Every listing of the book in order, and the directives that are wrong.
pub fn all(house: &House, chapters: &[Chapter]) -> (Vec<Listing>, Vec<Mistake>) {
    let (asked, mut mistakes) = asked(chapters);
    let apart = apart(house, &asked);
    let mut listings = Vec::new();
    let mut begun: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for asked in asked {
        let mistake = |what| chapters[asked.chapter].mistake(asked.line, what);
        let sources = match asked.sources(house) {
            Ok(sources) => sources,
            Err(what) => {
                mistakes.push(mistake(what));
                continue;
            }
        };
        let (mut selections, wrong) = select(&sources, &asked.items, &apart);
        mistakes.extend(wrong.into_iter().map(mistake));
        let begun = begun.entry(asked.file.clone()).or_default();
        let last = &house.sources[&asked.file];
        for (path, selection) in &mut selections {
            forget_begun(&house.sources[path], last, selection, begun);
        }
        let Asked { chapter, line, file, is_copied, .. } = asked;
        if !selections.is_empty() {
            listings.push(Listing { chapter, line, file, selections, is_copied });
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
                Ok(Directive::Listing { file, milestone, items, is_copied }) => {
                    asked.push(Asked {
                        chapter,
                        line,
                        file,
                        milestone,
                        items,
                        is_copied,
                    });
                }
                Ok(_) => {}
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    (asked, mistakes)
}

/// Where in each source the imports and members begin that some listing names on their
/// own: that is the one that shows them.
type Apart = BTreeMap<String, BTreeSet<usize>>;

fn apart(house: &House, asked: &[Asked]) -> Apart {
    let mut apart = Apart::new();
    for asked in asked {
        let sources = asked.sources(house).unwrap_or_default();
        for source in &sources {
            apart.entry(source.path.clone()).or_default();
        }
        for item in &asked.items {
            let source =
                sources.iter().find(|it| it.names().any(|name| name == item));
            if let Some(source) = source {
                let apart = apart.entry(source.path.clone()).or_default();
                apart.extend(source.apart(item));
            }
        }
    }
    apart
}

/// The items of a file, by where they are, and what is not there; all of the file, if
/// none is named. An item is looked for in each of the sources, the last one that of the
/// file itself.
pub fn select(
    sources: &[&Source],
    items: &[String],
    apart: &Apart,
) -> (BTreeMap<String, Selection>, Vec<String>) {
    let (mut selections, mut wrong) = (BTreeMap::<_, Selection>::new(), Vec::new());
    let nothing = BTreeSet::new();
    let (Some(first), true) = (sources.first(), items.is_empty()) else {
        for item in items {
            let mut nowhere = None;
            for source in sources {
                let apart = apart.get(&source.path).unwrap_or(&nothing);
                match source.select(item, apart) {
                    Ok(found) => {
                        let path = source.path.clone();
                        selections.entry(path).or_default().extend(&found);
                        nowhere = None;
                        break;
                    }
                    Err(what) => nowhere = Some(what),
                }
            }
            wrong.extend(nowhere);
        }
        return (selections, wrong);
    };
    (BTreeMap::from([(first.path.clone(), first.whole())]), wrong)
}

/// A block that has been begun needs its heading, to be known again, and neither its
/// comments nor its attributes. `begun` has where blocks begin in `last`.
fn forget_begun(
    source: &Source,
    last: &Source,
    selection: &mut Selection,
    begun: &mut BTreeSet<usize>,
) {
    for block in source.pieces.iter().filter(|piece| !piece.members.is_empty()) {
        let is_shown = selection.all().contains(&block.heading);
        let is_there = match last_form(last, &block.members[0]) {
            Some((Some(same), _)) if is_shown => !begun.insert(same.heading),
            _ => false,
        };
        let is_comment =
            |line: &usize| (block.lines.start..block.heading).contains(line);
        selection.frames.retain(|line| !is_there || !is_comment(line));
    }
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
