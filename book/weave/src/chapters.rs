//! The book's chapters, in the order in which they are read.

use std::io;
use std::path::Path;

use fs_err as fs;

use crate::Mistake;
use crate::directive::{self, Directive};

/// Where the chapters are, from the repository's root.
pub const FOLDER: &str = "book/src";

/// A chapter.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Its file's name without the `.md`: `part3`.
    pub name: String,
    /// Its text, as it is written.
    pub text: String,
}

impl Chapter {
    /// Where it is, from the repository's root.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.md", self.name)
    }

    /// Its first heading.
    pub fn title(&self) -> &str {
        let heading = self.text.lines().find_map(|line| line.strip_prefix("# "));
        heading.unwrap_or(&self.name)
    }

    /// What it asks for, and in which line, from 1.
    pub fn directives(
        &self,
    ) -> impl Iterator<Item = (usize, Result<Directive, Mistake>)> {
        let numbered = self.text.lines().enumerate();
        numbered.filter_map(|(index, line)| {
            let read = directive::parse(line)?;
            Some((index + 1, read.map_err(|what| self.mistake(index + 1, what))))
        })
    }

    /// Something wrong in a line of this chapter.
    pub fn mistake(&self, line: usize, what: impl Into<String>) -> Mistake {
        Mistake { file: self.path().into(), line, what: what.into() }
    }
}

/// Reads the chapters that the summary lists, in its order.
pub fn load(root: &Path) -> io::Result<Vec<Chapter>> {
    let folder = root.join(FOLDER);
    let summary = fs::read_to_string(folder.join("SUMMARY.md"))?;
    let names =
        summary.split("](").skip(1).filter_map(|rest| rest.split_once(".md)"));
    names
        .map(|(name, _)| {
            let text = fs::read_to_string(folder.join(format!("{name}.md")))?;
            Ok(Chapter { name: name.to_owned(), text })
        })
        .collect()
}
