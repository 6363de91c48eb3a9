//! Places where what the book has shown so far builds, and does something.

use crate::book::Book;
use crate::directive::Directive;
use crate::house::is_shown;
use crate::listing::Position;

/// A place where the program is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// A milestone's name, which its session has too, or a chapter's.
    pub name: String,
    /// Where it stands; a chapter is built at its end.
    pub at: Position,
    /// How many lines are typed for it after the build before it.
    pub typed: usize,
}

/// Every milestone, and every chapter that shows some of the server, in order. A book
/// has them already.
pub(crate) fn builds(book: &Book) -> Vec<Build> {
    let mut builds = Vec::new();
    for (index, chapter) in book.chapters.iter().enumerate() {
        for (line, directive) in chapter.directives() {
            if let Ok(Directive::Milestone { name }) = directive {
                builds.push(Build { name, at: (index, line), typed: 0 });
            }
        }
        if book.files_of(|other| other == index).iter().any(|file| is_shown(file)) {
            let name = chapter.name.clone();
            builds.push(Build { name, at: (index, usize::MAX), typed: 0 });
        }
    }
    for listing in &book.listings {
        let build = builds.iter_mut().find(|build| build.at > listing.position());
        if let Some(build) = build {
            build.typed += book.typed(listing);
        }
    }
    builds
}

/// The milestone of a name.
pub fn find<'a>(book: &'a Book, name: &str) -> Option<&'a Build> {
    let is_it = |build: &&Build| build.name == name && build.at.1 < usize::MAX;
    book.builds.iter().find(is_it)
}
