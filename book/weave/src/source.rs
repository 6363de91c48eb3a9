//! A Rust file, and what can be selected of it by name.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::nearest;
use crate::piece::{Piece, pieces};

/// The name of all imports that have no listing of their own.
const IMPORTS: &str = "use";

/// Which lines of a file a listing shows. Lines are counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The lines that it is about.
    pub lines: BTreeSet<usize>,
    /// The first and last lines of the blocks that those stand in.
    pub frames: BTreeSet<usize>,
}

impl Selection {
    /// Lines and frames.
    pub fn all(&self) -> BTreeSet<usize> {
        self.lines.union(&self.frames).copied().collect()
    }

    /// Takes in what another has. What one has as a line is no frame.
    pub fn extend(&mut self, other: &Selection) {
        self.lines.extend(&other.lines);
        self.frames.extend(&other.frames);
        self.frames.retain(|line| !self.lines.contains(line));
    }
}

/// A file of source text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, from the repository's root, with slashes.
    pub path: String,
    /// Its lines, without their ends.
    pub lines: Vec<String>,
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
}

impl Source {
    /// Cuts up the text of a Rust file.
    ///
    /// # Errors
    /// If it is none; with the line.
    pub fn rust(path: &str, text: &str) -> Result<Source, String> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let pieces = pieces(text, &lines)
            .map_err(|(line, what)| format!("{path}:{line}: {what}"))?;
        Ok(Source { path: path.to_owned(), lines, pieces })
    }

    /// A file that is not made of items, and can only be shown whole.
    pub fn plain(path: &str, text: &str) -> Source {
        let lines = text.lines().map(str::to_owned).collect();
        Source { path: path.to_owned(), lines, pieces: Vec::new() }
    }

    /// All of it.
    pub fn whole(&self) -> Selection {
        let everything = 0..self.lines.len();
        let lines = self.text_in(&everything).collect();
        Selection { lines, ..Selection::default() }
    }

    /// The lines of all pieces of a name. A name for several, `use` or a block's,
    /// leaves out those that are named on their own in `apart`.
    ///
    /// # Errors
    /// If nothing is called so, or nothing is left; with the nearest name that there is.
    pub fn select(
        &self,
        name: &str,
        apart: &BTreeSet<usize>,
    ) -> Result<Selection, String> {
        let is_called = self.called(name);
        let is_apart = |piece: &Piece| apart.contains(&piece.heading);
        let mut selection = Selection::default();
        let mut is_there = false;
        for piece in &self.pieces {
            let is_it = is_called(piece);
            let is_split = piece.members.iter().any(is_apart);
            let is_one_of = name == IMPORTS && piece.is_import();
            is_there |= is_it || is_one_of;
            if is_it && !is_split || is_one_of && !is_apart(piece) {
                selection.lines.extend(self.text_in(&piece.lines));
            }
            for member in &piece.members {
                let is_left = is_it && is_split && !is_apart(member);
                if is_called(member) || is_left {
                    selection.lines.extend(self.text_in(&member.lines));
                    selection.frames.extend(self.frame_of(piece));
                }
            }
        }
        match selection.lines.is_empty() {
            false => Ok(selection),
            true if is_there => {
                Err(format!("all of {name} in {} is named elsewhere", self.path))
            }
            true => {
                let near = nearest(name, self.names());
                Err(format!("there is no {name} in {}{near}", self.path))
            }
        }
    }

    /// Where the imports and the members begin that a name is the own name of.
    pub fn apart<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let pieces = self.pieces.iter();
        let parts = pieces.flat_map(|piece| match piece.is_import() {
            true => std::slice::from_ref(piece),
            false => &piece.members,
        });
        let is_called = self.called(name);
        parts.filter(move |part| is_called(part)).map(|part| part.heading)
    }

    /// Which pieces a name means: those of which it is the full name, if there are any.
    fn called<'a>(&self, name: &'a str) -> impl Fn(&Piece) -> bool + use<'a> {
        let is_full = self.all_pieces().any(|piece| piece.full_name == name);
        move |piece| name == if is_full { &piece.full_name } else { &piece.name }
    }

    /// All that a piece can be called by, members included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.all_pieces();
        names
            .flat_map(|piece| [piece.name.as_str(), &piece.full_name])
            .chain([IMPORTS])
    }

    /// Where the piece of a name begins, below its comments if it has members.
    pub fn line_of(&self, name: &str) -> Option<usize> {
        let is_called = self.called(name);
        self.all_pieces().find(|piece| is_called(piece)).map(|piece| piece.heading)
    }

    /// A piece's name, or its full one if others are called so.
    pub fn name_of<'a>(&self, piece: &'a Piece) -> &'a str {
        let namesakes = self.all_pieces().filter(|it| it.name == piece.name);
        match namesakes.count() {
            1 => &piece.name,
            _ => &piece.full_name,
        }
    }

    /// The pieces that begin in some lines; of a block that does not, its members.
    pub fn begun_in<'a>(
        &'a self,
        lines: &'a BTreeSet<usize>,
    ) -> impl Iterator<Item = &'a Piece> {
        let parts = self.pieces.iter().flat_map(|piece| {
            match lines.contains(&piece.heading) {
                true => std::slice::from_ref(piece),
                false => &piece.members,
            }
        });
        parts.filter(|piece| lines.contains(&piece.heading))
    }

    /// The pieces that have no pieces in them, each with the block that it is in.
    pub fn leaves(&self) -> impl Iterator<Item = (Option<&Piece>, &Piece)> {
        self.pieces.iter().flat_map(|piece| {
            let (block, leaves) = match piece.members.is_empty() {
                true => (None, std::slice::from_ref(piece)),
                false => (Some(piece), &piece.members[..]),
            };
            leaves.iter().map(move |leaf| (block, leaf))
        })
    }

    /// Every piece, each block's members after it.
    fn all_pieces(&self) -> impl Iterator<Item = &Piece> {
        let pieces = self.pieces.iter();
        pieces.flat_map(|piece| std::iter::once(piece).chain(&piece.members))
    }

    /// The innermost piece that a line belongs to.
    pub fn piece_at(&self, line: usize) -> Option<&Piece> {
        let piece = self.item_at(line)?;
        let member =
            piece.members.iter().find(|member| member.lines.contains(&line));
        Some(member.unwrap_or(piece))
    }

    /// The item that a line belongs to.
    pub fn item_at(&self, line: usize) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.lines.contains(&line))
    }

    /// Whether a line is an import's.
    pub fn is_import(&self, line: usize) -> bool {
        self.piece_at(line).is_some_and(Piece::is_import)
    }

    /// The lines of a block that are no member's.
    pub fn frame_of(&self, piece: &Piece) -> Vec<usize> {
        let in_member =
            |line: &usize| piece.members.iter().any(|m| m.lines.contains(line));
        self.text_in(&piece.lines).filter(|line| !in_member(line)).collect()
    }

    fn text_in(&self, lines: &Range<usize>) -> impl Iterator<Item = usize> {
        lines.clone().filter(|&line| !is_blank(&self.lines[line]))
    }
}

/// Whether a line has nothing on it.
pub fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}
