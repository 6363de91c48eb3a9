//! A state of something that can be asked for, and the responses that it makes (RFC
//! 9110 section 8).

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::time::SystemTime;

use crate::answer::refusal;
use crate::conditional::{self, Outcome, Validators};
use crate::content::{Content, Piece};
use crate::date::imf_fixdate;
use crate::message::{
    FieldName, FieldValue, Headers, Method, Request, Response, Status,
};
use crate::negotiate::Coding;
use crate::range::{self, Selection};

/// The request succeeded, and this is a part of what there is.
pub const PARTIAL_CONTENT: Status = Status::new(206, "Partial Content");
/// The client has it already.
pub const NOT_MODIFIED: Status = Status::new(304, "Not Modified");
/// A condition of the request does not hold.
pub const PRECONDITION_FAILED: Status = Status::new(412, "Precondition Failed");
/// None of the ranges asked for is there.
pub const RANGE_NOT_SATISFIABLE: Status = Status::new(416, "Range Not Satisfiable");

/// What can be sent of a resource, and what there is to say of it.
#[derive(Debug)]
pub struct Representation {
    /// Content-Type.
    pub media_type: String,
    /// Content-Encoding, if it is coded.
    pub coding: Option<Coding>,
    /// Whether another could have been chosen, by Accept-Encoding.
    pub varies: bool,
    /// What tells it from other states.
    pub validators: Validators,
    /// Its bytes.
    pub bytes: Piece,
}

impl Representation {
    /// Answers a GET or a HEAD: with all of it, with parts, or with the news that
    /// nothing is new. Ranges are for GET alone (RFC 9110 section 14.2).
    pub fn respond(self, request: &Request, now: SystemTime) -> Response<Content> {
        match conditional::evaluate(request, &self.validators) {
            Outcome::Failed => {
                let why = "it has changed, or never was what you say";
                return refusal(PRECONDITION_FAILED, why).into();
            }
            // The fields that a 200 would have, but for what only describes content
            // (RFC 9110 section 15.4.5).
            Outcome::NotModified => {
                let headers = self.headers();
                return Response {
                    status: NOT_MODIFIED,
                    headers,
                    body: Content::default(),
                };
            }
            Outcome::Proceed => {}
        }
        let length = self.bytes.length();
        let counts = request.method == Method::Get
            && conditional::range_counts(&request.headers, &self.validators, now);
        match range::select(&request.headers, length) {
            Selection::Ranges(ranges) if counts => match &ranges[..] {
                [range] => self.part(range, length),
                _ => self.parts(&ranges, length),
            },
            Selection::Unsatisfiable if counts => {
                let why = format!("there are {length} bytes");
                refusal(RANGE_NOT_SATISFIABLE, &why)
                    .with(CONTENT_RANGE, value(&format!("bytes */{length}")))
                    .into()
            }
            _ => {
                let mut headers = self.headers();
                headers.push(CONTENT_TYPE, value(&self.media_type));
                Response { status: Status::OK, headers, body: self.bytes.into() }
            }
        }
    }

    fn part(self, range: &Range<u64>, length: u64) -> Response<Content> {
        let mut headers = self.headers();
        headers.push(CONTENT_TYPE, value(&self.media_type));
        headers.push(CONTENT_RANGE, value(&range::content_range(range, length)));
        let body = self.bytes.part(range.clone()).into();
        Response { status: PARTIAL_CONTENT, headers, body }
    }

    /// Several parts, each with a head of its own. What stands between them is
    /// drawn by lot, so that no content can hold it on purpose.
    fn parts(self, ranges: &[Range<u64>], length: u64) -> Response<Content> {
        let lot = || RandomState::new().hash_one(length);
        let boundary = format!("{:016x}{:016x}", lot(), lot());
        let bytes = |text: String| Piece::Bytes(Cow::Owned(text.into_bytes()));
        let mut pieces = Vec::new();
        for range in ranges {
            let head = range::part_head(&boundary, &self.media_type, range, length);
            pieces.push(bytes(head));
            pieces.push(self.bytes.part(range.clone()));
        }
        pieces.push(bytes(range::last_boundary(&boundary)));
        let mut headers = self.headers();
        let media_type = format!("multipart/byteranges; boundary={boundary}");
        headers.push(CONTENT_TYPE, value(&media_type));
        Response { status: PARTIAL_CONTENT, headers, body: Content::of(pieces) }
    }

    /// The fields that go with each of its responses.
    fn headers(&self) -> Headers {
        const ACCEPT_RANGES: FieldName = FieldName::from_static("Accept-Ranges");
        const BYTES: FieldValue = FieldValue::from_static("bytes");
        const CONTENT_ENCODING: FieldName =
            FieldName::from_static("Content-Encoding");
        const ETAG: FieldName = FieldName::from_static("ETag");
        const LAST_MODIFIED: FieldName = FieldName::from_static("Last-Modified");
        const VARY: FieldName = FieldName::from_static("Vary");
        const ACCEPT_ENCODING: FieldValue =
            FieldValue::from_static("Accept-Encoding");

        let Validators { etag, last_modified } = &self.validators;
        let mut headers = Headers::default();
        let date = imf_fixdate(*last_modified);
        let date = FieldValue::parse(&date).expect("a date is a field value");
        headers.push(LAST_MODIFIED, date);
        headers.push(ETAG, value(&format!("\"{etag}\"")));
        headers.push(ACCEPT_RANGES, BYTES);
        if let Some(coding) = self.coding {
            headers.push(CONTENT_ENCODING, FieldValue::from_static(coding.name()));
        }
        if self.varies {
            headers.push(VARY, ACCEPT_ENCODING);
        }
        headers
    }
}

const CONTENT_RANGE: FieldName = FieldName::from_static("Content-Range");
const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");

/// A field value that we have made.
fn value(text: &str) -> FieldValue {
    FieldValue::parse(text.as_bytes()).expect("it holds no control character")
}
