//! From bytes to a request, or to the rule that they break.

use super::Error;
use super::framing::{self, Body, Connection};
use crate::message::headers::{is_field_byte, is_tchar};
use crate::message::target::is_target_byte;
use crate::message::{
    Authority, FieldName, FieldValue, Headers, Method, Request, Target, Version,
};

/// The longest head in bytes, from the request line to the empty line: twice what
/// most servers take, and what hyper's and Node's clients may be sent.
pub const MAX_HEAD: usize = 16 * 1024;
/// The longest request target in bytes: RFC 9112 section 3 wants 8000 at least.
pub const MAX_TARGET: usize = 8 * 1024;
/// The most field lines. A browser sends about 20; hyper's limit is 100 too.
pub const MAX_FIELDS: usize = 100;
/// The most empty lines before a request. Old clients sent one after a body.
const MAX_EMPTY_LINES: usize = 8;

/// A head that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The request that it makes.
    pub request: Request,
    /// What follows it.
    pub body: Body,
    /// Whether the client will stay for more.
    pub connection: Connection,
    /// Its length in bytes, empty lines before it included.
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
    pub fn parse(&mut self, input: &[u8]) -> Result<Option<Head>, Error> {
        let window = input.get(..MAX_HEAD).unwrap_or(input);
        loop {
            let rest = window.get(self.read..).unwrap_or_default();
            let mut cursor = Cursor { rest };
            let line = match self.request_line {
                None => self.request_line(&mut cursor),
                Some(_) => field_line(&mut self.headers, &mut cursor),
            };
            let head_is_over = match line {
                Ok(head_is_over) => head_is_over,
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Incomplete) if window.len() == MAX_HEAD => {
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
    fn request_line(&mut self, cursor: &mut Cursor) -> Result<bool, Stop> {
        match cursor.peek()? {
            b'\r' => {
                cursor.line_end()?;
                self.empty_lines += 1;
                return match self.empty_lines > MAX_EMPTY_LINES {
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

        let target = cursor.request_target()?;
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
        let host = host(version, &headers)?;
        let authority = match &target {
            Target::Absolute { authority, .. } | Target::Authority(authority) => {
                Some(authority.clone())
            }
            Target::Origin(_) | Target::Asterisk => host,
        };
        Ok(Head {
            body: framing::body(version, &headers)?,
            connection: framing::connection(version, &headers),
            request: Request { method, target, version, authority, headers },
            length: self.read,
        })
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
) -> Result<bool, Stop> {
    match cursor.peek()? {
        b'\r' => return cursor.line_end().map(|()| true),
        b' ' | b'\t' => return Err(Error::Folded.into()),
        b'\n' => return Err(Error::LineEnd.into()),
        _ if headers.len() == MAX_FIELDS => {
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

/// Host is there once, in HTTP/1.0 at most once (RFC 9112 section 3.2).
fn host(version: Version, headers: &Headers) -> Result<Option<Authority>, Error> {
    let mut hosts = headers.all("Host");
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = str::from_utf8(host).map_err(|_| Error::Host)?;
            Authority::parse(host).map(Some).ok_or(Error::Host)
        }
        (None, _) if version == Version::Http10 => Ok(None),
        _ => Err(Error::HostCount),
    }
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

    fn request_target(&mut self) -> Result<&'a [u8], Stop> {
        // Whether it is too long is known before its end has come.
        let most = self.rest.get(..=MAX_TARGET).unwrap_or(self.rest);
        match most.iter().all(|&byte| is_target_byte(byte)) {
            true if most.len() > MAX_TARGET => Err(Error::TargetTooLong.into()),
            _ => self.take_while(is_target_byte),
        }
    }

    fn http_version(&mut self) -> Result<Version, Stop> {
        for &byte in b"HTTP/" {
            self.expect(byte, Error::Version)?;
        }
        let major = self.digit()?;
        self.expect(b'.', Error::Version)?;
        match (major, self.digit()?) {
            (b'1', b'0') => Ok(Version::Http10),
            (b'1', _) => Ok(Version::Http11),
            _ => Err(Error::UnsupportedVersion.into()),
        }
    }

    fn digit(&mut self) -> Result<u8, Stop> {
        let digit = self.peek()?;
        match digit.is_ascii_digit() {
            true => self.expect(digit, Error::Version).map(|()| digit),
            false => Err(Error::Version.into()),
        }
    }

    pub(super) fn line_end(&mut self) -> Result<(), Stop> {
        self.expect(b'\r', Error::LineEnd)?;
        self.expect(b'\n', Error::LineEnd)
    }
}
