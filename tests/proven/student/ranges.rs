//! Parts of a thing (RFC 9110 section 14).

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use super::answer::Thing;
use super::head::Head;
use super::reply::{Content, Piece, Reply};
use super::{Shared, Switch, conditions};

enum Selected {
    Whole,
    Parts(Vec<Range<u64>>),
    Nothing,
}

/// The response to a Range field, if it is to be heeded.
pub fn partial(thing: &Thing, head: &Head, shared: &Shared) -> Option<Reply> {
    let s = shared.s;
    if s.is("no-ranges") {
        return None;
    }
    let asked =
        head.method == "GET" || (s.is("ranges-of-head") && head.method == "HEAD");
    let length = thing.bytes.len();
    if head.method == "HEAD"
        && s.is("head-can-be-416")
        && matches!(select(head, length, s), Selected::Nothing)
    {
        return Some(unsatisfiable(length, s));
    }
    if asked
        && s.is("416-before-if-range")
        && matches!(select(head, length, s), Selected::Nothing)
    {
        return Some(unsatisfiable(length, s));
    }
    if !asked || !conditions::if_range_holds(head, &thing.tag, thing.modified, s) {
        return None;
    }
    match select(head, length, s) {
        Selected::Whole => None,
        Selected::Nothing => Some(unsatisfiable(length, s)),
        Selected::Parts(parts)
            if parts.len() == 1 && !s.is("one-part-is-multipart") =>
        {
            Some(one_part(thing, head, &parts[0], s))
        }
        Selected::Parts(parts) => {
            let reply = many_parts(thing, &parts, s);
            Some(spared(reply, head, s))
        }
    }
}

fn unsatisfiable(length: u64, s: Switch) -> Reply {
    let reply = Reply::error(416, &format!("there are {length} bytes"), s);
    match s {
        _ if s.is("416-without-range") => reply,
        _ if s.is("416-with-a-range") => reply.with(
            "Content-Range",
            format!("bytes 0-{}/{length}", length.max(1) - 1),
        ),
        _ if s.is("416-is-400") => Reply::error(400, "no such range", s),
        _ if s.is("416-is-404") => Reply::error(404, "no such range", s),
        _ if s.is("416-with-another-length") => {
            reply.with("Content-Range", format!("bytes */{}", length.max(1) - 1))
        }
        _ => reply.with("Content-Range", format!("bytes */{length}")),
    }
}

fn content_range(range: &Range<u64>, length: u64, s: Switch) -> String {
    // Of nothing, the last is before the first.
    let (first, last) = (range.start, i128::from(range.end) - 1);
    match s {
        _ if s.is("content-range-exclusive") => {
            format!("bytes {first}-{}/{length}", range.end)
        }
        _ if s.is("content-range-with-equals") => {
            format!("bytes={first}-{last}/{length}")
        }
        _ if s.is("content-range-without-unit") => {
            format!("{first}-{last}/{length}")
        }
        _ if s.is("content-range-of-the-part") => {
            format!("bytes {first}-{last}/{}", range.end - range.start)
        }
        _ if s.is("content-range-of-the-last") => {
            format!("bytes {first}-{last}/{}", length - 1)
        }
        _ if s.is("content-range-from-one") => {
            format!("bytes {}-{}/{length}", first + 1, last + 1)
        }
        _ if s.is("content-range-of-unknown-length") => {
            format!("bytes {first}-{last}/*")
        }
        _ => format!("bytes {first}-{last}/{length}"),
    }
}

fn part(bytes: &Piece, range: &Range<u64>) -> Piece {
    match bytes {
        Piece::Bytes(bytes) => {
            Piece::Bytes(bytes[range.start as usize..range.end as usize].to_vec())
        }
        Piece::File(file, whole) => Piece::File(
            Arc::clone(file),
            whole.start + range.start..whole.start + range.end,
        ),
    }
}

fn one_part(thing: &Thing, head: &Head, range: &Range<u64>, s: Switch) -> Reply {
    let status = if s.is("206-is-200") { 200 } else { 206 };
    let mut reply = Reply::new(status, Vec::new());
    reply.fields = thing.whole.fields.clone();
    let spares = head.has("if-range") && !s.is("206-says-all-again");
    reply.fields.retain(|(name, _)| match name.as_str() {
        "Content-Type" if s.is("206-without-type") => false,
        "Content-Encoding" if s.is("206-without-coding") => false,
        "Content-Type" | "Last-Modified" | "Content-Encoding" => !spares,
        "ETag" => !s.is("206-without-etag"),
        "Vary" => !s.is("206-without-vary"),
        _ => true,
    });
    if s.is("206-has-the-tag-of-its-part") {
        let tags = reply.fields.iter_mut().filter(|(name, _)| name == "ETag");
        let tag = format!("\"{:x}-{:x}\"", range.start, range.end);
        tags.for_each(|(_, value)| value.clone_from(&tag));
    }
    const READ: u64 = 64 * 1024;
    let piece = match s {
        _ if s.is("206-with-the-whole") => thing.bytes.clone(),
        _ if s.is("a-range-is-one-read") => {
            let end = range.end.min(range.start + READ);
            part(&thing.bytes, &(range.start..end))
        }
        _ => part(&thing.bytes, range),
    };
    reply.content = Content::Pieces(vec![piece]);
    if s.is("206-without-range") {
        return reply;
    }
    reply.with("Content-Range", content_range(range, thing.bytes.len(), s))
}

/// Who sends If-Range has all that is said of the whole, but not of these parts.
fn spared(mut reply: Reply, head: &Head, s: Switch) -> Reply {
    if head.has("if-range") && s.is("parts-of-if-range-without-type") {
        reply.fields.retain(|(name, _)| name != "Content-Type");
    }
    reply
}

fn many_parts(thing: &Thing, ranges: &[Range<u64>], s: Switch) -> Reply {
    let length = thing.bytes.len();
    let lot = || RandomState::new().hash_one(length);
    let lot = format!("{:016x}{:016x}", lot(), lot());
    let boundary = match s {
        _ if s.is("boundary-is-in-the-content") => "knock",
        _ if s.is("boundary-with-a-space") => "a boundary",
        _ if s.is("one-boundary-for-all") => "THIS_STRING_SEPARATES",
        _ => &lot,
    };
    let line = if s.is("parts-in-lf") { "\n" } else { "\r\n" };
    let media_type =
        thing.whole.field("Content-Type").unwrap_or("text/plain").to_owned();
    let mut pieces = Vec::new();
    let mut here = 0;
    for (n, range) in ranges.iter().enumerate() {
        let before = match s {
            _ if s.is("parts-without-a-line-behind") => "",
            _ if n == 0 && !s.is("preamble") => "",
            _ => line,
        };
        let mut text = format!("{before}--{boundary}{line}");
        if s.is("parts-say-the-type-of-all") {
            text.push_str(&format!(
                "Content-Type: multipart/byteranges; boundary={boundary}{line}"
            ));
        } else if !s.is("parts-without-type") {
            text.push_str(&format!("Content-Type: {media_type}{line}"));
        }
        if !s.is("parts-without-range") {
            let said = match ranges {
                [.., last] if s.is("parts-say-the-last-range") => last,
                _ => range,
            };
            let range = content_range(said, length, s);
            text.push_str(&format!("Content-Range: {range}{line}"));
        }
        if !s.is("parts-without-an-empty-line") {
            text.push_str(line);
        }
        pieces.push(Piece::Bytes(text.into_bytes()));
        let sought = match s.is("parts-are-sought-from-here") {
            true => {
                (here + range.start).min(length)..(here + range.end).min(length)
            }
            false => range.clone(),
        };
        here = sought.end;
        pieces.push(part(&thing.bytes, &sought));
    }
    let end = match s {
        _ if s.is("last-boundary-missing") => String::new(),
        _ if s.is("last-boundary-like-others") => {
            format!("{line}--{boundary}{line}")
        }
        _ => format!("{line}--{boundary}--{line}"),
    };
    pieces.push(Piece::Bytes(end.into_bytes()));
    let mut reply = Reply::new(206, Vec::new());
    reply.fields = thing.whole.fields.clone();
    reply.fields.retain(|(name, _)| match name.as_str() {
        "Content-Type" => false,
        "Last-Modified" => !s.is("parts-without-date"),
        _ => true,
    });
    reply.content = Content::Pieces(pieces);
    let said = match s {
        _ if s.is("parts-as-one-type") => media_type,
        _ if s.is("boundary-not-said") => "multipart/byteranges".to_owned(),
        _ if s.is("boundary-with-its-dashes") => {
            format!("multipart/byteranges; boundary=--{boundary}")
        }
        _ if s.is("boundary-in-quotes") || s.is("boundary-with-a-space") => {
            format!("multipart/byteranges; boundary=\"{boundary}\"")
        }
        _ if s.is("multipart-form-data") => {
            format!("multipart/form-data; boundary={boundary}")
        }
        _ => format!("multipart/byteranges; boundary={boundary}"),
    };
    let reply = reply.with("Content-Type", said);
    match s.is("range-of-all-parts") {
        true => reply.with("Content-Range", content_range(&ranges[0], length, s)),
        false => reply,
    }
}

/// Which parts a request asks for.
fn select(head: &Head, length: u64, s: Switch) -> Selected {
    let lines: Vec<&[u8]> = head.all("range").collect();
    let value = match lines[..] {
        [] => return Selected::Whole,
        [value] => value.to_vec(),
        [first, ..] if s.is("first-range-line-counts") => first.to_vec(),
        [.., last] if s.is("last-range-line-counts") => last.to_vec(),
        _ => return Selected::Whole,
    };
    let text = String::from_utf8_lossy(&value).into_owned();
    let Some((unit, set)) = text.split_once('=') else {
        return match s.is("ranges-without-unit") && text.starts_with("bytes ") {
            true => select_of(&text["bytes ".len()..], length, s),
            false if s.is("bad-ranges-are-416") => Selected::Nothing,
            false => Selected::Whole,
        };
    };
    let is_bytes = match s {
        _ if s.is("any-unit-is-bytes") => true,
        _ if s.is("units-that-begin-so") => unit.starts_with("bytes"),
        _ if s.is("units-stripped") => unit.trim() == "bytes",
        _ if s.is("units-by-their-case") => unit == "bytes",
        _ => unit.eq_ignore_ascii_case("bytes"),
    };
    match is_bytes {
        true => select_of(set, length, s),
        false if s.is("other-units-are-416") => Selected::Nothing,
        false => Selected::Whole,
    }
}

fn select_of(set: &str, length: u64, s: Switch) -> Selected {
    let elements = set.split(',').map(|e| e.trim_matches([' ', '\t']));
    let elements: Vec<&str> = elements.filter(|e| !e.is_empty()).collect();
    let asked: Vec<Option<Asked>> = elements.iter().map(|e| asked(e, s)).collect();
    let asked: Vec<Asked> = match s.is("bad-ranges-are-left-out") {
        true => asked.into_iter().flatten().collect(),
        false => match asked.into_iter().collect() {
            Some(asked) => asked,
            None if s.is("bad-ranges-are-416") => return Selected::Nothing,
            None => return Selected::Whole,
        },
    };
    if asked.is_empty() {
        return Selected::Whole;
    }
    if length == 0
        && s.is("suffix-of-nothing")
        && matches!(asked[..], [Asked::Last(1..)])
    {
        return Selected::Parts(std::iter::once(0..0).collect());
    }
    if length == 0 {
        return match s.is("ranges-of-nothing-are-416") {
            true => Selected::Nothing,
            false => Selected::Whole,
        };
    }
    if s.is("one-unsatisfiable-spoils-all")
        && asked.iter().any(|a| satisfy(a, length, s).is_none())
    {
        return Selected::Nothing;
    }
    let mut parts: Vec<Range<u64>> =
        asked.iter().filter_map(|a| satisfy(a, length, s)).collect();
    if parts.is_empty() {
        return match s {
            _ if s.is("unsatisfiable-is-whole") => Selected::Whole,
            _ => Selected::Nothing,
        };
    }
    if s.is("empty-parts-are-sent") {
        let or_none = |a| satisfy(a, length, s).unwrap_or(length..length);
        parts = asked.iter().map(or_none).collect();
    }
    if s.is("first-range-alone") {
        parts.truncate(1);
    }
    if s.is("last-range-alone") {
        parts.drain(..parts.len() - 1);
    }
    if s.is("parts-are-sorted") {
        parts.sort_by_key(|p| p.start);
    }
    if s.is("parts-are-joined") {
        let first = parts.iter().map(|p| p.start).min().unwrap_or(0);
        let last = parts.iter().map(|p| p.end).max().unwrap_or(0);
        parts.truncate(1);
        parts[0] = first..last;
    }
    let mut sorted = parts.clone();
    sorted.sort_by_key(|p| p.start);
    let overlap = sorted.windows(2).any(|pair| pair[0].end > pair[1].start);
    let many = parts.len() > 32;
    if (overlap || many) && !s.is("any-number-of-ranges") {
        return Selected::Whole;
    }
    Selected::Parts(parts)
}

enum Asked {
    From(u64, Option<u64>),
    Last(u64),
}

fn asked(text: &str, s: Switch) -> Option<Asked> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = match s.is("spaces-within-ranges") {
        true => (first.trim(), last.trim()),
        false => (first, last),
    };
    match (first, last) {
        ("", "") if s.is("a-dash-is-all") => Some(Asked::From(0, None)),
        ("", count) if s.is("suffix-from-the-start") => {
            Some(Asked::From(0, Some(position(count, s)?)))
        }
        ("", _) if s.is("no-suffix-ranges") => None,
        ("", count) => Some(Asked::Last(position(count, s)?)),
        ("0", last) if s.is("first-0-is-a-suffix") && !last.is_empty() => {
            Some(Asked::Last(position(last, s)?))
        }
        (first, "0") if s.is("last-0-is-open") => {
            Some(Asked::From(position(first, s)?, None))
        }
        (_, "") if s.is("no-open-ranges") => None,
        (first, "") => Some(Asked::From(position(first, s)?, None)),
        (first, last) => {
            let (first, last) = (position(first, s)?, position(last, s)?);
            match first <= last {
                true => Some(Asked::From(first, Some(last))),
                false if s.is("ranges-backwards") => {
                    Some(Asked::From(last, Some(first)))
                }
                false if s.is("backwards-is-416") => {
                    Some(Asked::From(u64::MAX, None))
                }
                false => None,
            }
        }
    }
}

fn position(text: &str, s: Switch) -> Option<u64> {
    let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| {
        let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match s {
        _ if s.is("positions-with-a-plus") => {
            number(text.strip_prefix('+').unwrap_or(text))
        }
        _ if s.is("positions-with-underscores") => number(&text.replace('_', "")),
        _ if s.is("positions-in-hex") && text.starts_with("0x") => {
            u64::from_str_radix(&text[2..], 16).ok()
        }
        _ if s.is("positions-of-32-bits") => {
            number(text).map(|n| if n == u64::MAX { n } else { n & 0xffff_ffff })
        }
        _ if s.is("huge-positions-are-bad") => valid.then(|| text.parse().ok())?,
        _ if s.is("positions-wrap") => valid.then(|| {
            text.bytes().fold(0, |n: u64, b| {
                n.wrapping_mul(10).wrapping_add(u64::from(b - b'0'))
            })
        }),
        _ if s.is("positions-until-no-digit") => {
            let end =
                text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            number(&text[..end])
        }
        _ => number(text),
    }
}

fn satisfy(asked: &Asked, length: u64, s: Switch) -> Option<Range<u64>> {
    let range = match *asked {
        Asked::From(first, _) if first == length && s.is("first-at-the-end") => {
            return Some(length..length);
        }
        Asked::From(first, None) => first..length,
        Asked::From(first, Some(last)) if s.is("last-is-exclusive") => {
            first..last.min(length)
        }
        Asked::From(_, Some(last))
            if s.is("past-the-end-is-416") && last >= length =>
        {
            return None;
        }
        Asked::From(first, Some(last)) if s.is("past-the-end-is-one-short") => {
            first..last.saturating_add(1).min(length - 1)
        }
        Asked::From(first, Some(last)) => first..last.saturating_add(1).min(length),
        Asked::Last(0) if s.is("suffix-0-is-all") => 0..length,
        Asked::Last(count) if s.is("long-suffix-is-416") && count > length => {
            return None;
        }
        Asked::Last(count) if s.is("suffix-and-one") => {
            length.saturating_sub(count.saturating_add(1))..length
        }
        Asked::Last(count) => length.saturating_sub(count)..length,
    };
    (range.start < range.end).then_some(range)
}
