//! What a server answers.

use std::borrow::Cow;

use super::{FieldName, FieldValue, Headers, Method, Status};
use crate::date::ImfFixdate;

/// A response. How its content is framed and whether the connection goes on are not
/// its business: that is for the protocol that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response<B = Cow<'static, [u8]>> {
    /// What became of the request.
    pub status: Status,
    /// What describes the content, or goes with the status.
    pub headers: Headers,
    /// The content.
    pub body: B,
}

impl Response {
    /// A response with a text in UTF-8.
    pub fn text(status: Status, text: impl Into<Cow<'static, str>>) -> Response {
        let body = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        Response::new(status, body)
            .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_PLAIN)
    }

    /// Tells a client what is wrong, in a line.
    pub fn error(status: Status, why: &str) -> Response {
        let text = format!("{} {}: {why}\n", status.code(), status.reason());
        Response::text(status, text)
    }

    /// Tells a client that the rest of its request took too long.
    pub fn timed_out() -> Response {
        let why = "the rest of the request did not come in time";
        Response::error(Status::REQUEST_TIMEOUT, why)
    }
}

impl<B> Response<B> {
    /// A response with some content, and nothing said of it yet.
    pub fn new(status: Status, body: B) -> Response<B> {
        Response { status, headers: Headers::default(), body }
    }

    /// The same with one field more.
    pub fn with(mut self, name: FieldName, value: FieldValue) -> Response<B> {
        self.headers.push(name, value);
        self
    }

    /// The same with more fields.
    pub fn with_all(mut self, fields: &Headers) -> Response<B> {
        self.headers.extend(fields);
        self
    }

    /// The same with other content.
    pub fn map<C>(self, change: impl FnOnce(B) -> C) -> Response<C> {
        let Response { status, headers, body } = self;
        Response { status, headers, body: change(body) }
    }

    /// Completes a response to a request of the given method, if that is known, as
    /// every version of HTTP has it: with Date, and with the length of the content,
    /// in bytes, where it is known. What comes back has no content where none is
    /// sent: after HEAD (RFC 9110 section 9.3.2), and with 204 and 304 (sections
    /// 15.3.5 and 15.4.5), which say no length either (section 8.6).
    pub fn finish(
        self,
        method: Option<&Method>,
        length: impl FnOnce(&B) -> Option<u64>,
        date: &ImfFixdate,
    ) -> Response<Option<B>> {
        let Response { status, mut headers, body } = self;
        let has_content =
            status != Status::NO_CONTENT && status != Status::NOT_MODIFIED;
        headers.insert_first(FieldName::DATE, date.into());
        if has_content && let Some(length) = length(&body) {
            headers.push(FieldName::CONTENT_LENGTH, length.into());
        }
        let is_sent = has_content && method != Some(&Method::Head);
        Response { status, headers, body: is_sent.then_some(body) }
    }
}
