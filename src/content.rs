//! What a response has to send, wherever it lies.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::message::Response;

/// Content of a known length: pieces, one after the other.
#[derive(Debug, Default)]
pub struct Content {
    first: Option<Piece>,
    /// In reverse. Most content has none.
    rest: Vec<Piece>,
}

/// Some bytes in memory, or in a file.
#[derive(Debug, Clone)]
pub enum Piece {
    /// In memory.
    Bytes(Cow<'static, [u8]>),
    /// In a file, from one place to another.
    File(Arc<File>, Range<u64>),
}

impl Piece {
    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File(_, range) => range.end - range.start,
        }
    }

    /// The bytes of a range within it, which must lie within it.
    pub fn part(&self, range: Range<u64>) -> Piece {
        match self {
            Piece::File(file, all) => {
                let range = all.start + range.start..all.start + range.end;
                Piece::File(file.clone(), range)
            }
            Piece::Bytes(bytes) => {
                let range = range.start as usize..range.end as usize;
                Piece::Bytes(match bytes {
                    Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[range]),
                    Cow::Owned(bytes) => Cow::Owned(bytes[range].to_vec()),
                })
            }
        }
    }

    /// Moves up to `most` bytes from the front to the end of `output`. An error if a
    /// file has become shorter than it was.
    fn read(&mut self, output: &mut Vec<u8>, most: usize) -> io::Result<()> {
        match self {
            Piece::Bytes(bytes) => {
                output.extend_from_slice(bytes);
                *bytes = Cow::Borrowed(&[]);
            }
            Piece::File(file, range) => {
                let length = most
                    .min(usize::try_from(range.end - range.start).unwrap_or(most));
                let start = output.len();
                output.resize(start + length, 0);
                let read = file.read_exact_at(&mut output[start..], range.start);
                if let Err(error) = read {
                    output.truncate(start);
                    return Err(error);
                }
                range.start += length as u64;
            }
        }
        Ok(())
    }
}

impl Content {
    /// Content of several pieces.
    pub fn of(pieces: Vec<Piece>) -> Content {
        let mut rest = pieces;
        rest.reverse();
        Content { first: rest.pop(), rest }
    }

    /// How many bytes are left.
    pub fn length(&self) -> u64 {
        self.first.iter().chain(&self.rest).map(Piece::length).sum()
    }

    /// Whether what comes next has to be fetched from where that may take time.
    pub fn is_in_file(&self) -> bool {
        matches!(self.first, Some(Piece::File(..)))
    }

    /// Fetches the bytes of a file now, if they are all there is and not more than
    /// `most`. If that fails, reading them will.
    pub fn load(&mut self, most: u64) {
        let mut bytes = Vec::new();
        if let Some(piece @ Piece::File(..)) = &mut self.first
            && self.rest.is_empty()
            && piece.length() <= most
            && piece.read(&mut bytes, most as usize).is_ok()
        {
            *piece = Piece::Bytes(Cow::Owned(bytes));
        }
    }

    /// Moves bytes to the end of `output`, of a file at most `most`: no more than
    /// one piece's. How many; 0 when all has been read.
    pub fn read(&mut self, output: &mut Vec<u8>, most: usize) -> io::Result<usize> {
        while let Some(piece) = &mut self.first {
            let before = output.len();
            piece.read(output, most)?;
            if piece.length() == 0 {
                self.first = self.rest.pop();
            }
            if output.len() > before {
                return Ok(output.len() - before);
            }
        }
        Ok(0)
    }
}

impl From<Piece> for Content {
    fn from(piece: Piece) -> Content {
        Content { first: Some(piece), rest: Vec::new() }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Piece::Bytes(Cow::Owned(bytes)).into()
    }
}

impl From<Response> for Response<Content> {
    fn from(response: Response) -> Response<Content> {
        let Response { status, headers, body } = response;
        Response { status, headers, body: Piece::Bytes(body).into() }
    }
}
