//! What a response has to send, wherever it lies.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

/// Content: pieces, one after the other.
#[derive(Debug, Default)]
pub struct Content {
    pieces: VecDeque<Piece>,
}

/// Some bytes, or where they are.
#[derive(Debug, Clone)]
pub enum Piece {
    /// In memory.
    Bytes(Bytes),
    /// In a file, from one place to another.
    File(Arc<File>, Range<u64>),
    /// What is still to come of the request's own content; how many bytes, if that is
    /// known.
    Request(Option<u64>),
}

/// Why content can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A file has become shorter since its length was told.
    #[error("a file that is being sent has become shorter")]
    Shrunk,
    /// The file can't be read.
    #[error("a file that is being sent cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Piece {
    /// How many bytes there are, if that is known.
    pub fn length(&self) -> Option<u64> {
        match self {
            Piece::Bytes(bytes) => Some(bytes.len() as u64),
            Piece::File(_, range) => Some(range.end - range.start),
            Piece::Request(length) => *length,
        }
    }

    /// The bytes of a range within it, which must lie within it.
    ///
    /// # Panics
    /// If it does not, or the piece is not there to be chosen from.
    pub fn part(&self, range: Range<u64>) -> Piece {
        match self {
            Piece::File(file, all) => {
                let range = all.start + range.start..all.start + range.end;
                Piece::File(file.clone(), range)
            }
            Piece::Bytes(bytes) => {
                Piece::Bytes(bytes.slice(range.start as usize..range.end as usize))
            }
            Piece::Request(_) => panic!("what is to come has no parts"),
        }
    }
}

impl Content {
    /// How many bytes are left, if that is known.
    pub fn length(&self) -> Option<u64> {
        self.pieces.iter().map(Piece::length).sum()
    }

    /// Whether some of it is still to come with the request.
    pub fn needs_request(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Request(_)))
    }

    /// Takes what comes next out, at most `most` bytes of it: of what is still to
    /// come, all.
    pub fn next(&mut self, most: usize) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        let Some(length) = piece.length() else { return Some(piece) };
        let most = most as u64;
        if length <= most || matches!(piece, Piece::Request(_)) {
            return Some(piece);
        }
        self.pieces.push_front(piece.part(most..length));
        Some(piece.part(0..most))
    }

    /// Where what comes next lies, if that is in a file.
    pub fn next_file(&self) -> Option<(&Arc<File>, Range<u64>)> {
        match self.pieces.front() {
            Some(Piece::File(file, range)) => Some((file, range.clone())),
            _ => None,
        }
    }

    /// Leaves so many bytes out of what comes next, which must have as many.
    ///
    /// # Panics
    /// If it has not.
    pub fn skip(&mut self, count: u64) {
        let piece = self.pieces.pop_front().expect("there is something to skip");
        let length = piece.length().expect("it is known how much");
        if count < length {
            self.pieces.push_front(piece.part(count..length));
        }
    }

    /// Fetches the bytes of a file now, if they are all there is and not more than
    /// `most`.
    ///
    /// # Errors
    /// If they are not there any more, or can't be read.
    pub fn load(&mut self, most: u64) -> Result<(), ContentError> {
        if let Some((file, range)) = self.small_file(most) {
            *self = read(file, range)?.into();
        }
        Ok(())
    }

    /// The file that is all there is, if it has no more bytes than that.
    fn small_file(&mut self, most: u64) -> Option<(&File, Range<u64>)> {
        match self.pieces.make_contiguous() {
            [Piece::File(file, range)] if range.end - range.start <= most => {
                Some((file, range.clone()))
            }
            _ => None,
        }
    }

    /// Does what [`load`] does, if nobody has to be waited for: whether it is done.
    ///
    /// [`load`]: Content::load
    pub fn load_at_once(&mut self, most: u64) -> bool {
        let Some((file, range)) = self.small_file(most) else { return true };
        let Some(bytes) = read_at_once(file, &range) else { return false };
        *self = bytes.into();
        true
    }
}

/// Reads a range of a file.
///
/// # Errors
/// If it is not there any more, or can't be read.
pub fn read(file: &File, range: Range<u64>) -> Result<Bytes, ContentError> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    match file.read_exact_at(&mut bytes, range.start) {
        Ok(()) => Ok(bytes.into()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(ContentError::Shrunk)
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a range of a file if nobody has to be waited for: nothing if some of it is
/// not in memory, or the system can't say.
pub fn read_at_once(file: &File, range: &Range<u64>) -> Option<Bytes> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    let count = read_into_at_once(file, range.start, &mut bytes)?;
    (count == bytes.len()).then(|| bytes.into())
}

/// Reads as much of a file as is in memory, from one place on, and there is room for:
/// nothing if that is none.
pub fn read_into_at_once(file: &File, at: u64, into: &mut [u8]) -> Option<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::{ReadWriteFlags, preadv2};
        let mut into = [io::IoSliceMut::new(into)];
        let flags = ReadWriteFlags::NOWAIT;
        preadv2(file, &mut into, at, flags).ok().filter(|count| *count > 0)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, at, into);
        None
    }
}

impl From<Vec<Piece>> for Content {
    fn from(pieces: Vec<Piece>) -> Content {
        let is_empty = |piece: &Piece| piece.length() == Some(0);
        Content { pieces: pieces.into_iter().filter(|it| !is_empty(it)).collect() }
    }
}

impl From<Piece> for Content {
    fn from(piece: Piece) -> Content {
        match piece.length() {
            Some(0) => Content::default(),
            _ => Content { pieces: VecDeque::from([piece]) },
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Content {
        Piece::Bytes(bytes).into()
    }
}

impl From<Cow<'static, [u8]>> for Content {
    fn from(bytes: Cow<'static, [u8]>) -> Content {
        match bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes).into(),
            Cow::Owned(bytes) => Bytes::from(bytes).into(),
        }
    }
}
