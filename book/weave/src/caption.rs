//! What stands above a listing: where what it shows is to be typed.

use std::collections::BTreeSet;

use crate::book::Book;
use crate::change;
use crate::earlier::last_form;
use crate::house::is_shown;
use crate::html::code;
use crate::listing::{Listing, apart_from_imports};
use crate::piece::Piece;
use crate::source::{Selection, Source};

/// Numbers that are written as words.
const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];
const ORDINALS: [&str; 6] =
    ["first", "second", "third", "fourth", "fifth", "sixth"];

/// Whether a listing begins a file or where in it it goes, for somebody who has typed
/// all listings before it.
pub fn place(book: &Book, listing: &Listing) -> String {
    if !is_shown(&listing.file) {
        return apart(&book.house.sources[&listing.file]);
    }
    let of_file: Vec<&Listing> = book.listings_of(&listing.file).collect();
    let (before, rest): (Vec<&Listing>, Vec<&Listing>) =
        of_file.into_iter().partition(|it| it.position() < listing.position());
    let Some(last) = before.last() else {
        let goes_on = rest.iter().skip(1).any(|it| it.chapter == listing.chapter);
        return if goes_on { "new file, begun" } else { "new file" }.into();
    };
    let (edition, with) = book.around(listing);
    if let (Some(edition), Some(what)) = (edition, again_and_new(book, listing)) {
        return format!("{what}: {}", change(&edition.text(), &with.text()));
    }
    let (shown, selection) = (with.shown_by(&before), with.select(listing));
    let source = &with.source;
    let typed = Typed { source, lines: shown.all(), shown: shown.lines };
    let place = typed.places(&selection);
    match last.chapter == listing.chapter {
        true => format!("goes on, {place}"),
        false => format!("grows: {}, {place}", more(source, &selection)),
    }
}

/// What is said of a file that is not part of the server. A program is put where cargo
/// looks for examples.
fn apart(source: &Source) -> String {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    match source.pieces.iter().any(|piece| piece.name == "main") {
        true => {
            format!("not part of the server: {}", code(&format!("examples/{name}")))
        }
        false => "not part of the server".into(),
    }
}

/// What of a listing takes the place of an earlier form, if anything does: `main`, and
/// `imports`.
pub fn again(book: &Book, listing: &Listing) -> Option<String> {
    names(&book.house.sources[&listing.file], &apart_from_new(book, listing).0)
}

/// The same, and what a listing shows with it for the first time: `imports` again, and
/// `main`.
fn again_and_new(book: &Book, listing: &Listing) -> Option<String> {
    let last = &book.house.sources[&listing.file];
    let (replaced, mut new) = apart_from_new(book, listing);
    let again = names(last, &replaced)?;
    if replaced.iter().any(|leaf| leaf.is_import()) {
        new.retain(|leaf| !leaf.is_import());
    }
    Some(match names(last, &new) {
        Some(new) => format!("{again} again, and {new}"),
        None => format!("{again} again"),
    })
}

/// The pieces of a listing that take the place of an earlier form, and the others.
fn apart_from_new<'a>(
    book: &'a Book,
    listing: &'a Listing,
) -> (Vec<&'a Piece>, Vec<&'a Piece>) {
    let last = &book.house.sources[&listing.file];
    let heading = |piece| last_form(last, piece).map(|(_, same)| same.heading);
    let mut shown = BTreeSet::new();
    if let (Some(edition), _) = book.around(listing) {
        let leaves = edition.source.leaves().map(|(_, leaf)| leaf);
        let leaves =
            leaves.filter(|leaf| edition.shown.lines.contains(&leaf.heading));
        shown.extend(leaves.map(heading));
    }
    let sources = listing.selections.keys().map(|it| &book.house.sources[it]);
    let leaves = sources.flat_map(|source| listing.leaves(source));
    leaves.partition(|leaf| shown.contains(&heading(leaf)))
}

/// What pieces are called, one after the other.
fn names(last: &Source, pieces: &[&Piece]) -> Option<String> {
    let imports = pieces.iter().any(|leaf| leaf.is_import());
    let imports = imports.then(|| "imports".to_owned());
    let items = pieces.iter().filter(|leaf| !leaf.is_import());
    let names = items.map(|leaf| code(last.name_of(leaf)));
    let names: Vec<String> = imports.into_iter().chain(names).collect();
    match names.split_last() {
        Some((last, [])) => Some(last.clone()),
        Some((last, names)) => Some(format!("{} and {last}", names.join(", "))),
        None => None,
    }
}

/// How much two texts differ: `two lines new, one gone`.
fn change(from: &str, to: &str) -> String {
    let new = count(change::new_lines(from, to), "line");
    let gone = count(change::lines_gone(from, to), "line");
    match (new, gone) {
        (Some(new), Some(gone)) => format!("{new} new, {gone} gone"),
        (Some(new), None) => format!("{new} new"),
        (None, gone) => format!("{} gone", gone.unwrap_or_default()),
    }
}

/// How much a selection adds to its file: `three items more`.
fn more(source: &Source, selection: &Selection) -> String {
    let (imports, items): (Vec<&Piece>, Vec<&Piece>) =
        source.begun_in(&selection.lines).partition(|piece| piece.is_import());
    let counts = [count(imports.len(), "import"), count(items.len(), "item")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    format!("{} more", counts.join(" and "))
}

fn count(number: usize, what: &str) -> Option<String> {
    let word = NUMBERS.get(number.checked_sub(1)?);
    let word = word.map_or(number.to_string(), ToString::to_string);
    let end = if number == 1 { "" } else { "s" };
    Some(format!("{word} {what}{end}"))
}

/// What there is of a file so far.
struct Typed<'a> {
    source: &'a Source,
    lines: BTreeSet<usize>,
    /// Its lines without the frames of blocks.
    shown: BTreeSet<usize>,
}

impl Typed<'_> {
    /// Where all of a selection goes.
    fn places(&self, selection: &Selection) -> String {
        let (imports, rest) =
            apart_from_imports(self.source, selection, &self.lines);
        match (imports.is_empty(), rest.first()) {
            (_, None) => "among the other imports".into(),
            (true, Some(&first)) => self.place(&selection.frames, first),
            (false, Some(&first)) => {
                let place = self.place(&selection.frames, first);
                format!("imports among the others, the rest {place}")
            }
        }
    }

    /// Where a run of lines goes, by its first, and by the frames around it.
    fn place(&self, frames: &BTreeSet<usize>, first: usize) -> String {
        // A block that has been begun is not begun again.
        let block = frames.iter().find(|line| self.lines.contains(line));
        match block.and_then(|&line| self.source.piece_at(line)) {
            Some(block) => {
                let place = self.place_in(block, first);
                format!("in {}, {place}", self.name(block))
            }
            None => self.place_in_file(first),
        }
    }

    fn place_in(&self, block: &Piece, first: usize) -> String {
        let is_typed = |member: &&Piece| self.shown.contains(&member.heading);
        let (above, below): (Vec<&Piece>, Vec<&Piece>) = block
            .members
            .iter()
            .filter(is_typed)
            .partition(|member| member.heading < first);
        match above.last() {
            _ if below.is_empty() => "at its end".into(),
            Some(above) => {
                let name = above.name.rsplit("::").next().unwrap_or_default();
                format!("after {}", code(name))
            }
            None => "at its beginning".into(),
        }
    }

    fn place_in_file(&self, first: usize) -> String {
        if self.lines.range(first..).next().is_none() {
            return "at its end".into();
        }
        let mut below = self.lines.range(first..);
        let splits_imports = below.any(|&line| self.source.is_import(line));
        let above = self.lines.range(..first).next_back();
        match above.and_then(|&line| self.source.piece_at(line)) {
            Some(above) if above.name == "//!" => {
                format!("below the {} at its top", code("//!"))
            }
            Some(above) if above.is_import() && !splits_imports => {
                "below the imports".into()
            }
            Some(above) => format!("after {}", self.name(above)),
            None => "at its beginning".into(),
        }
    }

    /// A piece's name, such that it means no other that has been typed; an `impl` as it
    /// stands there, for whoever looks for it, unless that is long.
    fn name(&self, piece: &Piece) -> String {
        let is_typed = |it: &&Piece| self.lines.contains(&it.heading);
        let pieces = || self.source.pieces.iter().filter(is_typed);
        let heading = |it: &Piece| {
            let line = self.source.lines[it.heading].strip_suffix(" {")?;
            (line.starts_with("impl") && !line.contains(',')).then_some(line)
        };
        if let Some(line) = heading(piece)
            && pieces().filter(|it| heading(it) == Some(line)).count() == 1
        {
            return code(line);
        }
        let namesakes = pieces().filter(|it| it.name == piece.name).count();
        let alike = pieces().filter(|it| it.full_name == piece.full_name);
        let alike: Vec<&Piece> = alike.collect();
        if namesakes == 1 {
            return code(&piece.name);
        }
        let index = alike.iter().position(|it| it.heading == piece.heading);
        match index.and_then(|index| ORDINALS.get(index)) {
            Some(ordinal) if alike.len() > 1 => {
                format!("the {ordinal} {}", code(&piece.full_name))
            }
            _ => code(&piece.full_name),
        }
    }
}
