//! What a server answers.

use std::borrow::Cow;

use super::{FieldName, FieldValue, Headers, Status};

/// A response. How its body is framed, whether the connection goes on and what the
/// time is are not its business: the encoder adds those fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response<B = Cow<'static, [u8]>> {
    /// What became of the request.
    pub status: Status,
    /// What describes the body, or goes with the status.
    pub headers: Headers,
    /// The content, which a response to HEAD describes and does not send.
    pub body: B,
}

impl Response {
    /// A response with a text in UTF-8.
    pub fn text(status: Status, text: impl Into<Cow<'static, str>>) -> Response {
        const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");
        const TEXT: FieldValue =
            FieldValue::from_static("text/plain; charset=utf-8");
        let mut headers = Headers::default();
        headers.push(CONTENT_TYPE, TEXT);
        let body = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        Response { status, headers, body }
    }
}

impl<B> Response<B> {
    /// The same with one field more.
    pub fn with(mut self, name: FieldName, value: FieldValue) -> Response<B> {
        self.headers.push(name, value);
        self
    }
}
