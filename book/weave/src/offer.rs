//! Files that readers can take away.

use std::fmt::Write;
use std::path::Path;

use fs_err as fs;

use crate::code;
use crate::html::figure;
use crate::nearest;

/// Where they are, from the repository's root.
pub const FOLDER: &str = "book/starters";

/// A file, with a link that saves it. Its content is in the link, so that it can be had
/// from a page that nobody serves.
///
/// # Errors
/// If there is no such file.
pub fn show(root: &Path, file: &str) -> Result<String, String> {
    let folder = root.join(FOLDER);
    let text = fs::read_to_string(folder.join(file)).map_err(|_| {
        let names = files_below(&folder);
        let near = nearest(file, names.iter().map(String::as_str));
        format!("{FOLDER} has no {file}{near}")
    })?;
    let base = file.rsplit('/').next().unwrap_or(file);
    let link = data_url(&text);
    let save = format!("<a download=\"{base}\" href=\"{link}\">save it</a>");
    Ok(figure("listing", file, &save, &code::block(language(base), &text)))
}

fn data_url(text: &str) -> String {
    let mut link = String::from("data:text/plain;charset=utf-8,");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => link.push(byte as char),
            _ => _ = write!(link, "%{byte:02X}"),
        }
    }
    link
}

/// A file's language, if the book's highlighting knows it.
pub(crate) fn language(file: &str) -> &'static str {
    match file.rsplit_once('.') {
        Some((_, "go")) => "go",
        Some((_, "js")) => "javascript",
        Some((_, "json")) => "json",
        Some((_, "py")) => "python",
        Some((_, "rs")) => "rust",
        Some((_, "service" | "socket")) => "ini",
        Some((_, "toml")) => "toml",
        Some((_, "yml")) => "yaml",
        _ => "text",
    }
}

/// The files in a folder and in those below it, by their names from there.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path().is_dir() {
            true => names.extend(
                files_below(&entry.path()).iter().map(|it| format!("{name}/{it}")),
            ),
            false => names.push(name),
        }
    }
    names
}
