//! mdBook's side of weave.

use std::collections::BTreeMap;
use std::path::Path;

use mdbook_preprocessor::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book};

use crate::book::Book;
use crate::halves::in_halves;
use crate::{Mistake, edition, page, root, search};

/// Carries out the directives of the repository's book.
#[derive(Debug)]
pub struct Weave;

impl Preprocessor for Weave {
    fn name(&self) -> &str {
        "weave"
    }

    /// Replaces each page, or fails with all that is wrong, so that mdBook keeps the
    /// pages that it had. What search looks through is put beside the chapters.
    fn run(
        &self,
        context: &PreprocessorContext,
        mut book: book::Book,
    ) -> Result<book::Book> {
        let ours = Book::load(&root::find(&context.root)?)?;
        let mut pages = pages(&ours)?;
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_deref().unwrap_or(Path::new(""));
            if let Some(page) = pages.remove(&*path.to_string_lossy()) {
                chapter.content = page;
            }
        });
        let answers = context.config.get("preprocessor.weave.answers")?;
        let answers = answers.unwrap_or(true);
        if !answers {
            edition::without_answers(&mut book);
        }
        let folder = context.root.join(&context.config.book.src);
        search::write(&folder, &index(&ours, &mut book, answers))?;
        Ok(book)
    }
}

/// What search looks through: our chapters, as far as they are in a book.
fn index(ours: &Book, book: &mut book::Book, answers: bool) -> String {
    let mut titles = BTreeMap::new();
    book.for_each_chapter_mut(|chapter| {
        let path = chapter.source_path.clone().unwrap_or_default();
        titles.insert(path.with_extension(""), chapter.name.clone());
    });
    let texts = ours.chapters.iter().filter_map(|chapter| {
        let title = titles.get(Path::new(&chapter.name))?;
        let text = match answers {
            true => chapter.text.clone(),
            false => edition::asked(&chapter.text),
        };
        Some((&chapter.name, title, text))
    });
    let texts: Vec<_> = texts.collect();
    let pages: Vec<search::Page> = texts
        .iter()
        .map(|(name, title, text)| search::Page { name, title, text })
        .collect();
    search::index(&pages)
}

/// Every page with its directives carried out, by its file's name.
fn pages(book: &Book) -> Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    let mut mistakes = book.mistakes.clone();
    let indices: Vec<usize> = (0..book.chapters.len()).collect();
    let rendered = in_halves(&indices, |index| page::render(book, *index));
    for (chapter, (page, wrong)) in book.chapters.iter().zip(rendered) {
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
