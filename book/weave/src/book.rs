//! The whole book: its code, its chapters, and which of them shows what.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::Mistake;
use crate::chapters::{self, Chapter};
use crate::house::House;
use crate::listing::{self, Listing};
use crate::manifest::Manifest;

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
    /// What is wrong with the directives that ask for code.
    pub mistakes: Vec<Mistake>,
}

impl Book {
    /// Reads everything below the repository's root.
    ///
    /// # Errors
    /// If something of it cannot be read, or is no Rust.
    pub fn load(root: &Path) -> io::Result<Book> {
        let house = House::load(root)?;
        let chapters = chapters::load(root)?;
        Ok(Book::new(house, chapters, Manifest::load(root)?))
    }

    /// The book of chapters about a house.
    pub fn new(house: House, chapters: Vec<Chapter>, manifest: Manifest) -> Book {
        let (listings, mistakes) = listing::all(&house, &chapters);
        Book { house, chapters, listings, manifest, mistakes }
    }

    /// The listings of a file, in order.
    pub fn listings_of(&self, file: &str) -> impl Iterator<Item = &Listing> {
        self.listings.iter().filter(move |listing| listing.file == file)
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
