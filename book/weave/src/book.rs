//! The whole book: its code, its chapters, and which of them shows what.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::Mistake;
use crate::change;
use crate::chapters::{self, Chapter};
use crate::directive::Directive;
use crate::earlier::{self, Edition};
use crate::house::{House, is_shown};
use crate::listing::{self, Listing, Position};
use crate::manifest::Manifest;
use crate::milestone::{self, Build};
use crate::storeys::{self, Storey};
use crate::words::Glossary;

/// All that pages are made from.
#[derive(Debug)]
pub struct Book {
    /// The repository.
    pub house: House,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
    /// Their listings, in order.
    pub listings: Vec<Listing>,
    /// Its Cargo.toml.
    pub manifest: Manifest,
    /// Each listing's file, as it is after the listing.
    pub editions: Vec<Edition>,
    /// Where it is built, in order.
    pub builds: Vec<Build>,
    /// What is wrong with the directives that ask for code.
    pub mistakes: Vec<Mistake>,
    /// Whether there is a page of all files.
    pub has_index: bool,
    /// The storeys that its pages stand in.
    pub storeys: Vec<Storey>,
    /// The words that it explains.
    pub glossary: Glossary,
}

impl Book {
    /// Reads everything below the repository's root.
    ///
    /// # Errors
    /// If something of it cannot be read, or is no Rust.
    pub fn load(root: &Path) -> io::Result<Book> {
        let house = House::load(root)?;
        let chapters = chapters::load(root)?;
        let storeys = storeys::load(root)?;
        Ok(Book { storeys, ..Book::new(house, chapters, Manifest::load(root)?) })
    }

    /// The book of chapters about a house, of which no storeys are known.
    pub fn new(house: House, chapters: Vec<Chapter>, manifest: Manifest) -> Book {
        let (listings, mistakes) = listing::all(&house, &chapters);
        let (editions, builds) = (earlier::all(&house, &listings), Vec::new());
        let mut texts = chapters.iter().map(|chapter| &chapter.text);
        let has_index = texts.any(|text| text.contains("{{#files}}"));
        let glossary = Glossary::of(&chapters);
        let mut book = Book {
            house,
            chapters,
            listings,
            manifest,
            editions,
            builds,
            mistakes,
            has_index,
            storeys: Vec::new(),
            glossary,
        };
        book.builds = milestone::builds(&book);
        book
    }

    /// The listings of a file, in order.
    pub fn listings_of(&self, file: &str) -> impl Iterator<Item = &Listing> {
        self.listings.iter().filter(move |listing| listing.file == file)
    }

    /// A file as it is for somebody who has typed what stands before a place in the book,
    /// if that is any of it.
    pub fn before(&self, place: Position, file: &str) -> Option<&Edition> {
        let listings = self.listings.iter().zip(&self.editions).rev();
        let mut of_file = listings.filter(|(listing, _)| listing.file == file);
        let (_, edition) = of_file.find(|(it, _)| it.position() < place)?;
        Some(edition)
    }

    /// A listing's file without and with what the listing shows.
    pub fn around(&self, listing: &Listing) -> (Option<&Edition>, &Edition) {
        let (chapter, line) = listing.position();
        let edition = |line| self.before((chapter, line), &listing.file);
        (edition(line), edition(line + 1).expect("the listing shows some of it"))
    }

    /// How many lines there are to type in a listing.
    pub fn typed(&self, listing: &Listing) -> usize {
        if listing.is_copied || !is_shown(&listing.file) {
            return 0;
        }
        let (before, after) = self.around(listing);
        let before = before.map(Edition::text).unwrap_or_default();
        change::new_lines(&before, &after.text())
    }

    /// What Cargo.toml has in it for somebody who has typed what stands before a place.
    pub fn manifest_before(&self, place: Position) -> String {
        let (mut chapters, mut files) = (Vec::new(), BTreeSet::new());
        for (index, chapter) in self.chapters.iter().enumerate() {
            for (line, directive) in chapter.directives() {
                if (index, line) >= place {
                    break;
                }
                if let Ok(Directive::Manifest { program }) = directive {
                    files.extend(self.programs_of(index, program.as_deref()));
                    if program.is_none() {
                        chapters.push(chapter.name.as_str());
                    }
                }
            }
        }
        self.manifest.of(&chapters, &files, true)
    }

    /// The files of the programs that a chapter adds to Cargo.toml: of the one named, or
    /// of those that it does not name on their own.
    pub fn programs_of(
        &self,
        chapter: usize,
        program: Option<&str>,
    ) -> BTreeSet<&str> {
        let directives = self.chapters[chapter].directives();
        let named: Vec<String> = directives
            .filter_map(|(_, directive)| match directive {
                Ok(Directive::Manifest { program }) => program,
                _ => None,
            })
            .collect();
        let mut files = self.files_begun_in(chapter);
        files.retain(|file| match (self.manifest.program(file), program) {
            (None, _) => false,
            (Some(name), Some(program)) => name == program,
            (Some(name), None) => !named.iter().any(|it| it == name),
        });
        files
    }

    /// Which files the listings of some chapters show.
    pub fn files_of(&self, chapter: impl Fn(usize) -> bool) -> BTreeSet<&str> {
        let listings =
            self.listings.iter().filter(|listing| chapter(listing.chapter));
        listings.map(|listing| listing.file.as_str()).collect()
    }

    /// The files that a chapter shows and none before it does.
    pub fn files_begun_in(&self, chapter: usize) -> BTreeSet<&str> {
        let before = self.files_of(|other| other < chapter);
        let files = self.files_of(|other| other == chapter);
        files.difference(&before).copied().collect()
    }
}
