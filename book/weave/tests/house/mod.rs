//! A small house: a repository of the test's own, with a book about it.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"small\"\nversion = \"0.1.0\"\n";

/// Writes a house with these files in `src/` and these chapters; removed when dropped.
pub fn build(files: &[(&str, &str)], chapters: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(root.path(), path, text);
    write("Cargo.toml", MANIFEST);
    write("Cargo.lock", "");
    write("book/book.toml", "[book]\ntitle = \"A small house\"\n");
    let mut summary = String::new();
    for (name, text) in files {
        write(&format!("src/{name}.rs"), text);
    }
    for (name, text) in chapters {
        write(&format!("book/src/{name}.md"), &format!("# {name}\n\n{text}"));
        summary.push_str(&format!("- [{name}]({name}.md)\n"));
    }
    write("book/src/SUMMARY.md", &summary);
    root
}

/// Writes a file, and the folders that it is in.
pub fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
