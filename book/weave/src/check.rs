//! Whether the book tells the truth, and the whole of it.

use std::collections::BTreeSet;

use crate::book::Book;
use crate::directive::Directive;
use crate::earlier::{EARLIER, file_of, is_earlier, last_form};
use crate::house::is_shown;
use crate::listing::{Listing, apart_from_imports};
use crate::piece::Piece;
use crate::source::Source;
use crate::{Mistake, caption, earlier, page};

/// Everything that is wrong, in order.
pub fn check(book: &Book) -> Vec<Mistake> {
    let mut mistakes = book.mistakes.clone();
    for index in 0..book.chapters.len() {
        mistakes.extend(page::render(book, index).1);
    }
    mistakes.extend(coverage(book));
    mistakes.extend(hidden_lines(book));
    mistakes.extend(typed_by_hand(book));
    mistakes.extend(manifest(book));
    mistakes.extend(milestones(book));
    mistakes.sort();
    mistakes.dedup();
    mistakes
}

/// Each line of code stands in exactly one listing, as does each that is replaced later.
fn coverage(book: &Book) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let sources = book.house.sources.iter();
    for (path, source) in sources.filter(|(path, _)| is_shown(file_of(path))) {
        let listings =
            book.listings.iter().filter(|it| it.selections.contains_key(path));
        let listings: Vec<&Listing> = listings.collect();
        match listings.is_empty() {
            true => {
                let what = format!(
                    "no chapter shows this file: put {{{{#listing {}}}}} where it \
                     is taught",
                    asked_as(path),
                );
                mistakes.push(Mistake { file: path.into(), line: 1, what });
            }
            false => {
                mistakes.extend(missing(source, &listings));
                mistakes.extend(misplaced(book, source, &listings));
            }
        }
        mistakes.extend(earlier(book, source, &listings));
    }
    mistakes
}

/// What is wrong with forms that are replaced later: each is, by a listing after its own.
fn earlier(book: &Book, source: &Source, listings: &[&Listing]) -> Vec<Mistake> {
    let path = &source.path;
    let Some(last) = book.house.sources.get(file_of(path)) else {
        let what = format!("there is no {} that it could become", file_of(path));
        return vec![Mistake { file: path.into(), line: 1, what }];
    };
    if !is_earlier(path) {
        return Vec::new();
    }
    let mut wrong = earlier::mistakes(last, source);
    for listing in listings {
        for leaf in listing.leaves(source) {
            let Some((_, form)) = last_form(last, leaf) else { continue };
            let by = book.listings.iter().find(|it| it.shows(last, form.heading));
            if by.is_some_and(|by| by.position() <= listing.position()) {
                let what =
                    format!("{} has its last form before this one", leaf.name);
                wrong.push((leaf.heading, what));
            }
        }
    }
    let wrong = wrong.into_iter();
    wrong
        .map(|(line, what)| Mistake { file: path.into(), line: line + 1, what })
        .collect()
}

/// What a directive calls a source.
fn asked_as(path: &str) -> String {
    let below = path.strip_prefix(EARLIER).and_then(|it| it.strip_prefix('/'));
    match below.and_then(|below| below.split_once('/')) {
        Some((milestone, file)) => format!("{file}@{milestone}"),
        None => path.to_owned(),
    }
}

/// What none of a file's listings shows.
fn missing(source: &Source, listings: &[&Listing]) -> Vec<Mistake> {
    let shown: BTreeSet<usize> =
        listings.iter().flat_map(|it| it.selections[&source.path].all()).collect();
    let whole = source.whole();
    let missing: BTreeSet<usize> =
        whole.lines.difference(&shown).copied().collect();
    let mut reported = BTreeSet::new();
    let mut mistakes = Vec::new();
    for &line in &missing {
        let path = &source.path;
        // A block of which nothing is shown is missed as one.
        let is_whole = |block: &&Piece| missing.contains(&block.heading);
        let block = source.item_at(line).filter(is_whole);
        let name = block.map_or(name_at(source, line), |it| source.name_of(it));
        if reported.insert(name) {
            let what = format!(
                "no chapter shows {name}: put {{{{#listing {} {name}}}}} where it \
                 is taught",
                asked_as(path),
            );
            mistakes.push(Mistake { file: path.into(), line: line + 1, what });
        }
    }
    mistakes
}

/// What a file's listings show again, or in no one place.
fn misplaced(book: &Book, source: &Source, listings: &[&Listing]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, listing) in listings.iter().enumerate() {
        let before = &listings[..index];
        let what = shown_before(book, source, listing, before)
            .or_else(|| two_places(book, listing));
        let chapter = &book.chapters[listing.chapter];
        mistakes.extend(what.map(|what| chapter.mistake(listing.line, what)));
    }
    mistakes
}

fn shown_before(
    book: &Book,
    source: &Source,
    listing: &Listing,
    before: &[&Listing],
) -> Option<String> {
    let lines =
        |listing: &'_ Listing| listing.selections[&source.path].lines.clone();
    let shown = lines(listing);
    let other = before.iter().find(|other| !lines(other).is_disjoint(&shown))?;
    let other_lines = lines(other);
    let line = other_lines.intersection(&shown).next()?;
    Some(format!(
        "{} shows {} again: it stands in {}, and once is enough",
        source.path,
        name_at(source, *line),
        book.chapters[other.chapter].path(),
    ))
}

fn two_places(book: &Book, listing: &Listing) -> Option<String> {
    let (_, with) = book.around(listing);
    if caption::again(book, listing).is_some() {
        return None;
    }
    let before = book.listings_of(&listing.file);
    let before = before.filter(|it| it.position() < listing.position());
    let typed = with.shown_by(&before.collect::<Vec<_>>()).all();
    let source = &with.source;
    let (_, lines) = apart_from_imports(source, &with.select(listing), &typed);
    let between = typed.range(lines.first()?..lines.last()?).next()?;
    Some(format!(
        "{} goes to two places, before and after {}: one listing each",
        source.path,
        name_at(source, *between),
    ))
}

fn name_at(source: &Source, line: usize) -> &str {
    source.piece_at(line).map_or("?", |piece| source.name_of(piece))
}

/// mdBook takes a line of Rust that begins with `# ` for one that is to be hidden.
fn hidden_lines(book: &Book) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (path, source) in &book.house.sources {
        for (index, line) in source.lines.iter().enumerate() {
            let text = line.trim_start();
            if text == "#" || text.starts_with("# ") {
                let what =
                    "mdBook would hide this line: begin it otherwise".to_owned();
                mistakes.push(Mistake { file: path.into(), line: index + 1, what });
            }
        }
    }
    mistakes
}

/// No chapter has output in it that nobody recorded: what stands between fences is
/// something to type, in `sh`.
fn typed_by_hand(book: &Book) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for chapter in &book.chapters {
        let mut open: Option<&str> = None;
        for (index, line) in chapter.text.lines().enumerate() {
            let line = line.trim_start();
            match (open, line.strip_prefix("```")) {
                (None, Some(language)) => {
                    open = Some(language.trim());
                    if language.trim() != "sh" {
                        let what = "only commands to type, in sh, may stand between \
                                    fences: code is a listing, output a wire or a session";
                        mistakes.push(chapter.mistake(index + 1, what));
                    }
                }
                (Some(_), Some(_)) => open = None,
                (Some("sh"), None) if line.starts_with("$ ") => {
                    let what = "a prompt promises output: that is a session";
                    mistakes.push(chapter.mistake(index + 1, what));
                }
                _ => {}
            }
        }
    }
    mistakes
}

/// A chapter that brings in a dependency or a program says so.
fn manifest(book: &Book) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let names: Vec<&str> = book.chapters.iter().map(|c| c.name.as_str()).collect();
    for chapter in book.manifest.chapters() {
        if !names.contains(&chapter) {
            let near = crate::nearest(chapter, names.iter().copied());
            let what =
                format!("dependencies are filed under {chapter}, no chapter{near}");
            mistakes.push(Mistake { file: "Cargo.toml".into(), line: 1, what });
        }
    }
    for (index, chapter) in book.chapters.iter().enumerate() {
        let files = book.programs_of(index, None);
        let added = book.manifest.of(&[&chapter.name], &files, false);
        let is_plain = |it: &(usize, _)| {
            matches!(it.1, Ok(Directive::Manifest { program: None }))
        };
        let says = chapter.directives().filter(is_plain).count();
        if says != usize::from(!added.is_empty()) {
            let what = "a chapter that adds to Cargo.toml has one {{#manifest}}";
            mistakes.push(chapter.mistake(1, what));
        }
    }
    mistakes
}

/// No two places where the program is built are called the same.
fn milestones(book: &Book) -> Vec<Mistake> {
    let mut names = BTreeSet::new();
    let mut mistakes = Vec::new();
    for build in &book.builds {
        if !names.insert(build.name.clone()) {
            let (chapter, line) = build.at;
            let what = format!("there is a {} already", build.name);
            mistakes.push(book.chapters[chapter].mistake(line, what));
        }
    }
    mistakes
}
