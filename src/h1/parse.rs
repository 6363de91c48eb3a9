//! From bytes to a request, or to the rule that they break.

use std::sync::Arc;

use super::Error;
use super::framing::{self, BodyLength, Persistence};
use crate::limits::HeadLimits;
use crate::message::headers::{is_field_byte, is_tchar};
use crate::message::target::is_target_byte;
use crate::message::{
    FieldName, FieldValue, Headers, Method, Request, Target, Version,
};

/// A head that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The request that it makes, to be handed around.
    pub request: Arc<Request>,
    /// How long what follows it is.
    pub body: BodyLength,
    /// Whether the client will stay for another response.
    pub persistence: Persistence,
    /// Its own length in bytes, empty lines before it included.
    pub length: usize,
}

/// Parses one head out of bytes that arrive a few at a time.
///
/// The rules are applied from left to right, each at the byte that breaks it: how
/// the bytes were cut on their way makes no difference to the outcome. Lines that
/// have been read are not read again.
#[derive(Debug, Default)]
pub struct Parser {
    /// How many bytes have been read, whole lines all.
    read: usize,
    empty_lines: usize,
    method: Option<Method>,
    request_line: Option<(Method, Target, Version)>,
    headers: Headers,
}

impl Parser {
    /// Reads on. `input` is all that has come so far, from the head's first byte;
    /// none as long as the head's end is not among it.
    ///
    /// # Errors
    /// If the bytes that have come can't be the beginning of any request that keeps
    /// within `limits`.
    pub fn parse(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<Head>, Error> {
        let window = input.get(..limits.bytes).unwrap_or(input);
        loop {
            let rest = window.get(self.read..).unwrap_or_default();
            let mut cursor = Cursor { rest };
            let line = match self.request_line {
                None => self.request_line(&mut cursor, limits),
                Some(_) => field_line(&mut self.headers, &mut cursor, limits),
            };
            let head_is_over = match line {
                Ok(head_is_over) => head_is_over,
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Incomplete) if window.len() == limits.bytes => {
                    return Err(Error::TooLarge);
                }
                Err(Stop::Incomplete) => return Ok(None),
            };
            self.read += rest.len() - cursor.rest.len();
            if head_is_over {
                return self.finish().map(Some);
            }
        }
    }

    /// The method, as soon as it is known: a HEAD is refused without a body too.
    pub fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    /// request-line = method SP request-target SP HTTP-version (section 3)
    fn request_line(
        &mut self,
        cursor: &mut Cursor,
        limits: &HeadLimits,
    ) -> Result<bool, Stop> {
        match cursor.peek()? {
            b'\r' => {
                cursor.line_end()?;
                self.empty_lines += 1;
                return match self.empty_lines > limits.empty_lines {
                    true => Err(Error::EmptyLines.into()),
                    false => Ok(false),
                };
            }
            b'\n' => return Err(Error::LineEnd.into()),
            _ => {}
        }
        let method = cursor.take_while(is_tchar)?;
        cursor.expect(b' ', Error::Method)?;
        // The first time around: what costs more than a look is done once.
        let method = match self.method.take() {
            None => Method::parse(method).ok_or(Error::Method)?,
            Some(method) => method,
        };
        let method = self.method.insert(method);

        let target = cursor.request_target(limits.target)?;
        if matches!(cursor.peek()?, b'\r' | b'\n') {
            return Err(Error::Version.into());
        }
        cursor.expect(b' ', Error::TargetByte)?;
        let target = str::from_utf8(target).map_err(|_| Error::TargetByte)?;
        let target = Target::parse(method, target).ok_or(Error::TargetForm)?;

        let version = cursor.http_version()?;
        cursor.line_end()?;
        self.request_line = Some((method.clone(), target, version));
        Ok(false)
    }

    /// What can only be told of a head as a whole.
    fn finish(&mut self) -> Result<Head, Error> {
        let (method, target, version) =
            self.request_line.take().expect("fields follow a request line");
        let headers = std::mem::take(&mut self.headers);
        let body = framing::body_length(version, &headers)?;
        let persistence = framing::persistence(version, &headers);
        let request = Request::new(method, target, version, headers)?;
        let request = Arc::new(request);
        Ok(Head { request, body, persistence, length: self.read })
    }
}

/// Whether nothing of a request has come: at most some of the line ends that are
/// skipped before one.
pub fn is_blank(input: &[u8]) -> bool {
    input.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// field-line = field-name ":" OWS field-value OWS (section 5), or the empty
/// line, after which the head is over.
pub(super) fn field_line(
    headers: &mut Headers,
    cursor: &mut Cursor,
    limits: &HeadLimits,
) -> Result<bool, Stop> {
    match cursor.peek()? {
        b'\r' => return cursor.line_end().map(|()| true),
        b' ' | b'\t' => return Err(Error::Folded.into()),
        b'\n' => return Err(Error::LineEnd.into()),
        _ if headers.len() == limits.fields => {
            return Err(Error::TooManyFields.into());
        }
        _ => {}
    }
    let name = cursor.take_while(is_tchar)?;
    if name.is_empty() {
        return Err(Error::FieldName.into());
    }
    cursor.expect(b':', Error::FieldName)?;
    let value = cursor.take_while(is_field_byte)?;
    if !matches!(cursor.peek()?, b'\r' | b'\n') {
        return Err(Error::FieldValue.into());
    }
    cursor.line_end()?;
    // What costs more than a look is done once, when all of the line is there.
    let name = FieldName::parse(name).ok_or(Error::FieldName)?;
    let value = FieldValue::parse(value).ok_or(Error::FieldValue)?;
    headers.push(name, value);
    Ok(false)
}

/// Why a line can't be read to its end: no fault of anyone's, or somebody's.
pub(super) enum Stop {
    Incomplete,
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Broken(error)
    }
}

/// The bytes of a head that have not been read.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn peek(&self) -> Result<u8, Stop> {
        self.rest.first().copied().ok_or(Stop::Incomplete)
    }

    pub(super) fn expect(
        &mut self,
        byte: u8,
        otherwise: Error,
    ) -> Result<(), Stop> {
        match self.rest.split_first() {
            Some((&found, rest)) if found == byte => self.rest = rest,
            Some(_) => return Err(otherwise.into()),
            None => return Err(Stop::Incomplete),
        }
        Ok(())
    }

    /// Takes bytes up to the first that is not wanted, which must have come.
    pub(super) fn take_while(
        &mut self,
        wanted: impl Fn(u8) -> bool,
    ) -> Result<&'a [u8], Stop> {
        let end = self.rest.iter().position(|&byte| !wanted(byte));
        let (taken, rest) = self.rest.split_at(end.ok_or(Stop::Incomplete)?);
        self.rest = rest;
        Ok(taken)
    }

    fn request_target(&mut self, limit: usize) -> Result<&'a [u8], Stop> {
        // Whether it is too long is known before its end has come.
        let most = self.rest.get(..=limit).unwrap_or(self.rest);
        match most.iter().all(|&byte| is_target_byte(byte)) {
            true if most.len() > limit => Err(Error::TargetTooLong.into()),
            _ => self.take_while(is_target_byte),
        }
    }

    fn http_version(&mut self) -> Result<Version, Stop> {
        for &byte in b"HTTP/" {
            self.expect(byte, Error::Version)?;
        }
        let major = self.digit()?;
        self.expect(b'.', Error::Version)?;
        let version = Version { major, minor: self.digit()? };
        match version.major {
            1 => Ok(version),
            _ => Err(Error::UnsupportedVersion.into()),
        }
    }

    fn digit(&mut self) -> Result<u8, Stop> {
        let digit = self.peek()?;
        match digit.is_ascii_digit() {
            true => self.expect(digit, Error::Version).map(|()| digit - b'0'),
            false => Err(Error::Version.into()),
        }
    }

    pub(super) fn line_end(&mut self) -> Result<(), Stop> {
        self.expect(b'\r', Error::LineEnd)?;
        self.expect(b'\n', Error::LineEnd)
    }
}
