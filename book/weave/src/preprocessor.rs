//! mdBook's side of weave.

use std::collections::BTreeMap;
use std::path::Path;

use mdbook_preprocessor::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book};

use crate::book::Book;
use crate::{Mistake, edition, page, root};

/// Carries out the directives of the repository's book.
#[derive(Debug)]
pub struct Weave;

impl Preprocessor for Weave {
    fn name(&self) -> &str {
        "weave"
    }

    /// Replaces each page, or fails with all that is wrong, so that mdBook keeps the
    /// pages that it had.
    fn run(
        &self,
        context: &PreprocessorContext,
        mut book: book::Book,
    ) -> Result<book::Book> {
        let mut pages = pages(&root::find(&context.root)?)?;
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_deref().unwrap_or(Path::new(""));
            if let Some(page) = pages.remove(&*path.to_string_lossy()) {
                chapter.content = page;
            }
        });
        let answers = context.config.get("preprocessor.weave.answers")?;
        if !answers.unwrap_or(true) {
            edition::without_answers(&mut book);
        }
        Ok(book)
    }
}

/// Every page with its directives carried out, by its file's name.
fn pages(root: &Path) -> Result<BTreeMap<String, String>> {
    let book = Book::load(root)?;
    let mut pages = BTreeMap::new();
    let mut mistakes = book.mistakes.clone();
    for (index, chapter) in book.chapters.iter().enumerate() {
        let (page, wrong) = page::render(&book, index);
        // What mdBook has included meanwhile is lost with the page: there is no such
        // directive in a chapter of ours.
        pages.insert(format!("{}.md", chapter.name), page);
        mistakes.extend(wrong);
    }
    mistakes.sort();
    mistakes.dedup();
    match mistakes.is_empty() {
        true => Ok(pages),
        false => {
            let lines: Vec<String> =
                mistakes.iter().map(Mistake::to_string).collect();
            Err(Error::msg(lines.join("\nweave: ")))
        }
    }
}
