//! The code that the book has shown by some place, as a crate that builds.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;
use tempfile::TempDir;

use crate::book::Book;
use crate::earlier::Edition;
use crate::house::is_shown;
use crate::listing::Position;
use crate::nearest;
use crate::session::Session;

/// The crate of all that stands before a milestone, or before a chapter's end: each
/// file's path and text.
///
/// # Errors
/// If there is no such place, or the book shows no code before it.
pub fn files(book: &Book, name: &str) -> io::Result<BTreeMap<String, String>> {
    let place = place(book, name)?;
    let shown = book.listings.iter().filter(|listing| listing.position() < place);
    let shown: BTreeSet<&str> = shown
        .map(|listing| listing.file.as_str())
        .filter(|file| is_shown(file))
        .collect();
    if shown.is_empty() {
        return Err(io::Error::other(format!(
            "up to {name}, the book shows no code"
        )));
    }
    let text =
        |file| book.before(place, file).map(Edition::text).unwrap_or_default();
    let mut files: BTreeMap<String, String> =
        shown.into_iter().map(|file| (file.to_owned(), text(file))).collect();
    // A crate of its own, wherever it is put.
    let manifest = book.manifest_before(place) + "\n[workspace]\n";
    files.insert("Cargo.toml".to_owned(), manifest);
    Ok(files)
}

/// Writes the crate that [`files`] gives into a folder. Files that are as they should
/// be are not touched, so that cargo need not build them again.
///
/// # Errors
/// As [`files`], or if it can't be written.
pub fn tangle(book: &Book, name: &str, folder: &Path) -> io::Result<()> {
    for (file, text) in files(book, name)? {
        write(&folder.join(file), &text)?;
    }
    let lock = fs::read_to_string(book.house.root.join("Cargo.lock"))?;
    if !folder.join("Cargo.lock").exists() {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    Ok(())
}

/// Builds those programs that a session runs from what stands before its milestone,
/// and gives a folder with them, which goes when it is dropped. It is beside the programs
/// of the whole book, and what both stand on is built once. Rows can be built side by
/// side.
///
/// # Errors
/// If the crate can't be written, or does not build.
pub fn build(
    book: &Book,
    name: &str,
    session: &Session,
    programs: &Path,
    row: usize,
) -> io::Result<TempDir> {
    let folder = programs.join(format!("milestones/{row}"));
    // One crate for all of a row: cargo sees which of its files are new.
    let tangled = folder.join("crate");
    tangle(book, name, &tangled)?;
    // A row may go backwards through the book.
    remove_others(&tangled, &files(book, name)?)?;
    // Neither the whole book's nor one that a test builds.
    give_version(&tangled.join("Cargo.toml"), 200 + row)?;
    let runs =
        book.house.shown().filter_map(|(file, _)| book.manifest.program(file));
    let manifest = book.manifest_before(place(book, name)?);
    let runs = runs.filter(|program| {
        session.names(program) && manifest.contains(&format!("\"{program}\"\n"))
    });
    let runs: Vec<&str> = runs.collect();
    let target = programs.parent().unwrap_or(programs);
    let output = Command::new("cargo")
        .args(["build", "--offline", "--quiet"])
        .args(runs.iter().flat_map(|program| ["--bin", program]))
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_BUILD_BUILD_DIR", build_folder(target, row)?)
        .env("CARGO_INCREMENTAL", "1")
        // As the whole book's are.
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .current_dir(&tangled)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{name} does not build: {said}")));
    }
    // Out of the way of the next milestone's, which may be built while they run.
    let own = tempfile::Builder::new().prefix("own-").tempdir_in(&folder)?;
    for program in runs {
        copy_program(&folder.join("debug").join(program), own.path())?;
    }
    Ok(own)
}

/// Removes the sources that a crate has and should not.
fn remove_others(
    folder: &Path,
    files: &BTreeMap<String, String>,
) -> io::Result<()> {
    let mut folders = vec![folder.join("parts"), folder.join("src")];
    folders.retain(|it| it.exists());
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            if path.is_dir() {
                folders.push(path);
            } else if !name.is_some_and(|it| files.contains_key(it)) {
                fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}

/// Copies a program into a folder. Not by this process: a session beside it may be begun
/// while the copy is open, whose shell holds it open for a moment, and what is open for
/// writing somewhere can't be run (`ETXTBSY`).
fn copy_program(program: &Path, folder: &Path) -> io::Result<()> {
    let copied = Command::new("cp").arg(program).arg(folder).status();
    let copied =
        copied.map_err(|error| io::Error::other(format!("cp: {error}")))?;
    if !copied.success() {
        let what = format!("cannot copy {}", program.display());
        return Err(io::Error::other(what));
    }
    Ok(())
}

/// A folder below cargo's own (`target`) to build a row of crates in: of two crates that
/// are built in one folder, one waits for the other. What they stand on is in it from the
/// beginning, and takes no room twice.
///
/// # Errors
/// If it can't be made.
pub fn build_folder(target: &Path, row: usize) -> io::Result<PathBuf> {
    let folder = target.join("tmp").join(format!("row{row}"));
    if !folder.exists() {
        let begun = folder.with_extension("begun");
        let _ = fs::remove_dir_all(&begun);
        for part in [".fingerprint", "build", "deps"] {
            let built = target.join("debug").join(part);
            link_all(&built, &begun.join("debug").join(part))?;
        }
        fs::rename(begun, &folder)?;
    }
    Ok(folder)
}

/// Links the files below a folder into another. What goes meanwhile is not needed.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => link_all(&entry.path(), &to)?,
            false => _ = fs::hard_link(entry.path(), to),
        }
    }
    Ok(())
}

/// Gives a crate a version of its own: cargo, which is to share what crates have in
/// common, tells what they have not by name and version, not by folder.
///
/// # Errors
/// If its manifest can't be read or written, or has not the version that all begin with.
pub fn give_version(manifest: &Path, number: usize) -> io::Result<()> {
    const FIRST: &str = "version = \"0.1.0\"\n";
    let text = fs::read_to_string(manifest)?;
    if !text.contains(FIRST) {
        let what = format!("{}: there is no {FIRST}", manifest.display());
        return Err(io::Error::other(what));
    }
    let version = format!("version = \"0.1.{number}\"\n");
    fs::write(manifest, text.replacen(FIRST, &version, 1))
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
