//! The code that the book has shown by the end of a chapter, as a crate that builds.

use std::io;
use std::path::Path;

use fs_err as fs;

use crate::book::Book;
use crate::house::is_shown;
use crate::listing::{shown, text};
use crate::nearest;

/// Writes the crate of all chapters up to the one named into a folder. Files that are
/// as they should be are not touched, so that cargo need not build them again.
pub fn tangle(book: &Book, chapter: &str, folder: &Path) -> io::Result<()> {
    let names = || book.chapters.iter().map(|chapter| chapter.name.as_str());
    let last = names().position(|name| name == chapter).ok_or_else(|| {
        let near = nearest(chapter, names());
        io::Error::other(format!("there is no chapter {chapter}{near}"))
    })?;
    let listings = || {
        book.listings
            .iter()
            .filter(|listing| listing.chapter <= last && is_shown(&listing.file))
    };
    if listings().next().is_none() {
        return Err(io::Error::other(format!(
            "up to {chapter}, the book shows no code"
        )));
    }
    for (path, selection) in shown(listings()) {
        let source = &book.house.sources[path];
        write(&folder.join(path), &text(source, &selection))?;
    }
    let chapters: Vec<&str> = names().take(last + 1).collect();
    let files = book.files_of(|index| index <= last);
    let manifest = book.manifest.of(&chapters, &files, true);
    // A crate of its own, wherever it is put.
    write(&folder.join("Cargo.toml"), &(manifest + "\n[workspace]\n"))?;
    let lock = fs::read_to_string(book.house.root.join("Cargo.lock"))?;
    if !folder.join("Cargo.lock").exists() {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
