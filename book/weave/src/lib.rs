//! weave: what stands between the book and a lie.
//!
//! Chapters name code, exchanges and terminal sessions; weave cuts them from the
//! files that hold them. What a chapter names and nobody has, or what the code has
//! and no chapter shows, is a [`Mistake`].

pub mod anatomy;
pub mod book;
pub mod bytes;
pub mod caption;
pub mod change;
pub mod chapters;
pub mod check;
pub mod cite;
pub mod code;
pub mod curves;
pub mod cut;
pub mod dashboard;
pub mod directive;
pub mod earlier;
pub mod edition;
pub mod epub;
pub mod exchange;
pub mod exercises;
pub mod figures;
pub mod halves;
pub mod handshake;
pub mod house;
pub mod html;
pub mod index;
pub mod inline;
pub mod kind;
pub mod legend;
pub mod listing;
pub mod manifest;
pub mod milestone;
pub mod offer;
pub mod page;
pub mod panel;
pub mod piece;
pub mod plot;
pub mod preprocessor;
pub mod publish;
pub mod query;
pub mod questions;
pub mod root;
pub mod search;
pub mod sections;
pub mod session;
pub mod slides;
pub mod source;
pub mod states;
pub mod storeys;
pub mod tangle;
pub mod terminal;
pub mod time;
pub mod tls;
pub mod variant;
pub mod weeks;
pub mod words;

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

/// What is said after a name that there is not: the nearest that there is, if any
/// is near.
pub fn nearest<'a>(
    asked: &str,
    there: impl IntoIterator<Item = &'a str>,
) -> String {
    let likeness = |name| strsim::normalized_damerau_levenshtein(asked, name);
    let near = there.into_iter().map(|name| (likeness(name), name));
    match near.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, name)) if likeness > 0.4 => {
            format!("; the nearest that there is: {name}")
        }
        _ => String::new(),
    }
}
