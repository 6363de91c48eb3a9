//! Where a request's body ends, and whether another request may follow it.

use super::Error;
use crate::message::{Headers, Version};

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing, so the next message.
    None,
    /// So many bytes; after a request's head, one at least.
    Length(u64),
    /// Chunks, the last of which says so.
    Chunked,
}

/// How long a request's body is, in the order of RFC 9112 section 6.3.
pub(super) fn body(version: Version, headers: &Headers) -> Result<Body, Error> {
    const TRANSFER_ENCODING: &str = "Transfer-Encoding";
    let coded = headers.all(TRANSFER_ENCODING).next().is_some();
    let mut lengths = headers.all("Content-Length");

    match (coded, lengths.next(), lengths.next()) {
        (true, Some(_), _) => Err(Error::LengthAndCoding),
        (true, None, _) if version == Version::Http10 => {
            Err(Error::TransferEncoding)
        }
        (true, None, _) => chunked(headers.list(TRANSFER_ENCODING)),
        (false, Some(_), Some(_)) => Err(Error::ContentLength),
        (false, Some(length), None) => match number(length) {
            Some(0) => Ok(Body::None),
            Some(length) => Ok(Body::Length(length)),
            None => Err(Error::ContentLength),
        },
        (false, None, _) => Ok(Body::None),
    }
}

fn chunked<'a>(
    codings: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<Body, Error> {
    let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
    if codings.clone().filter(is_chunked).count() != 1 {
        return Err(Error::TransferEncoding);
    }
    match codings.clone().last().filter(is_chunked) {
        None => Err(Error::TransferEncoding),
        Some(_) if codings.count() > 1 => Err(Error::UnknownCoding),
        Some(_) => Ok(Body::Chunked),
    }
}

/// Digits and nothing else: no sign, no space, no second number.
fn number(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// What becomes of a connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Another request may follow.
    Open,
    /// This was the last.
    Close,
}

/// Whether a client can take another response, in the order of RFC 9112 section
/// 9.3. HTTP/1.0's keep-alive, which nobody has to honour, is not.
pub(super) fn connection(version: Version, headers: &Headers) -> Connection {
    let close = |option: &[u8]| option.eq_ignore_ascii_case(b"close");
    match version {
        Version::Http11 if !headers.list("Connection").any(close) => {
            Connection::Open
        }
        Version::Http11 | Version::Http10 => Connection::Close,
    }
}
