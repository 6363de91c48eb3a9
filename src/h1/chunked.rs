//! Bodies in chunks (RFC 9112 section 7.1), put together and taken apart.

use std::io::Write;

use bytes::Bytes;

use super::Error;
use super::parse::{Cursor, Stop, field_line};
use crate::io::output::Output;
use crate::limits::Limits;
use crate::message::Headers;
use crate::message::headers::{is_field_byte, is_tchar};

/// The most digits of a chunk's size: what an unsigned number of 64 bits has.
const MAX_DIGITS: usize = 16;

/// Takes a chunked body apart as it arrives.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    part: Part,
    /// How many bytes of extensions have been read.
    extensions: usize,
    /// How many bytes of trailer fields have been read.
    trailer: usize,
    trailers: Headers,
}

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// A chunk's size and extensions.
    #[default]
    Size,
    /// So many bytes of a chunk's data.
    Data(u64),
    /// The line end behind a chunk's data.
    End,
    /// Fields, and the empty line that ends the body.
    Trailer,
}

/// What a chunked body goes on with.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// Content.
    Data(&'a [u8]),
    /// The end, with the trailer fields. They are kept apart from the head's: nobody
    /// who has decided by the head shall be told otherwise afterwards (RFC 9110
    /// section 6.5.1).
    End(Headers),
}

impl Decoder {
    /// Reads on in `input`, which begins where the last call ended: how many bytes
    /// it took, and what they come to; none if more must come first. A line that has
    /// not come whole is left where it is.
    ///
    /// # Errors
    /// If `input` is not how a chunked body can go on within `limits`.
    pub fn decode<'a>(
        &mut self,
        input: &'a [u8],
        limits: &Limits,
    ) -> Result<(usize, Option<Decoded<'a>>), Error> {
        let mut cursor = Cursor { rest: input };
        loop {
            let left = cursor.rest.len();
            let piece = match self.part {
                Part::Size => self.size(&mut cursor, limits),
                Part::Data(length) => self.data(&mut cursor, length),
                Part::End => self.end(&mut cursor),
                Part::Trailer => self.trailer(&mut cursor, limits),
            };
            match piece {
                Ok(None) => {}
                Ok(piece) => return Ok((input.len() - cursor.rest.len(), piece)),
                Err(Stop::Incomplete) => return Ok((input.len() - left, None)),
                Err(Stop::Broken(error)) => return Err(error),
            }
        }
    }

    /// chunk-size \[ chunk-ext \] CRLF
    fn size<'a>(
        &mut self,
        cursor: &mut Cursor,
        limits: &Limits,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        let size = chunk_size(cursor)?;
        let room = limits.chunk_extensions.saturating_sub(self.extensions);
        let length = chunk_extensions(cursor, room)?;
        cursor.line_end()?;
        self.extensions += length;
        self.part = match size {
            0 => Part::Trailer,
            size => Part::Data(size),
        };
        Ok(None)
    }

    /// As much of the chunk as there is.
    fn data<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        length: u64,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        cursor.peek()?;
        let here = usize::try_from(length).unwrap_or(usize::MAX);
        let (data, rest) = cursor.rest.split_at(here.min(cursor.rest.len()));
        cursor.rest = rest;
        self.part = match length - data.len() as u64 {
            0 => Part::End,
            length => Part::Data(length),
        };
        Ok(Some(Decoded::Data(data)))
    }

    fn end<'a>(
        &mut self,
        cursor: &mut Cursor,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        cursor.expect(b'\r', Error::ChunkEnd)?;
        cursor.expect(b'\n', Error::ChunkEnd)?;
        self.part = Part::Size;
        Ok(None)
    }

    /// One line of the trailer section (section 7.1.2). All of it may be as long as
    /// a head.
    fn trailer<'a>(
        &mut self,
        cursor: &mut Cursor,
        limits: &Limits,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        let room = limits.head.bytes.saturating_sub(self.trailer);
        let mut line =
            Cursor { rest: cursor.rest.get(..room).unwrap_or(cursor.rest) };
        let window = line.rest.len();
        let is_over = match field_line(&mut self.trailers, &mut line, &limits.head)
        {
            Err(Stop::Incomplete) if window == room => {
                return Err(Error::TooLarge.into());
            }
            is_over => is_over?,
        };
        let length = window - line.rest.len();
        self.trailer += length;
        cursor.rest = cursor.rest.get(length..).unwrap_or_default();
        Ok(is_over.then(|| Decoded::End(std::mem::take(&mut self.trailers))))
    }
}

/// chunk-size = 1*HEXDIG
fn chunk_size(cursor: &mut Cursor) -> Result<u64, Stop> {
    // Whether it is too long is known before its end has come.
    let is_digit = |byte: u8| byte.is_ascii_hexdigit();
    let digits = cursor.rest.iter().take_while(|byte| is_digit(**byte));
    if digits.take(MAX_DIGITS + 1).count() > MAX_DIGITS {
        return Err(Error::ChunkSize.into());
    }
    let digits = cursor.take_while(is_digit)?;
    let digits = str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(digits, 16).map_err(|_| Error::ChunkSize.into())
}

/// chunk-ext = *( BWS ";" BWS chunk-ext-name \[ BWS "=" BWS chunk-ext-val \] ), of
/// which nothing counts but its form, and how long it is: at most `room`.
fn chunk_extensions(cursor: &mut Cursor, room: usize) -> Result<usize, Stop> {
    let window = cursor.rest.get(..=room).unwrap_or(cursor.rest);
    let mut text = Cursor { rest: window };
    // What does not begin as an extension may as well be a size gone wrong.
    let mut otherwise = Error::ChunkSize;
    loop {
        match chunk_extension(&mut text, otherwise) {
            Ok(true) => otherwise = Error::LineEnd,
            Ok(false) => break,
            Err(Stop::Incomplete) if window.len() > room => {
                return Err(Error::ChunkExtensions.into());
            }
            Err(stop) => return Err(stop),
        }
    }
    let length = window.len() - text.rest.len();
    cursor.rest = cursor.rest.get(length..).unwrap_or_default();
    Ok(length)
}

/// One of them; or there is none, as the line ends here.
fn chunk_extension(text: &mut Cursor, otherwise: Error) -> Result<bool, Stop> {
    if text.peek()? == b'\r' {
        return Ok(false);
    }
    bad_whitespace(text)?;
    text.expect(b';', otherwise)?;
    bad_whitespace(text)?;
    token(text)?;
    let after_name = text.rest;
    bad_whitespace(text)?;
    if text.peek()? != b'=' {
        // The whitespace is the next one's.
        text.rest = after_name;
        return Ok(true);
    }
    text.expect(b'=', Error::ChunkExtension)?;
    bad_whitespace(text)?;
    match text.peek()? {
        b'"' => quoted_string(text)?,
        _ => token(text)?,
    }
    Ok(true)
}

/// BWS, which a sender must not send and a recipient must skip (RFC 9110 section
/// 5.6.3).
fn bad_whitespace(text: &mut Cursor) -> Result<(), Stop> {
    text.take_while(|byte| matches!(byte, b' ' | b'\t')).map(|_| ())
}

fn token(text: &mut Cursor) -> Result<(), Stop> {
    match text.take_while(is_tchar)? {
        b"" => Err(Error::ChunkExtension.into()),
        _ => Ok(()),
    }
}

/// quoted-string (RFC 9110 section 5.6.4)
fn quoted_string(text: &mut Cursor) -> Result<(), Stop> {
    text.expect(b'"', Error::ChunkExtension)?;
    loop {
        text.take_while(|byte| is_field_byte(byte) && !b"\"\\".contains(&byte))?;
        if text.peek()? != b'\\' {
            return text.expect(b'"', Error::ChunkExtension);
        }
        text.expect(b'\\', Error::ChunkExtension)?;
        let escaped = text.peek()?;
        if !is_field_byte(escaped) {
            return Err(Error::ChunkExtension.into());
        }
        text.expect(escaped, Error::ChunkExtension)?;
    }
}

/// Appends a chunk (section 7.1). One without data would be the last, and is left
/// out.
pub fn chunk(output: &mut Output, data: Bytes) {
    if data.is_empty() {
        return;
    }
    let size = data.len();
    output.write(|buffer| {
        write!(buffer, "{size:x}\r\n").expect("memory takes it");
    });
    output.push(data);
    output.push(Bytes::from_static(b"\r\n"));
}

/// What ends a chunked body without trailer fields.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
