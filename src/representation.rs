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
    media_type: FieldValue,
    /// The fields that go with all its responses.
    fields: Headers,
    validators: Validators,
    bytes: Piece,
}

impl Representation {
    /// A representation of a media type, in a coding, if in any. `varies` says whether
    /// Accept-Encoding could have chosen another.
    pub fn new(
        media_type: FieldValue,
        coding: Option<Coding>,
        varies: bool,
        validators: Validators,
        bytes: Piece,
    ) -> Representation {
        const ACCEPT_RANGES: FieldName = FieldName::from_static("Accept-Ranges");
        const BYTES: FieldValue = FieldValue::from_static("bytes");
        const CONTENT_ENCODING: FieldName =
            FieldName::from_static("Content-Encoding");
        const ETAG: FieldName = FieldName::from_static("ETag");
        const LAST_MODIFIED: FieldName = FieldName::from_static("Last-Modified");
        const VARY: FieldName = FieldName::from_static("Vary");
        const ACCEPT_ENCODING: FieldValue =
            FieldValue::from_static("Accept-Encoding");

        let mut fields = Headers::default();
        let date = imf_fixdate(validators.last_modified);
        let date = FieldValue::parse(&date).expect("a date is a field value");
        fields.push(LAST_MODIFIED, date);
        fields.push(ETAG, value(&format!("\"{}\"", validators.etag)));
        fields.push(ACCEPT_RANGES, BYTES);
        if let Some(coding) = coding {
            fields.push(CONTENT_ENCODING, FieldValue::from_static(coding.name()));
        }
        if varies {
            fields.push(VARY, ACCEPT_ENCODING);
        }
        Representation { media_type, fields, validators, bytes }
    }

    /// Answers a GET or a HEAD: with all of it, with parts, or with the news that
    /// nothing is new. Ranges are for GET alone (RFC 9110 section 14.2).
    pub fn respond(&self, request: &Request) -> Response<Content> {
        match conditional::evaluate(request, &self.validators) {
            Outcome::Failed => {
                let why = "it has changed, or never was what you say";
                return refusal(PRECONDITION_FAILED, why).into();
            }
            // What only describes the content is left out (RFC 9110 section 15.4.5).
            Outcome::NotModified => {
                let headers = self.fields.clone();
                let body = Content::default();
                return Response { status: NOT_MODIFIED, headers, body };
            }
            Outcome::Proceed => {}
        }
        let length = self.bytes.length();
        let headers = &request.headers;
        let counts = || {
            let now = SystemTime::now();
            request.method == Method::Get
                && conditional::range_counts(headers, &self.validators, now)
        };
        match range::select(headers, length) {
            Selection::Ranges(ranges) if counts() => match &ranges[..] {
                [range] => {
                    let body = self.bytes.part(range.clone()).into();
                    let range = value(&range::content_range(range, length));
                    self.content(PARTIAL_CONTENT, self.media_type.clone(), body)
                        .with(CONTENT_RANGE, range)
                }
                _ => self.parts(&ranges, length),
            },
            Selection::Unsatisfiable if counts() => {
                let why = format!("there are {length} bytes");
                refusal(RANGE_NOT_SATISFIABLE, &why)
                    .with(CONTENT_RANGE, value(&format!("bytes */{length}")))
                    .into()
            }
            _ => {
                let body = self.bytes.clone().into();
                self.content(Status::OK, self.media_type.clone(), body)
            }
        }
    }

    /// Several parts, each with a head of its own. What stands between them is
    /// drawn by lot, so that no content can hold it on purpose.
    fn parts(&self, ranges: &[Range<u64>], length: u64) -> Response<Content> {
        let lot = || RandomState::new().hash_one(length);
        let boundary = format!("{:016x}{:016x}", lot(), lot());
        let bytes = |text: Vec<u8>| Piece::Bytes(Cow::Owned(text));
        let mut pieces = Vec::new();
        for range in ranges {
            let media_type = self.media_type.as_bytes();
            let head = range::part_head(&boundary, media_type, range, length);
            pieces.push(bytes(head));
            pieces.push(self.bytes.part(range.clone()));
        }
        pieces.push(bytes(range::last_boundary(&boundary).into_bytes()));
        let media_type =
            value(&format!("multipart/byteranges; boundary={boundary}"));
        self.content(PARTIAL_CONTENT, media_type, Content::of(pieces))
    }

    fn content(
        &self,
        status: Status,
        media_type: FieldValue,
        body: Content,
    ) -> Response<Content> {
        const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");
        let mut headers = Headers::default();
        headers.push(CONTENT_TYPE, media_type);
        headers.extend(&self.fields);
        Response { status, headers, body }
    }
}

const CONTENT_RANGE: FieldName = FieldName::from_static("Content-Range");
/// A field value that we have made.
fn value(text: &str) -> FieldValue {
    FieldValue::parse(text.as_bytes()).expect("it holds no control character")
}
