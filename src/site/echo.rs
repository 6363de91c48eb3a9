//! What sends back what it is sent.

use bytes::{Bytes, BytesMut};

use crate::io::body::{Body, BodyError};
use crate::message::{FieldName, FieldValue, Request, Response, Status};
use crate::resource::content::{Content, Piece};

/// The most bytes that are kept to be sent back in one piece. What is longer is sent
/// back as it comes, and no faster than the client reads.
pub const MAX_WHOLE: usize = 16 * 1024;

/// Sends a request's content back. No browser shall take it for a page of ours.
///
/// # Errors
/// If the content can't be read, as far as it is read here.
pub async fn echo(
    request: &Request,
    body: &mut impl Body,
) -> Result<Response<Content>, BodyError> {
    let length = body.length();
    let mut beginning = BytesMut::new();
    let mut is_whole = false;
    while !is_whole && beginning.len() <= MAX_WHOLE {
        match body.next().await? {
            Some(bytes) => beginning.extend_from_slice(&bytes),
            None => is_whole = true,
        }
    }
    let rest = length.map(|length| length - beginning.len() as u64);
    let beginning = Piece::Bytes(Bytes::from(beginning));
    let content = match is_whole {
        true => beginning.into(),
        false => vec![beginning, Piece::Request(rest)].into(),
    };
    let media_type = request.headers.all(FieldName::CONTENT_TYPE).next();
    let media_type = media_type.and_then(FieldValue::parse);
    Ok(Response::new(Status::OK, content)
        .with(
            FieldName::CONTENT_TYPE,
            media_type.unwrap_or(FieldValue::OCTET_STREAM),
        )
        .with(
            FieldName::X_CONTENT_TYPE_OPTIONS,
            FieldValue::from_static("nosniff"),
        ))
}
