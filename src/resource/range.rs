//! Parts of a representation (RFC 9110 section 14).

use std::ops::Range;

use crate::message::{FieldName, Headers};

/// The most ranges that are sent. A client that asks for more gets the whole, which
/// costs us less and it hardly more (RFC 9110 section 17.15).
pub const MAX_RANGES: usize = 32;

/// What a Range field comes to, for a representation of a certain length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of it: there is no such field, or none that makes sense.
    Whole,
    /// These, at least one, and none of them empty.
    Ranges(Vec<Range<u64>>),
    /// Nothing that there is: 416.
    Unsatisfiable,
}

/// Selects what a request asks for, of so many bytes. Ranges that overlap are no
/// use to anyone but an attacker, and select the whole.
pub fn select(headers: &Headers, length: u64) -> Selection {
    let mut values = headers.all(FieldName::RANGE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Selection::Whole;
    };
    let Some(asked) = byte_ranges(value) else { return Selection::Whole };
    let satisfiable = asked.iter().filter_map(|spec| spec.of(length));
    let ranges: Vec<Range<u64>> = satisfiable.collect();
    let overlap = || {
        let mut sorted = ranges.clone();
        sorted.sort_by_key(|range| range.start);
        sorted.windows(2).any(|pair| pair[0].end > pair[1].start)
    };
    match ranges.len() {
        // Of nothing, every part is all of it, and no range can say so: clients that
        // always ask for one are served, as nginx and Apache serve them.
        _ if length == 0 => Selection::Whole,
        0 => Selection::Unsatisfiable,
        many if many > MAX_RANGES => Selection::Whole,
        _ if overlap() => Selection::Whole,
        _ => Selection::Ranges(ranges),
    }
}

/// Content-Range for one range (RFC 9110 section 14.4).
pub fn content_range(range: &Range<u64>, length: u64) -> String {
    format!("bytes {}-{}/{length}", range.start, range.end - 1)
}

/// What stands before a part of a multipart/byteranges (RFC 9110 section 14.6). The
/// first has no line to end, and an empty one does no harm.
pub fn part_head(
    boundary: &str,
    media_type: &[u8],
    range: &Range<u64>,
    length: u64,
) -> Vec<u8> {
    let range = content_range(range, length);
    let before = format!("\r\n--{boundary}\r\nContent-Type: ");
    let after = format!("\r\nContent-Range: {range}\r\n\r\n");
    [before.as_bytes(), media_type, after.as_bytes()].concat()
}

/// What stands after the last part.
pub fn last_boundary(boundary: &str) -> String {
    format!("\r\n--{boundary}--\r\n")
}

/// A range as it is asked for, whatever there is.
#[derive(Debug, Clone, Copy)]
enum Spec {
    /// From a byte on, to another inclusive or to the end.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Suffix(u64),
}

impl Spec {
    /// Which bytes it selects of so many.
    fn of(&self, length: u64) -> Option<Range<u64>> {
        let range = match *self {
            Spec::From(first, None) => first..length,
            Spec::From(first, Some(last)) => {
                first..length.min(last.saturating_add(1))
            }
            Spec::Suffix(count) => length.saturating_sub(count)..length,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// ranges-specifier = "bytes" "=" range-set; none if it is anything else.
fn byte_ranges(value: &[u8]) -> Option<Vec<Spec>> {
    let (unit, set) = str::from_utf8(value).ok()?.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let elements = set.split(',').map(|element| element.trim_matches([' ', '\t']));
    let specs: Option<Vec<Spec>> =
        elements.filter(|element| !element.is_empty()).map(spec).collect();
    specs.filter(|specs| !specs.is_empty())
}

fn spec(text: &str) -> Option<Spec> {
    let (first, last) = text.split_once('-')?;
    match (first, last) {
        ("", count) => Some(Spec::Suffix(position(count)?)),
        (first, "") => Some(Spec::From(position(first)?, None)),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(Spec::From(first, Some(last)))
        }
    }
}

/// Digits. A number too large for us is larger than anything there is.
fn position(digits: &str) -> Option<u64> {
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(u64::MAX))
}
