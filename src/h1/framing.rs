//! Where a request's body ends, and whether another request may follow it.

use super::Error;
use crate::message::{FieldName, Headers, Version};

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// Nothing, so the next message.
    None,
    /// So many bytes; after a request's head, one at least.
    Known(u64),
    /// Chunks, the last of which says so.
    Chunked,
}

/// How long a request's body is, in the order of RFC 9112 section 6.3.
pub(super) fn body_length(
    version: Version,
    headers: &Headers,
) -> Result<BodyLength, Error> {
    let mut codings = headers.all(FieldName::TRANSFER_ENCODING);
    let mut lengths = headers.all(FieldName::CONTENT_LENGTH);
    match (codings.next(), lengths.next(), lengths.next()) {
        (Some(_), Some(_), _) => Err(Error::LengthAndCoding),
        (Some(_), None, _) if version < Version::HTTP_11 => {
            Err(Error::TransferEncoding)
        }
        (Some(_), None, _) => chunked(headers.list(FieldName::TRANSFER_ENCODING)),
        (None, Some(_), Some(_)) => Err(Error::ContentLength),
        (None, Some(length), None) => match number(length) {
            Some(0) => Ok(BodyLength::None),
            Some(length) => Ok(BodyLength::Known(length)),
            None => Err(Error::ContentLength),
        },
        (None, None, _) => Ok(BodyLength::None),
    }
}

fn chunked<'a>(
    codings: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<BodyLength, Error> {
    let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
    if codings.clone().filter(is_chunked).count() != 1 {
        return Err(Error::TransferEncoding);
    }
    match codings.clone().last().filter(is_chunked) {
        None => Err(Error::TransferEncoding),
        Some(_) if codings.count() > 1 => Err(Error::UnknownCoding),
        Some(_) => Ok(BodyLength::Chunked),
    }
}

/// Digits and nothing else: no sign, no space, no second number.
fn number(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// What becomes of a connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Another request may follow.
    KeepAlive,
    /// This was the last.
    Close,
}

impl Persistence {
    /// What becomes of it if two have a say: it goes on if both want it to.
    pub fn and(self, other: Persistence) -> Persistence {
        match self {
            Persistence::KeepAlive => other,
            Persistence::Close => Persistence::Close,
        }
    }
}

/// Whether a client would stay for another response, in the order of RFC 9112
/// section 9.3.
pub(super) fn persistence(version: Version, headers: &Headers) -> Persistence {
    let has = |option: &[u8]| {
        let mut options = headers.list(FieldName::CONNECTION);
        options.any(|other| other.eq_ignore_ascii_case(option))
    };
    let stays = version >= Version::HTTP_11 || has(b"keep-alive");
    match stays && !has(b"close") {
        true => Persistence::KeepAlive,
        false => Persistence::Close,
    }
}
