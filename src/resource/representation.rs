//! A state of something that can be asked for, and the responses that it makes (RFC
//! 9110 section 8).

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::time::SystemTime;

use super::conditional::{self, Outcome, Validators};
use super::content::{Content, Piece};
use super::negotiate::Coding;
use super::range::{self, Selection};
use crate::date::imf_fixdate;
use crate::message::{
    FieldName, FieldValue, Headers, Method, Request, Response, Status,
};

/// What can be sent of a resource, and what there is to say of it.
#[derive(Debug, Clone)]
pub struct Representation {
    /// What it is.
    pub media_type: FieldValue,
    /// In which coding it is, if in any.
    pub coding: Option<Coding>,
    /// What tells this state of it from others, and since when it is.
    pub validators: Validators,
    /// All of it: bytes that are there, or a file.
    pub bytes: Piece,
    /// The fields that describe it.
    description: Headers,
    /// Those that tell this state of it from others.
    identity: Headers,
}

impl Representation {
    /// A representation of a media type, in a coding, if in any.
    pub fn new(
        media_type: FieldValue,
        coding: Option<Coding>,
        varies: Varies,
        validators: Validators,
        bytes: Piece,
    ) -> Representation {
        let mut identity = Headers::default();
        let tag = value(&format!("\"{}\"", validators.etag));
        identity.push(FieldName::ETAG, tag);
        let mut description = Headers::default();
        if let Some(modified) = validators.last_modified {
            let date = imf_fixdate(modified);
            description.push(FieldName::LAST_MODIFIED, (&date).into());
        }
        description.extend(&identity);
        description
            .push(FieldName::ACCEPT_RANGES, FieldValue::from_static("bytes"));
        if let Some(coding) = coding {
            let name = FieldValue::from_static(coding.name());
            description.push(FieldName::CONTENT_ENCODING, name);
        }
        if varies == Varies::ByCoding {
            let name = FieldValue::from_static("Accept-Encoding");
            identity.push(FieldName::VARY, name.clone());
            description.push(FieldName::VARY, name);
        }
        Representation {
            media_type,
            coding,
            validators,
            bytes,
            description,
            identity,
        }
    }

    /// Answers a GET or a HEAD: with all of it, with parts, or with the news that
    /// nothing is new. Ranges are for GET alone (RFC 9110 section 14.2).
    pub fn respond(&self, request: &Request) -> Response<Content> {
        match conditional::evaluate(request, &self.validators) {
            Outcome::Proceed => {}
            Outcome::NotModified => {
                let content = Content::default();
                return self.known(Status::NOT_MODIFIED, None, content);
            }
            Outcome::Failed => {
                let why = "it has changed, or never was what you say";
                return Response::error(Status::PRECONDITION_FAILED, why)
                    .map(Content::from);
            }
        }
        let length = self.bytes.length().unwrap_or_default();
        match range::select(&request.headers, length) {
            Selection::Ranges(ranges) if self.wants_part(request) => {
                self.partial(request, &ranges, length)
            }
            Selection::Unsatisfiable if self.wants_part(request) => {
                let why = format!("there are {length} bytes");
                Response::error(Status::RANGE_NOT_SATISFIABLE, &why)
                    .map(Content::from)
                    .with(
                        FieldName::CONTENT_RANGE,
                        value(&format!("bytes */{length}")),
                    )
            }
            _ => {
                let content = self.bytes.clone().into();
                self.described(Status::OK, self.media_type.clone(), content)
            }
        }
    }

    fn wants_part(&self, request: &Request) -> bool {
        let now = SystemTime::now();
        request.method == Method::Get
            && conditional::if_range_holds(&request.headers, &self.validators, now)
    }

    /// Some of it. A client that names what it has, in If-Range, is not told again
    /// what that is (RFC 9110 section 15.3.7).
    fn partial(
        &self,
        request: &Request,
        ranges: &[Range<u64>],
        length: u64,
    ) -> Response<Content> {
        const STATUS: Status = Status::PARTIAL_CONTENT;
        let has_it = request.headers.all(FieldName::IF_RANGE).next().is_some();
        let [range] = ranges else {
            let (media_type, content) = self.parts(ranges, length);
            return match has_it {
                true => self.known(STATUS, Some(media_type), content),
                false => self.described(STATUS, media_type, content),
            };
        };
        let content = self.bytes.part(range.clone()).into();
        let response = match has_it {
            true => self.known(STATUS, None, content),
            false => self.described(STATUS, self.media_type.clone(), content),
        };
        let range = value(&range::content_range(range, length));
        response.with(FieldName::CONTENT_RANGE, range)
    }

    /// Several parts, each with a head of its own. What stands between them is
    /// drawn by lot, so that no content can hold it on purpose.
    fn parts(&self, ranges: &[Range<u64>], length: u64) -> (FieldValue, Content) {
        let lot = || RandomState::new().hash_one(length);
        let boundary = format!("{:016x}{:016x}", lot(), lot());
        let mut pieces = Vec::new();
        for range in ranges {
            let media_type = self.media_type.as_bytes();
            let head = range::part_head(&boundary, media_type, range, length);
            pieces.push(Piece::Bytes(head.into()));
            pieces.push(self.bytes.part(range.clone()));
        }
        let end = range::last_boundary(&boundary);
        pieces.push(Piece::Bytes(end.into_bytes().into()));
        let media_type = format!("multipart/byteranges; boundary={boundary}");
        (value(&media_type), pieces.into())
    }

    /// A response that says all there is to say of it.
    fn described(
        &self,
        status: Status,
        media_type: FieldValue,
        content: Content,
    ) -> Response<Content> {
        // Room for what is said of it, and for what each response says.
        let mut headers = Headers::with_capacity(self.description.len() + 4);
        headers.push(FieldName::CONTENT_TYPE, media_type);
        headers.extend(&self.description);
        Response { status, headers, body: content }
    }

    /// A response for a client that has been told the rest.
    fn known(
        &self,
        status: Status,
        media_type: Option<FieldValue>,
        content: Content,
    ) -> Response<Content> {
        let response = Response::new(status, content);
        let response = match media_type {
            Some(media_type) => response.with(FieldName::CONTENT_TYPE, media_type),
            None => response,
        };
        response.with_all(&self.identity)
    }
}

/// Whether something else could have been sent in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Varies {
    /// It is there in this form alone.
    Not,
    /// It is there in others, and Accept-Encoding has had a say.
    ByCoding,
}

/// A field value that we have made.
fn value(text: &str) -> FieldValue {
    FieldValue::parse(text.as_bytes()).expect("it holds no control character")
}
