//! The code that the book has shown by some place, as a crate that builds.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;

use crate::book::Book;
use crate::earlier::Edition;
use crate::house::is_shown;
use crate::listing::Position;
use crate::nearest;

/// Writes the crate of all that stands before a milestone, or before a chapter's end,
/// into a folder. Files that are as they should be are not touched, so that cargo need
/// not build them again.
///
/// # Errors
/// If there is no such place, or the book shows no code before it.
pub fn tangle(book: &Book, name: &str, folder: &Path) -> io::Result<()> {
    let place = place(book, name)?;
    let listings =
        book.listings.iter().filter(|listing| listing.position() < place);
    let files: BTreeSet<&str> = listings
        .map(|listing| listing.file.as_str())
        .filter(|file| is_shown(file))
        .collect();
    if files.is_empty() {
        return Err(io::Error::other(format!(
            "up to {name}, the book shows no code"
        )));
    }
    for file in files {
        let edition = book.before(place, file);
        let text = edition.map(Edition::text).unwrap_or_default();
        write(&folder.join(file), &text)?;
    }
    // A crate of its own, wherever it is put.
    let manifest = book.manifest_before(place) + "\n[workspace]\n";
    write(&folder.join("Cargo.toml"), &manifest)?;
    let lock = fs::read_to_string(book.house.root.join("Cargo.lock"))?;
    if !folder.join("Cargo.lock").exists() {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    Ok(())
}

/// Builds the crate of all that stands before a milestone, beside the programs of the
/// whole book, and gives the folder that its own are in then.
///
/// # Errors
/// If it can't be written, or does not build.
pub fn build(book: &Book, name: &str, programs: &Path) -> io::Result<PathBuf> {
    let folder = programs.join("milestones");
    // One crate for all: cargo sees which of its files are new.
    let tangled = folder.join("crate");
    tangle(book, name, &tangled)?;
    let output = Command::new("cargo")
        .args(["build", "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", &folder)
        .current_dir(&tangled)
        .output()?;
    match output.status.success() {
        true => Ok(folder.join("debug")),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("{name} does not build: {said}")))
        }
    }
}

/// Where a milestone stands, or a chapter ends.
fn place(book: &Book, name: &str) -> io::Result<Position> {
    if let Some(build) = book.builds.iter().find(|build| build.name == name) {
        return Ok(build.at);
    }
    let names = || book.chapters.iter().map(|chapter| chapter.name.as_str());
    match names().position(|it| it == name) {
        Some(chapter) => Ok((chapter, usize::MAX)),
        None => {
            let milestones = book.builds.iter().map(|build| build.name.as_str());
            let near = nearest(name, names().chain(milestones));
            let what = format!("there is no chapter and no milestone {name}{near}");
            Err(io::Error::other(what))
        }
    }
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
