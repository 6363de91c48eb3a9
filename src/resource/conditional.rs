//! Requests that depend on what the client has already (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

use crate::message::headers::is_field_byte;
use crate::message::{FieldName, Headers, Method, Request};

/// What tells one state of a representation from another (RFC 9110 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// The opaque part of the entity tag, without its quotes. It is strong: no two
    /// states share one.
    pub etag: String,
    /// When the representation changed last, in whole seconds, if that is known.
    pub last_modified: Option<SystemTime>,
}

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They hold, or there are none: do what is asked.
    Proceed,
    /// The client has it already: 304.
    NotModified,
    /// What the client relies on is not so: 412.
    Failed,
}

/// Evaluates the conditions of a request for a representation that exists, in the
/// order of RFC 9110 section 13.2.2. What is not a date is no condition, nor is any
/// date where it is not known when the representation changed.
pub fn evaluate(request: &Request, validators: &Validators) -> Outcome {
    let headers = &request.headers;
    let modified_after =
        |name: FieldName| Some(validators.last_modified? > date(headers, name)?);

    if let Some(tags) = Tags::read(headers, FieldName::IF_MATCH) {
        if !tags.match_strongly(&validators.etag) {
            return Outcome::Failed;
        }
    } else if modified_after(FieldName::IF_UNMODIFIED_SINCE) == Some(true) {
        return Outcome::Failed;
    }

    let reads = matches!(request.method, Method::Get | Method::Head);
    if let Some(tags) = Tags::read(headers, FieldName::IF_NONE_MATCH) {
        match tags.match_weakly(&validators.etag) {
            true if reads => return Outcome::NotModified,
            true => return Outcome::Failed,
            false => {}
        }
    } else if reads && modified_after(FieldName::IF_MODIFIED_SINCE) == Some(false) {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}

/// Whether a Range field counts: If-Range is not there, or names the very state that
/// there is (RFC 9110 section 13.1.5). A date names a state only when its second is
/// over, since until then the representation can change once more (section 8.8.2.2).
pub fn if_range_holds(
    headers: &Headers,
    validators: &Validators,
    now: SystemTime,
) -> bool {
    let mut values = headers.all(FieldName::IF_RANGE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return headers.all(FieldName::IF_RANGE).next().is_none();
    };
    if let Some((tag, b"")) = EntityTag::read(value) {
        return tag.is_strong_match(&validators.etag);
    }
    validators.last_modified.is_some_and(|modified| {
        let is_over = now >= modified + Duration::from_secs(1);
        is_over && date(headers, FieldName::IF_RANGE) == Some(modified)
    })
}

/// The date that a field holds, in any of the three forms (RFC 9110 section 5.6.7).
fn date(headers: &Headers, name: FieldName) -> Option<SystemTime> {
    let mut values = headers.all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => {
            httpdate::parse_http_date(str::from_utf8(value).ok()?).ok()
        }
        _ => None,
    }
}

/// The value of If-Match or If-None-Match: `*`, or a list of entity tags. What is
/// neither matches nothing.
enum Tags<'a> {
    Any,
    These(Vec<EntityTag<'a>>),
}

impl<'a> Tags<'a> {
    fn read(headers: &'a Headers, name: FieldName) -> Option<Tags<'a>> {
        let mut values = headers.all(name).peekable();
        values.peek()?;
        let mut tags = Vec::new();
        for value in values {
            if value == b"*" {
                return Some(Tags::Any);
            }
            let mut rest = value;
            loop {
                while let [b' ' | b'\t' | b',', after @ ..] = rest {
                    rest = after;
                }
                let Some((tag, after)) = EntityTag::read(rest) else { break };
                tags.push(tag);
                rest = after;
            }
        }
        Some(Tags::These(tags))
    }

    fn match_strongly(&self, etag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::These(tags) => tags.iter().any(|tag| tag.is_strong_match(etag)),
        }
    }

    fn match_weakly(&self, etag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::These(tags) => {
                tags.iter().any(|tag| tag.opaque == etag.as_bytes())
            }
        }
    }
}

/// An entity tag that a client names (RFC 9110 section 8.8.3).
struct EntityTag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> EntityTag<'a> {
    /// Reads one, and gives back what follows it.
    fn read(text: &'a [u8]) -> Option<(EntityTag<'a>, &'a [u8])> {
        let (weak, quoted) = match text.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix(b"\"")?;
        let end = opaque.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = opaque.split_at(end);
        let is_etagc = |&byte: &u8| is_field_byte(byte) && !b" \t".contains(&byte);
        let valid = opaque.iter().all(is_etagc);
        valid.then(|| {
            (EntityTag { weak, opaque }, rest.get(1..).unwrap_or_default())
        })
    }

    /// The strong comparison of RFC 9110 section 8.8.3.2: with a tag of ours, which
    /// is never weak.
    fn is_strong_match(&self, etag: &str) -> bool {
        !self.weak && self.opaque == etag.as_bytes()
    }
}
