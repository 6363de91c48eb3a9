use crate::message::{FieldName, Headers};

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// Nothing, so the next message.
    None,
    /// So many bytes; after a request's head, one at least.
    Known(u64),
}

/// How long a request's body is, in the order of RFC 9112 section 6.3.
pub(super) fn body_length(headers: &Headers) -> Result<BodyLength, Error> {
    let mut lengths = headers.all(FieldName::CONTENT_LENGTH);
    match (lengths.next(), lengths.next()) {
        (Some(_), Some(_)) => Err(Error::ContentLength),
        (Some(length), None) => match number(length) {
            Some(0) => Ok(BodyLength::None),
            Some(length) => Ok(BodyLength::Known(length)),
            None => Err(Error::ContentLength),
        },
        (None, _) => Ok(BodyLength::None),
    }
}
