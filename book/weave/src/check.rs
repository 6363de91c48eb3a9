//! Whether the book tells the truth, and the whole of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::Mistake;
use crate::house::is_shown;
use crate::listing::Listing;
use crate::render::Book;
use crate::source::is_blank;

/// Everything that is wrong, in order.
pub fn check(book: &Book) -> Vec<Mistake> {
    let mut mistakes = book.mistakes.clone();
    for index in 0..book.chapters.len() {
        mistakes.extend(book.render(index).1);
    }
    mistakes.extend(coverage(book));
    mistakes.extend(chapters_of_files(book));
    mistakes.extend(hidden_lines(book));
    mistakes.extend(typed_by_hand(book));
    mistakes.extend(manifest(book));
    mistakes.sort();
    mistakes.dedup();
    mistakes
}

/// Each line of code stands in exactly one listing.
fn coverage(book: &Book) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (path, source) in book.house.shown() {
        if !book.listings.iter().any(|listing| &listing.file == path) {
            let what = format!(
                "no chapter shows this file: put {{{{#listing {path}}}}} where it is taught"
            );
            mistakes.push(Mistake { file: path.into(), line: 1, what });
            continue;
        }
        let mut shown: BTreeMap<usize, usize> = BTreeMap::new();
        let mut framed: BTreeSet<usize> = BTreeSet::new();
        for listing in book.listings.iter().filter(|listing| &listing.file == path)
        {
            let lines = &listing.selection.lines;
            let first = lines.first().copied().unwrap_or_default();
            let last = lines.last().copied().unwrap_or_default();
            let between = (first..last)
                .find(|line| shown.contains_key(line) || framed.contains(line));
            let again: Vec<usize> = listing
                .selection
                .lines
                .iter()
                .copied()
                .filter(|line| shown.insert(*line, listing.line).is_some())
                .collect();
            let chapter = &book.chapters[listing.chapter];
            let name_at =
                |line| source.piece_at(line).map_or("it", |piece| &piece.name);
            let what = match (again.first(), between) {
                (Some(&line), _) => Some(format!(
                    "{path} shows {} again: once is enough",
                    name_at(line)
                )),
                (None, Some(line)) => Some(format!(
                    "{path} goes to two places, before and after {}: one listing each",
                    name_at(line)
                )),
                (None, None) => None,
            };
            mistakes.extend(what.map(|what| chapter.mistake(listing.line, what)));
            framed.extend(&listing.selection.frames);
        }
        let is_missing = |&line: &usize| {
            !is_blank(&source.lines[line])
                && !shown.contains_key(&line)
                && !framed.contains(&line)
        };
        let missing: Vec<usize> =
            (0..source.lines.len()).filter(is_missing).collect();
        let mut reported = BTreeSet::new();
        for line in missing {
            let name = source.piece_at(line).map_or("?", |piece| &piece.name);
            if reported.insert(name) {
                let what = format!(
                    "no chapter shows {name}: put {{{{#listing {path} {name}}}}} where \
                     it is taught"
                );
                mistakes.push(Mistake { file: path.into(), line: line + 1, what });
            }
        }
    }
    mistakes
}

/// A file is taught in one chapter, lists of modules aside.
fn chapters_of_files(book: &Book) -> Vec<Mistake> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let of_the_server = |listing: &&Listing| is_shown(&listing.file);
    for listing in book.listings.iter().filter(of_the_server) {
        let chapter = *first.entry(&listing.file).or_insert(listing.chapter);
        if chapter != listing.chapter && !Book::is_growing(&listing.file) {
            let what = format!(
                "{} is taught in {}: a file belongs to one chapter",
                listing.file,
                book.chapters[chapter].path()
            );
            mistakes
                .push(book.chapters[listing.chapter].mistake(listing.line, what));
        }
    }
    mistakes
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
        let files = book.files_of(|other| other == index);
        let added = book.manifest.of(&[&chapter.name], &files, false);
        let says = chapter
            .text
            .lines()
            .filter(|line| line.trim() == "{{#manifest}}")
            .count();
        if says != usize::from(!added.is_empty()) {
            let what = "a chapter that adds to Cargo.toml has one {{#manifest}}";
            mistakes.push(chapter.mistake(1, what));
        }
    }
    mistakes
}
