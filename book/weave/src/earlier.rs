//! A file as somebody has it who has typed the book up to some place: there, an item may
//! have a form that a later listing replaces.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::house::House;
use crate::listing::{self, Listing};
use crate::piece::Piece;
use crate::source::{Selection, Source};

/// Where forms stand that are replaced later, from the repository's root: below it, a
/// folder for each milestone that takes some, and in that their files' own paths.
pub const EARLIER: &str = "book/earlier";

/// The file that a source is typed into: `parts/part1.rs`, for
/// `book/earlier/part1_bare/parts/part1.rs` too.
pub fn file_of(source: &str) -> &str {
    let below = source.strip_prefix(EARLIER).and_then(|it| it.strip_prefix('/'));
    let file = below.and_then(|it| it.split_once('/')).map(|(_, file)| file);
    file.unwrap_or(source)
}

/// Whether a source has forms that are replaced later.
pub fn is_earlier(source: &str) -> bool {
    file_of(source) != source
}

/// A piece that is replaced as one, and the block that it is in.
pub type Leaf<'a> = (Option<&'a Piece>, &'a Piece);

/// The piece that takes the place of one in the end: the one that is called the same,
/// or, of an import, the one that has more of the same path.
pub fn last_form<'a>(last: &'a Source, piece: &Piece) -> Option<Leaf<'a>> {
    let path = piece.is_import().then(|| piece.name.rsplit_once("::")).flatten();
    let named = |is_it: &dyn Fn(&Piece) -> bool| {
        last.leaves().find(|(_, leaf)| is_it(leaf))
    };
    named(&|it| it.full_name == piece.full_name)
        .or_else(|| named(&|it| it.name == piece.name))
        .or_else(|| named(&|it| path.is_some_and(|(path, _)| it.name == path)))
}

/// A file at some place in the book.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Its text; what has not been shown yet has its last form.
    pub source: Source,
    /// Which lines of that have been shown.
    pub shown: Selection,
    /// Where it has the lines of the sources that it is put together from, if those are
    /// several.
    lines: Option<BTreeMap<(String, usize), usize>>,
}

impl Edition {
    /// A file of the house, of which some items have other forms.
    fn of(house: &House, file: &str, forms: &Forms) -> Edition {
        let last = &house.sources[file];
        match forms.is_empty() {
            true => {
                let (source, shown) = (last.clone(), Selection::default());
                Edition { source, shown, lines: None }
            }
            false => Edition::put_together(house, last, forms),
        }
    }

    /// What some listings show, as far as it has not been replaced.
    pub fn shown_by(&self, listings: &[&Listing]) -> Selection {
        let mut shown = Selection::default();
        listings.iter().for_each(|listing| shown.extend(&self.select(listing)));
        shown
    }

    fn put_together(house: &House, last: &Source, forms: &Forms) -> Edition {
        let (mut text, mut lines) = (Vec::new(), BTreeMap::new());
        let mut add =
            |text: &mut Vec<String>, source: &Source, from: Range<usize>| {
                for line in from {
                    lines.insert((source.path.clone(), line), text.len());
                    text.push(source.lines[line].clone());
                }
            };
        let mut next = 0;
        for (start, (end, path, form)) in forms {
            add(&mut text, last, next..*start);
            add(&mut text, &house.sources[*path], form.clone());
            next = *end;
        }
        add(&mut text, last, next..last.lines.len());
        let sources: BTreeSet<&str> = forms.values().map(|form| form.1).collect();
        for source in sources.into_iter().map(|path| &house.sources[path]) {
            for (line, same) in frames(last, source) {
                if let Some(&there) = lines.get(&(last.path.clone(), same)) {
                    lines.insert((source.path.clone(), line), there);
                }
            }
        }
        let there = |source: &Source, piece: &Piece, members| {
            let line = |at| lines[&(source.path.clone(), at)];
            let heading = line(piece.heading);
            let lines = line(piece.lines.start)..line(piece.lines.end - 1) + 1;
            Piece { lines, heading, members, ..piece.clone() }
        };
        // What a piece is in the end, or the form that it has instead.
        let form = |piece: &Piece| {
            let (_, path, range) = forms.get(&piece.lines.start)?;
            let source = &house.sources[*path];
            let mut leaves = source.leaves().map(|(_, leaf)| leaf);
            let leaf = leaves.find(|leaf| leaf.lines == *range)?;
            Some(there(source, leaf, Vec::new()))
        };
        let leaf =
            |piece| form(piece).unwrap_or_else(|| there(last, piece, vec![]));
        let pieces = last.pieces.iter().map(|piece| match piece.members.len() {
            0 => leaf(piece),
            _ => there(last, piece, piece.members.iter().map(leaf).collect()),
        });
        let pieces = pieces.collect();
        let source = Source { path: last.path.clone(), lines: text, pieces };
        Edition { source, shown: Selection::default(), lines: Some(lines) }
    }

    /// What a listing shows, as far as it has not been replaced.
    pub fn select(&self, listing: &Listing) -> Selection {
        let mut selected = Selection::default();
        for (source, Selection { lines, frames }) in &listing.selections {
            let line = |&line| match &self.lines {
                Some(lines) => lines.get(&(source.clone(), line)).copied(),
                None => Some(line).filter(|_| !is_earlier(source)),
            };
            let lines = lines.iter().filter_map(line).collect();
            let frames = frames.iter().filter_map(line).collect();
            selected.extend(&Selection { lines, frames });
        }
        selected
    }

    /// All that there is of the file.
    pub fn text(&self) -> String {
        listing::text(&self.source, &self.shown)
    }
}

/// Each listing's file, as it is after the listing.
pub fn all(house: &House, listings: &[Listing]) -> Vec<Edition> {
    let mut of_files: BTreeMap<&str, (Vec<&Listing>, Forms, Option<usize>)> =
        BTreeMap::new();
    let mut editions: Vec<Edition> = Vec::new();
    for listing in listings {
        let (so_far, forms, last) = of_files.entry(&listing.file).or_default();
        so_far.push(listing);
        let is_other = replace(house, forms, listing);
        // To put a file together takes as long as to read it: only where it changes.
        let mut edition = match *last {
            Some(last) if !is_other => editions[last].clone(),
            _ => Edition::of(house, &listing.file, forms),
        };
        edition.shown = edition.shown_by(so_far);
        *last = Some(editions.len());
        editions.push(edition);
    }
    editions
}

/// Which lines of a file have another form, by the first: the line after them, and
/// where that form stands.
type Forms<'a> = BTreeMap<usize, (usize, &'a str, Range<usize>)>;

/// Notes the forms that a listing shows and that are not their items' last: whether there
/// are others now.
fn replace<'a>(
    house: &'a House,
    forms: &mut Forms<'a>,
    listing: &'a Listing,
) -> bool {
    let last = &house.sources[&listing.file];
    let mut is_other = false;
    for source in listing.selections.keys().map(|path| &house.sources[path]) {
        for leaf in listing.leaves(source) {
            let Some((_, at)) = last_form(last, leaf) else { continue };
            let form = (at.lines.end, &*source.path, leaf.lines.clone());
            let (new, old) = match is_earlier(&source.path) {
                true => (Some(form.clone()), forms.insert(at.lines.start, form)),
                false => (None, forms.remove(&at.lines.start)),
            };
            is_other |= old != new;
        }
    }
    is_other
}

/// The lines around the members of an earlier source's blocks, each with the line that
/// it has in the last one.
fn frames(last: &Source, source: &Source) -> Vec<(usize, usize)> {
    let mut frames = Vec::new();
    for block in source.pieces.iter().filter(|piece| !piece.members.is_empty()) {
        let member = last_form(last, &block.members[0]);
        if let Some((Some(same), _)) = member {
            frames.extend(
                source.frame_of(block).into_iter().zip(last.frame_of(same)),
            );
        }
    }
    frames
}

/// What is wrong with an earlier source, without regard to what the book shows of it:
/// by line, from 0.
pub fn mistakes(last: &Source, source: &Source) -> Vec<(usize, String)> {
    let leaves =
        source.leaves().filter(|(_, leaf)| last_form(last, leaf).is_none());
    let nameless = leaves.map(|(_, leaf)| {
        let what =
            format!("nothing in {} takes the place of {}", last.path, leaf.name);
        (leaf.heading, what)
    });
    let frames = frames(last, source).into_iter();
    let differ =
        frames.filter(|(line, same)| source.lines[*line] != last.lines[*same]);
    let differ = differ.map(|(line, same)| {
        let what =
            format!("around members, {} has {:?}", last.path, last.lines[same]);
        (line, what)
    });
    let same = source.leaves().filter(|(_, leaf)| {
        let form = last_form(last, leaf);
        let text = form.map(|(_, form)| &last.lines[form.lines.clone()]);
        text == Some(&source.lines[leaf.lines.clone()])
    });
    let same = same.map(|(_, leaf)| {
        (leaf.heading, format!("{} has its last form already", leaf.name))
    });
    nameless.chain(differ).chain(same).collect()
}
