//! Where the repository is: found when weave runs, since it may have been moved after
//! weave was built, and others may share the build.

use std::io;
use std::path::{Path, PathBuf};

/// The innermost folder, from `start` upwards, that has the book and a Cargo.toml.
///
/// # Errors
/// If there is none.
pub fn find(start: &Path) -> io::Result<PathBuf> {
    let start = fs_err::canonicalize(start)?;
    let is_root = |folder: &&Path| {
        folder.join("book/book.toml").is_file()
            && folder.join("Cargo.toml").is_file()
    };
    let root = start.ancestors().find(is_root).ok_or_else(|| {
        let start = start.display();
        io::Error::other(format!(
            "neither {start} nor a folder above it has book/book.toml and Cargo.toml"
        ))
    })?;
    Ok(root.to_owned())
}
