use crate::resource::content::Content;

/// Sends a request's content back. No browser shall take it for a page of ours.
///
/// # Errors
/// If the content can't be read.
pub async fn echo(
    request: &Request,
    body: &mut impl Body,
) -> Result<Response<Content>, BodyError> {
    let mut whole = BytesMut::new();
    while let Some(bytes) = body.next().await? {
        whole.extend_from_slice(&bytes);
    }
    let content = Bytes::from(whole).into();
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
