//! Ranges: every unit, form and edge, and what a 206 has to say.

use std::ops::RangeInclusive;

use super::conditions::keeps;
use crate::check::Check;
use crate::check::Exam;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part6;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "range-of-any-kind",
        title: "A range is cut out to the byte, at every edge.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.1.2"),
        why: "Off by one is a broken file.",
        hint: "Both ends count; the last may lie beyond the end, a suffix may be \
            longer than all there is, and numbers longer than an integer.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "ranges from, to and around each edge",
            run: |exam| {
                let whole = whole(exam)?;
                sweep(exam, |draw| one_range(&whole, draw))
            },
        },
    },
    Check {
        id: "range-that-is-none",
        title: "What is no range of bytes is not there.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.2"),
        why: "A unit that one does not know must be ignored, and what is invalid may \
            be; never guessed at.",
        hint: "Number parsers take more than digits, and startswith() more than a \
            unit.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "other units, signs, prefixes, ranges backwards, and lists with one \
                of these in them",
            run: |exam| sweep(exam, no_range),
        },
    },
    Check {
        id: "range-of-no-other-method",
        title: "Range is ignored for all but GET, and where nothing has it.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 14.2"),
        why: "It is defined for GET alone.",
        hint: "Look at the method before you look for Range.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "HEAD, POST to /echo and OPTIONS with ranges",
            run: |exam| sweep(exam, other_method),
        },
    },
    Check {
        id: "several-ranges",
        title: "Several ranges come in parts that are what they say, or not at all.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 14.6 and 15.3.7.2"),
        why: "Each part says which it is, and the whole says how parts are told \
            apart.",
        hint: "multipart/byteranges; boundary=…, then for each part a line of two \
            hyphens and the boundary, its Content-Range, an empty line, its bytes; \
            and two hyphens more at the end.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "two and three ranges: apart, overlapping, the wrong way round, one \
                of them where nothing is; with If-Range and the tag, too",
            run: |exam| {
                let whole = whole(exam)?;
                sweep(exam, |draw| several(&whole, draw))
            },
        },
    },
    Check {
        id: "accept-ranges",
        title: "Who sends ranges says so, if anything.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.3"),
        why: "A client that reads none, or another unit, does not ask for a part.",
        hint: "Accept-Ranges: bytes.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "a GET with a range, and one without",
            run: says_the_unit,
        },
    },
    Check {
        id: "parts-in-order",
        title: "Parts come in the order of their ranges, each with its type.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 15.3.7.2"),
        why: "A client may have put first what it needs first.",
        hint: "Sort nothing. Content-Type is the whole's.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does { sends: "bytes=40-49,0-4,20-29", run: parts_in_order },
    },
    Check {
        id: "many-ranges",
        title: "Hundreds of ranges don't make a file longer.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 17.15"),
        why: "A request of some bytes that gets megabytes is a weapon.",
        hint: "Ignore Range if its ranges overlap, or if there are many.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "the whole, the first byte and the last, 600 times each",
            run: many_ranges,
        },
    },
];

/// What there is to say of the unit, where there are ranges.
fn says_the_unit(exam: &Exam) -> Outcome {
    let part = exam.any_response_to(request("GET", "bytes=0-3").as_bytes())?.1;
    let (call, response) = exam.get()?;
    let field = response.field("Accept-Ranges");
    let unit = field.map_or("bytes", |field| &*field.value);
    match part.status != 206 || unit.eq_ignore_ascii_case("bytes") {
        true => Ok(()),
        false => {
            let at = field.map_or(0, |field| field.value_at);
            Err(call.wrong(&response, at, "ranges are sent, and are of bytes"))
        }
    }
}

/// Wants parts to come in the order of their ranges, each with its type.
fn parts_in_order(exam: &Exam) -> Outcome {
    let whole = whole(exam)?;
    let of_whole = whole.field("Content-Type").map(|field| &*field.value);
    let ranges = "bytes=40-49,0-4,20-29";
    let (call, response) =
        exam.any_response_to(request("GET", ranges).as_bytes())?;
    let type_field = response.field("Content-Type").map_or("", |it| &*it.value);
    let Some(boundary) = boundary(type_field) else { return Ok(()) };
    let body = String::from_utf8_lossy(&response.content).into_owned();
    let at = response.body.start;
    let mut firsts = Vec::new();
    for part in body.split(&format!("--{boundary}\r\n")).skip(1) {
        let head = part.split("\r\n\r\n").next().unwrap_or_default();
        let value = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(':'));
            let mut found = lines.filter(|it| it.0.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.trim().to_owned())
        };
        if value("Content-Type").as_deref() != of_whole {
            let what = "a part has the Content-Type that the whole has";
            return Err(call.wrong(&response, at, what));
        }
        let range = value("Content-Range").unwrap_or_default();
        let first = range.trim_start_matches("bytes ").split('-').next();
        firsts.extend(first.and_then(|it| it.parse::<usize>().ok()));
    }
    match firsts.len() < 3 || firsts == [40, 0, 20] {
        true => Ok(()),
        false => {
            let what = format!("parts that begin at {firsts:?}, not 40, 0 and 20");
            Err(call.wrong(&response, at, what))
        }
    }
}

/// Wants no more to come of many ranges than of none, or little more.
fn many_ranges(exam: &Exam) -> Outcome {
    let whole = whole(exam)?;
    for range in ["0-", "0-0", "-1"] {
        let ranges = format!("bytes={}", vec![range; 600].join(","));
        let (call, response) =
            exam.any_response_to(request("GET", &ranges).as_bytes())?;
        if response.content.len() > 4 * whole.content.len() {
            let what = format!(
                "{} bytes of {}, for 600 times {range}",
                response.content.len(),
                whole.content.len()
            );
            return Err(call.wrong(&response, response.body.start, what));
        }
    }
    Ok(())
}

/// The response to a GET of all of it.
fn whole(exam: &Exam) -> Outcome<Response> {
    exam.get().map(|(_, whole)| whole)
}

fn request(method: &str, range: &str) -> String {
    format!("{method} / HTTP/1.1\r\nHost: localhost\r\nRange: {range}\r\n\r\n")
}

const HUGE: &str = "99999999999999999999999999";

fn one_range<'a>(whole: &'a Response, draw: &mut Draw) -> Case<'a> {
    let length = whole.content.len();
    let last = length - 1;
    let (range, wanted) = match draw.below(25) {
        0 => ("0-0".to_owned(), Some(0..=0)),
        1 => ("0-".into(), Some(0..=last)),
        2 => ("-1".into(), Some(last..=last)),
        3 => ("4-9".into(), Some(4..=9)),
        4 => (format!("0-{last}"), Some(0..=last)),
        5 => (format!("0-{length}"), Some(0..=last)),
        6 => (format!("5-{}", length + 100), Some(5..=last)),
        7 => (format!("5-{HUGE}"), Some(5..=last)),
        8 => (format!("5-{}", u64::MAX), Some(5..=last)),
        9 => (format!("{last}-"), Some(last..=last)),
        10 => (format!("{last}-{last}"), Some(last..=last)),
        11 => (format!("{last}-{length}"), Some(last..=last)),
        12 => (format!("-{length}"), Some(0..=last)),
        13 => (format!("-{}", length + 1), Some(0..=last)),
        14 => (format!("-{HUGE}"), Some(0..=last)),
        15 => ("0005-0000000000000000000000007".into(), Some(5..=7)),
        16 => (format!("{length}-"), None),
        17 => (format!("{length}-{}", length + 5), None),
        18 => ("-0".into(), None),
        // Where integers end.
        19 => ("5-4294967301".into(), Some(5..=last)),
        20 => ("4294967296-".into(), None),
        21 => ("4294967301-4294967305".into(), None),
        22 => ("18446744073709551616-18446744073709551620".into(), None),
        23 => ("-4294967301".into(), Some(0..=last)),
        _ => (format!("{HUGE}-"), None),
    };
    let unit = draw.one(&["bytes=", "Bytes=", "BYTES="]);
    let request = request("GET", &format!("{unit}{range}"));
    match wanted {
        // That units differ not by case is not known to everyone.
        Some(wanted) if unit == "bytes=" => Case::new(request, &[206])
            .that(move |call, response| is_part(call, response, whole, &wanted)),
        Some(wanted) => {
            Case::new(request, &[206, 200]).that(move |call, response| {
                match response.status {
                    206 => is_part(call, response, whole, &wanted),
                    _ => Ok(()),
                }
            })
        }
        None if unit == "bytes=" => Case::new(request, &[416])
            .that(move |call, response| says_how_long(call, response, whole)),
        None => Case::new(request, &[416, 200]),
    }
}

/// Wants a 416 to say how long it is that nothing was asked of.
fn says_how_long(call: &Call, response: &Response, whole: &Response) -> Outcome {
    let field = call.field(response, "Content-Range")?;
    let length = format!("bytes */{}", whole.content.len());
    match field.value == length {
        true => Ok(()),
        false => {
            let what = format!("this is not {length}");
            Err(call.wrong(response, field.value_at, what))
        }
    }
}

/// Wants a 206 to be this part, and to say so.
pub(in crate::checks) fn is_part(
    call: &Call,
    response: &Response,
    whole: &Response,
    wanted: &RangeInclusive<usize>,
) -> Outcome {
    let (first, last) = (wanted.start(), wanted.end());
    let field = call.field(response, "Content-Range")?;
    if !says(&field.value, wanted, whole.content.len()) {
        let range = format!("bytes {first}-{last}/{}", whole.content.len());
        let what = format!("this is not {range}");
        return Err(call.wrong(response, field.value_at, what));
    }
    call.content(response, &whole.content[wanted.clone()])?;
    keeps(call, response, whole)
}

/// Whether a Content-Range says this, of so many bytes: an asterisk in their place is for
/// who does not know how many (RFC 9110 section 14.4).
pub(in crate::checks) fn says(
    content_range: &str,
    range: &RangeInclusive<usize>,
    length: usize,
) -> bool {
    let range = format!("bytes {}-{}/", range.start(), range.end());
    let said = content_range.strip_prefix(&range);
    said.is_some_and(|it| it == "*" || it == length.to_string())
}

fn no_range(draw: &mut Draw) -> Case<'static> {
    let range = draw.one(&[
        "lines=0-5",
        "byte=0-5",
        "bytesx=0-5",
        "xbytes=0-5",
        "0-5",
        "=0-5",
        "bytes 0-5",
        "bytes:0-5",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=--5",
        "bytes=5-4",
        "bytes=9-0",
        "bytes=a-b",
        "bytes=+0-5",
        "bytes=0-+5",
        "bytes=0x0-0x5",
        "bytes=0_0-5",
        "bytes=0-0_5",
        "bytes=0-5x",
        "bytes=x0-5",
        "bytes=0.0-5",
        "bytes=0-5-9",
        "bytes=0:5",
        "bytes=0..5",
        "bytes=0",
        "bytes=\u{660}-\u{665}",
        "bytes=0-\u{ff15}",
        "bytes=0-\u{b2}",
        "bytes=0 -5",
        "bytes=0- 5",
        "bytes=-+5",
        "bytes=-5-",
        "bytes=*",
        "bytes=0-*",
        "bytes=0-1,5-4",
        "bytes=0-1,x",
        "bytes=x,0-1",
        "bytes=0-1;2-3",
        "bytes=0-1 2-3",
        "bytes=\"0-1\"",
        "none",
        "none=0-5",
        "bytes=1e0-5",
        "bytes =0-5",
        "bytes\t=0-5",
        "bytes=0-4\r\nRange: bytes=0-4",
        "bytes=0-4\r\nRange: bytes=6-8",
        "bytes=0-4\r\nRange: x",
    ]);
    Case::new(request("GET", range), &[200])
}

fn other_method(draw: &mut Draw) -> Case<'static> {
    let range = draw.one(&["bytes=4-9", "bytes=0-0,2-2", "bytes=99999999-", "x"]);
    let request = match draw.below(3) {
        0 => request("HEAD", range),
        1 => format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\
             Range: {range}\r\n\r\nhello world"
        ),
        _ => request("OPTIONS", range),
    };
    Case::new(request, &[200, 204])
}

fn several<'a>(whole: &'a Response, draw: &mut Draw) -> Case<'a> {
    let length = whole.content.len();
    let one = draw.one(&["0-0", "4-9", "-5", "10-"]);
    let other = draw.one(&["20-29", "2-2", "0-5", "-1", "NOTHING", "-0"]);
    let comma = draw.one(&[",", ", ", " , ", ",,", ",\t, "]);
    let third = draw.one(&["", "40-49"]);
    let mut ranges =
        vec![one.to_owned(), other.replace("NOTHING", &format!("{length}-"))];
    ranges.extend((!third.is_empty()).then(|| third.to_owned()));
    let mut range = format!("bytes={}", ranges.join(comma));
    let tag = whole.field("ETag").map(|field| &*field.value);
    let tag = tag.filter(|it| !it.starts_with("W/"));
    let tag = tag.filter(|_| draw.below(3) == 2);
    if let Some(tag) = tag {
        range += &format!("\r\nIf-Range: {tag}");
    }
    Case::new(request("GET", &range), &[206, 200]).that(move |call, response| {
        match response.status {
            206 => {
                are_parts(call, response, whole)?;
                // Who has sent If-Range has the date already.
                if tag.is_none() {
                    keeps_its_date(call, response, whole)
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    })
}

/// Wants a 206 to say when the whole was changed, if the whole does (RFC 9110 section
/// 15.3.7: to who has not sent If-Range, it says of it all that a 200 does).
fn keeps_its_date(call: &Call, response: &Response, whole: &Response) -> Outcome {
    let Some(field) = whole.field("Last-Modified") else { return Ok(()) };
    let found = call.field(response, "Last-Modified")?;
    match found.value == field.value {
        true => Ok(()),
        false => {
            let what = format!("the 200 has Last-Modified: {}", field.value);
            Err(call.wrong(response, found.value_at, what))
        }
    }
}

/// Wants a 206 to be made of parts of the whole.
pub(in crate::checks) fn are_parts(
    call: &Call,
    response: &Response,
    whole: &Response,
) -> Outcome {
    keeps(call, response, whole)?;
    let of_type = match response.field("Content-Type") {
        // Who has sent If-Range has it already, of one part.
        None if response.field("Content-Range").is_some() => "",
        _ => &call.field(response, "Content-Type")?.value,
    };
    let Some(boundary) = boundary(of_type) else {
        // Those that are near each other, or alone left, may come as one.
        let field = call.field(response, "Content-Range")?;
        return match is_piece(&field.value, &response.content, whole) {
            true => Ok(()),
            false => {
                let what = "this is not the part that was sent";
                Err(call.wrong(response, field.value_at, what))
            }
        };
    };
    if let Some(field) = response.field("Content-Range") {
        let what = "a 206 of several parts has no Content-Range of its own";
        return Err(call.wrong(response, field.at, what));
    }
    parts(&response.content, &boundary, whole).map_err(|(at, what)| {
        let at = if response.is_chunked() { 0 } else { at };
        call.wrong(response, response.body.start + at, what)
    })
}

/// The boundary of a multipart type, if it is one.
pub(in crate::checks) fn boundary(media_type: &str) -> Option<String> {
    let rest = media_type.to_ascii_lowercase();
    let rest = rest.strip_prefix("multipart/byteranges")?;
    let at = media_type.len() - rest.len() + rest.find("boundary=")? + 9;
    let value = media_type[at..].split(';').next().unwrap_or_default();
    Some(value.trim().trim_matches('"').to_owned())
}

/// Wants parts, each of which is what it says (RFC 2046 section 5.1.1); or says where one
/// is not.
fn parts(
    body: &[u8],
    boundary: &str,
    whole: &Response,
) -> Result<(), (usize, String)> {
    let line = format!("--{boundary}");
    let find = |from: usize, what: &[u8]| {
        let rest = body.get(from..).unwrap_or_default();
        rest.windows(what.len()).position(|it| it == what).map(|at| from + at)
    };
    let wrong = |at: usize, what: &str| Err((at, what.to_owned()));
    let Some(mut at) = find(0, line.as_bytes()) else {
        return wrong(0, "no part begins with the boundary");
    };
    let (mut count, next) = (0, format!("\r\n{line}"));
    loop {
        at += line.len();
        match body.get(at..at + 2) {
            Some(b"--") if count > 0 => return Ok(()),
            Some(b"\r\n") => at += 2,
            _ => {
                return wrong(
                    at,
                    "a boundary is followed by CRLF, or the end by --",
                );
            }
        }
        let Some(data) = find(at, b"\r\n\r\n") else {
            return wrong(at, "a part has no end to its head");
        };
        let head = String::from_utf8_lossy(&body[at..data]).into_owned();
        let Some(end) = find(data + 4, next.as_bytes()) else {
            return wrong(data + 4, "behind this part there is no boundary");
        };
        let range = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("Content-Range")
                .then(|| value.trim().to_owned())
        });
        match range {
            None => return wrong(at, "this part has no Content-Range"),
            Some(range) if !is_piece(&range, &body[data + 4..end], whole) => {
                return wrong(data + 4, "this is not the part that its head says");
            }
            Some(_) => {}
        }
        count += 1;
        at = end + 2;
    }
}

/// Whether bytes are the part of the whole that a Content-Range says they are.
fn is_piece(range: &str, bytes: &[u8], whole: &Response) -> bool {
    let text = range.strip_prefix("bytes ").unwrap_or_default();
    let Some((text, _)) = text.split_once('/') else { return false };
    let Some((first, last)) = text.split_once('-') else { return false };
    let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>())
    else {
        return false;
    };
    says(range, &(first..=last), whole.content.len())
        && first <= last
        && whole.content.get(first..=last) == Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{boundary, is_piece};

    #[test]
    fn a_boundary_is_read_with_quotes_and_without() {
        let read = |text| boundary(text).unwrap_or_default();
        assert_eq!(read("multipart/byteranges; boundary=Ab"), "Ab");
        assert_eq!(read("Multipart/ByteRanges;boundary=\"a b\"; x=y"), "a b");
        assert_eq!(boundary("text/plain"), None);
    }

    #[test]
    fn a_piece_is_what_it_says() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let whole = crate::response::parse(response, "GET", true);
        let whole = whole.expect("a response").expect("all of it");
        assert!(is_piece("bytes 1-2/5", b"el", &whole));
        assert!(!is_piece("bytes 1-2/5", b"ell", &whole));
        assert!(is_piece("bytes 1-2/*", b"el", &whole));
        assert!(!is_piece("bytes 1-2/6", b"el", &whole));
        assert!(!is_piece("bytes 2-1/5", b"", &whole));
    }
}
