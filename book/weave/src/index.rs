//! The index of files, and the links to it.

use std::fmt::Write;

use crate::book::Book;
use crate::house::is_shown;
use crate::listing::Listing;
use crate::sections;

/// Every file, and the listings that show some of it.
pub fn show(book: &Book) -> String {
    let kept = sections::by_file(book);
    let mut table = String::from("| file | lines | shown in |");
    if !kept.is_empty() {
        table.push_str(" keeps |");
    }
    let columns = if kept.is_empty() { 3 } else { 4 };
    let _ = writeln!(table, "\n|{}", "---|".repeat(columns));
    for (path, source) in book.house.shown() {
        let _ = write!(
            table,
            "| <span id=\"{}\"></span><code class=\"word\">{path}</code> | {} | {} |",
            anchor(path),
            source.lines.len(),
            chapters(book, path),
        );
        if !kept.is_empty() {
            let sections = kept.get(path).map_or("", String::as_str);
            let _ = write!(table, " {sections} |");
        }
        table.push('\n');
    }
    table
}

/// Links to each listing of a file: by its chapter, or where that has several by their
/// numbers after it.
fn chapters(book: &Book, file: &str) -> String {
    let listings: Vec<&Listing> = book.listings_of(file).collect();
    let chapters = listings.chunk_by(|a, b| a.chapter == b.chapter);
    let links = chapters.map(|listings| {
        let chapter = &book.chapters[listings[0].chapter];
        let link = |name: &str, listing| {
            let anchor = listing_anchor(book, listing);
            format!("[{name}]({}.md#{anchor})", chapter.name)
        };
        let title = title(&chapter.text);
        if let [listing] = listings {
            return link(title, listing);
        }
        let numbered = (1..).zip(listings);
        let links = numbered.map(|(number, it)| link(&number.to_string(), it));
        format!("{title}: {}", links.collect::<Vec<String>>().join(" "))
    });
    links.collect::<Vec<String>>().join("; ")
}

/// The name of a listing's file, as [`link`] has it, to which others can link.
pub fn link_from(book: &Book, listing: &Listing) -> String {
    let anchor = listing_anchor(book, listing);
    match book.has_index && is_shown(&listing.file) {
        true => link(book, &listing.file).replacen(
            "<a ",
            &format!("<a id=\"{anchor}\" "),
            1,
        ),
        false => listing.file.clone(),
    }
}

/// The address of the listing that shows an item as the code has it, if there is one
/// that others can link to.
pub fn listing_of(book: &Book, file: &str, item: &str) -> Option<String> {
    let source = book.house.source(file).ok()?;
    let line = source.line_of(item)?;
    let listing = book.listings_of(file).find(|it| it.shows(source, line))?;
    let chapter = &book.chapters[listing.chapter].name;
    let anchor = listing_anchor(book, listing);
    (book.has_index && is_shown(file)).then(|| format!("{chapter}.html#{anchor}"))
}

/// What a listing is called in a link: its file, and which of the file's it is.
fn listing_anchor(book: &Book, listing: &Listing) -> String {
    let before = book
        .listings_of(&listing.file)
        .filter(|it| it.position() < listing.position());
    format!("{}-{}", anchor(&listing.file), before.count() + 1)
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

pub(crate) fn anchor(file: &str) -> String {
    file.replace(['/', '.'], "-")
}
