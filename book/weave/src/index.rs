//! The index of files, and the links to it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::book::Book;
use crate::house::is_shown;

/// Every file, and the chapters that show some of it.
pub fn show(book: &Book) -> String {
    let mut table = String::from("| file | lines | shown in |\n|---|---|---|\n");
    for (path, source) in book.house.shown() {
        let _ = writeln!(
            table,
            "| <span id=\"{}\"></span>`{path}` | {} | {} |",
            anchor(path),
            source.lines.len(),
            chapters(book, path),
        );
    }
    table
}

fn chapters(book: &Book, file: &str) -> String {
    let chapters: BTreeSet<usize> =
        book.listings_of(file).map(|listing| listing.chapter).collect();
    let links: Vec<String> = chapters
        .into_iter()
        .map(|index| {
            let chapter = &book.chapters[index];
            format!("[{}]({}.md)", title(&chapter.text), chapter.name)
        })
        .collect();
    links.join(", ")
}

/// A file's name, linked to the index if the book has one.
pub fn link(book: &Book, file: &str) -> String {
    match book.has_index && is_shown(file) {
        true => format!("<a href=\"files.html#{}\">{file}</a>", anchor(file)),
        false => file.to_owned(),
    }
}

/// A chapter's first heading.
fn title(text: &str) -> &str {
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or("?").split(':').next().unwrap_or_default()
}

fn anchor(file: &str) -> String {
    file.replace(['/', '.'], "-")
}
