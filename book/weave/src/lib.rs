//! weave: what stands between the book and a lie.
//!
//! Chapters name code, exchanges and terminal sessions; weave cuts them from the
//! files that hold them. What a chapter names and nobody has, or what the code has
//! and no chapter shows, is a [`Mistake`].

pub mod chapters;
pub mod check;
pub mod directive;
pub mod house;
pub mod listing;
pub mod manifest;
pub mod render;
pub mod session;
pub mod source;
pub mod tangle;

use std::fmt;
use std::path::PathBuf;

/// Something that the book says and that is not so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file in which it stands, from the repository's root.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what may have been meant.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// `; did you mean …`, if there is something near to what was asked for.
pub fn nearest<'a>(
    asked: &str,
    there: impl IntoIterator<Item = &'a str>,
) -> String {
    let near = |name: &'a str| (strsim::jaro_winkler(asked, name), name);
    let best = there.into_iter().map(near).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((likeness, name)) if likeness > 0.6 => {
            format!("; the nearest that there is: {name}")
        }
        _ => String::new(),
    }
}
