//! Conditions: each alone, and in its order with every other; and dates.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::{fmt_http_date, parse_http_date};

use crate::check::Check;
use crate::check::Exam;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Must;
use crate::draw::Draw;
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part6;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "conditions-in-order",
        title: "Conditions are looked at in their order, with ranges last.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.2.2"),
        why: "Where there are two, one of them decides, and everybody has to agree on \
            which.",
        hint: "If-Match, or else If-Unmodified-Since; If-None-Match, or else \
            If-Modified-Since; and then If-Range, for a GET with a Range.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "the five conditions with what holds and what does not, each alone \
                and with all others, and with a range",
            run: |exam| {
                let known = Known::of(exam)?;
                sweep(exam, |draw| conditions(&known, draw))?;
                sweep(exam, |draw| odd_tags(&known, draw))?;
                sweep(exam, |draw| tags_of_any_bytes(&known, draw))
            },
        },
    },
    Check {
        id: "dates-in-three-forms",
        title: "A date is read in each of its three forms.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 5.6.7"),
        why: "Old clients write the old ones, and a recipient must read all three.",
        hint: "Mon, 27 Jul 1987; Monday, 27-Jul-87; Mon Jul 27 1987. Of the second's \
            year, what would be more than 50 years ahead is past.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "If-Modified-Since and If-Unmodified-Since in each form",
            run: |exam| {
                let known = Known::with_a_date(exam)?;
                sweep(exam, |draw| an_old_date(&known, draw))?;
                sweep(exam, |draw| a_date(&known, draw))
            },
        },
    },
    Check {
        id: "dates-in-no-other-form",
        title: "What is no date is no condition.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 13.1.3 and 13.1.4"),
        why: "A recipient must ignore the field, and not guess.",
        hint: "Libraries that read dates of mail read more than three forms.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "dates with another zone, order, case or length",
            run: |exam| {
                let known = Known::with_a_date(exam)?;
                sweep(exam, |draw| no_date(&known, draw))
            },
        },
    },
    Check {
        id: "conditions-of-no-other-method",
        title: "Where nothing is fetched, no condition has a say.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.2.1"),
        why: "What would be refused anyway is refused for that; and what does not \
            select a representation has none to compare.",
        hint: "Look at the conditions last, when it would be a 200.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "POST, PUT, DELETE, OPTIONS and BREW, each with each condition",
            run: |exam| {
                let known = Known::of(exam)?;
                sweep(exam, |draw| no_condition(&known, draw))
            },
        },
    },
    Check {
        id: "304-says-what-it-must",
        title: "A 304 has the fields that it must have, and no content.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 15.4.5 and 8.6"),
        why: "The client keeps its copy up to date by them.",
        hint: "ETag, Date, Vary, Cache-Control, Expires, Content-Location, as in the \
            200. A Content-Length, if there is one, is the 200's too.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "GET and HEAD of what has not changed, by tag and by date; then a \
                GET",
            run: |exam| {
                let known = Known::of(exam)?;
                sweep(exam, |draw| not_modified(&known, draw))
            },
        },
    },
];

/// Fields that a 304 and a 206 have as the 200 has them (RFC 9110 sections 15.3.7 and
/// 15.4.5).
const KEPT: [&str; 5] =
    ["ETag", "Vary", "Cache-Control", "Expires", "Content-Location"];

/// Wants a response to have the fields that another says as it does.
pub(in crate::checks) fn keeps(
    call: &Call,
    response: &Response,
    of: &Response,
) -> Outcome {
    call.field(response, "Date")?;
    for name in KEPT {
        let Some(field) = of.field(name) else { continue };
        let found = call.field(response, name)?;
        if found.value != field.value {
            let what = format!("the 200 has {name}: {}", field.value);
            return Err(call.wrong(response, found.value_at, what));
        }
    }
    Ok(())
}

/// An entity tag of something else.
const ANOTHER: &str = "\"another\"";

/// What is known of what is served.
struct Known {
    whole: Response,
    /// Its entity tag, if it has one (RFC 9110 section 8.8.3: it should).
    tag: Option<String>,
    /// When it was modified, if it says so (RFC 9110 section 8.8.2.1: it should).
    modified: Option<SystemTime>,
    /// Whether If-Modified-Since is ever answered with 304 (RFC 9110 section 13.1.3: it
    /// should be).
    heeds_modified_since: bool,
}

impl Known {
    fn of(exam: &Exam) -> Outcome<Known> {
        let (call, whole) = exam.get()?;
        let tag = whole.field("ETag").map(|field| field.value.clone());
        let modified = match whole.field("Last-Modified") {
            Some(field) => Some(parse_http_date(&field.value).map_err(|_| {
                call.wrong(&whole, field.value_at, "this is no HTTP-date")
            })?),
            None => None,
        };
        let mut known = Known { whole, tag, modified, heeds_modified_since: false };
        for when in [When::Then, When::After] {
            let field = dated("If-Modified-Since", known.when(when));
            let (call, response) =
                exam.any_response_to(get("GET", &field).as_bytes())?;
            exam.line.forget(&call);
            known.heeds_modified_since |= response.status == 304;
        }
        Ok(known)
    }

    /// The same, for what is about dates alone.
    fn with_a_date(exam: &Exam) -> Outcome<Known> {
        let known = Known::of(exam)?;
        match known.modified {
            Some(_) => Ok(known),
            None => Err(Failure::skip("there is no Last-Modified to compare with")),
        }
    }

    /// How If-Modified-Since is answered where nothing has been.
    fn not_modified(&self) -> u16 {
        if self.heeds_modified_since { 304 } else { 200 }
    }

    /// Its tag, or another if it has none.
    fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or(ANOTHER)
    }

    /// Whether it has one that tells each state from any other.
    fn is_strong(&self) -> bool {
        self.tag.as_deref().is_some_and(|tag| !tag.starts_with("W/"))
    }

    /// When it was changed, or a day before; or the next day that has one digit, which
    /// the three forms write each in its own way. None if nobody knows when it was changed.
    fn when(&self, when: When) -> Option<SystemTime> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        self.modified.map(|modified| match when {
            When::Then => modified,
            When::Before => modified - DAY,
            When::After => {
                let days = (1..=31).map(|it| modified + it * DAY);
                let mut of_one_digit =
                    days.filter(|it| fmt_http_date(*it).get(5..6) == Some("0"));
                of_one_digit.next().unwrap_or(modified + DAY)
            }
        })
    }
}

/// A moment, by the change that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Then,
    Before,
    After,
}

/// A value of If-Match or If-None-Match, and what it matches.
fn tags(known: &Known, draw: &mut Draw) -> Tags {
    let pick = draw.below(17);
    let (tag, is_there) = (known.tag(), known.tag.is_some());
    let is_strong = known.is_strong();
    let opaque = tag.trim_start_matches("W/");
    let name = opaque.trim_matches('"');
    let upper = format!("\"{}\"", name.to_uppercase());
    let is_upper = is_there && upper == opaque;
    let shorter = name.get(..name.len().saturating_sub(1)).unwrap_or_default();
    let (text, strongly, weakly) = match pick {
        0 => return Tags::None,
        1 => (tag.to_owned(), is_strong, is_there),
        2 => (ANOTHER.to_owned(), false, false),
        3 => ("*".into(), true, true),
        4 => (format!("W/{opaque}"), false, is_there),
        5 => (format!("\"x\", {tag}"), is_strong, is_there),
        6 => (format!("{tag},\"x\""), is_strong, is_there),
        7 => (format!("\"x,y\", W/\"z\" ,\t{tag}"), is_strong, is_there),
        8 => (format!("\"x\", W/{opaque}"), false, is_there),
        9 => (name.to_uppercase(), false, false),
        10 => (upper, is_upper && is_strong, is_upper),
        11 => ("\"*\"".into(), false, false),
        12 => (format!("\"{shorter}\""), false, false),
        16 => (format!("w/\"{name}\""), false, false),
        13 => (format!("\"{name}x\", \"x{name}\""), false, false),
        // Of several lines, each has its say.
        14 => (format!("\"x\"\r\nNAME: {tag}"), is_strong, is_there),
        _ => (format!("{tag}\r\nNAME: \"x\""), is_strong, is_there),
    };
    Tags::Some { text, strongly, weakly }
}

/// Entity tags in a condition, if there is one.
enum Tags {
    None,
    Some { text: String, strongly: bool, weakly: bool },
}

impl Tags {
    fn line(&self, name: &str) -> String {
        match self {
            Tags::None => String::new(),
            Tags::Some { text, .. } => {
                format!("{name}: {}\r\n", text.replace("NAME", name))
            }
        }
    }
}

fn conditions(known: &Known, draw: &mut Draw) -> Case<'static> {
    let method = draw.one(&["GET", "HEAD"]);
    let matches = tags(known, draw);
    let none_match = tags(known, draw);
    const WHENS: &[Option<When>] =
        &[None, Some(When::Then), Some(When::Before), Some(When::After)];
    let (unmodified, modified) = (draw.one(WHENS), draw.one(WHENS));
    let unmodified = unmodified.filter(|_| known.modified.is_some());
    let modified = modified.filter(|_| known.heeds_modified_since);
    let range = draw.below(2) == 0;
    let opaque = known.tag().trim_start_matches("W/");
    let (if_range, range_holds) = match draw.below(12) {
        0 => (String::new(), true),
        1 => (format!("If-Range: {}\r\n", known.tag()), known.is_strong()),
        2 => ("If-Range: \"another\"\r\n".into(), false),
        3 => (format!("If-Range: W/{opaque}\r\n"), false),
        4 if known.modified.is_some() => {
            (dated("If-Range", known.when(When::Before)), false)
        }
        5 if known.modified.is_some() => {
            (dated("If-Range", known.when(When::After)), false)
        }
        // None of these is a tag, or a date.
        6 => ("If-Range: *\r\n".into(), false),
        7 => (format!("If-Range: {}, \"x\"\r\n", known.tag()), false),
        8 => (format!("If-Range: {}\r\n", opaque.trim_matches('"')), false),
        9 => ("If-Range: 554342400\r\n".into(), false),
        10 => ("If-Range: yesterday\r\n".into(), false),
        _ => ("If-Range:\r\n".into(), false),
    };
    let fields = [
        if_range,
        if range { "Range: bytes=0-3\r\n".into() } else { String::new() },
        dated("If-Modified-Since", modified.and_then(|it| known.when(it))),
        none_match.line("If-None-Match"),
        dated("If-Unmodified-Since", unmodified.and_then(|it| known.when(it))),
        matches.line("If-Match"),
    ];
    let expected = match (&matches, &none_match) {
        (Tags::Some { strongly: false, .. }, _) => 412,
        (Tags::None, _) if unmodified == Some(When::Before) => 412,
        (_, Tags::Some { weakly: true, .. }) => 304,
        (_, Tags::None) if matches!(modified, Some(When::Then | When::After)) => {
            304
        }
        _ if range && range_holds && method == "GET" => 206,
        _ => 200,
    };
    // A Range may always be ignored (RFC 9110 section 14.2).
    let statuses: &[u16] = match expected {
        206 => &[206, 200],
        412 => &[412],
        304 => &[304],
        _ => &[200],
    };
    Case::new(get(method, &fields.concat()), statuses)
}

/// Tags that may be empty, in lists that may have empty elements (RFC 9110 sections 8.8.3
/// and 5.6.1.2); and what is near a tag, and none.
fn odd_tags(known: &Known, draw: &mut Draw) -> Case<'static> {
    const LISTS: &[(&str, bool)] = &[
        ("\"\", TAG", true),
        ("TAG, \"\"", true),
        (",, TAG , ,", true),
        ("\"\"", false),
        ("W/\"\", \"!#[]~\", TAG", true),
        ("\"\u{e9}\", TAG", true),
    ];
    const NO_TAGS: &[&str] = &[
        "TAGX",
        "XTAG",
        "\"\"",
        "TAG TAG",
        "TAG;x",
        "(TAG)",
        // It is one, on one line.
        "\"x\"\r\nIf-Range: \"y\"",
        "\"x\"\r\nIf-Range: TAG",
    ];
    let tag = known.tag();
    let method = draw.one(&["GET", "HEAD"]);
    let (fields, expected) = match draw.below(3) {
        0 => {
            let (list, has_it) = draw.one(LISTS);
            let is_known = has_it && known.tag.is_some();
            let fields = format!("If-None-Match: {}\r\n", list.replace("TAG", tag));
            (fields, if is_known { 304 } else { 200 })
        }
        1 => {
            let (list, has_it) = draw.one(LISTS);
            let fields = format!("If-Match: {}\r\n", list.replace("TAG", tag));
            (fields, if has_it && known.is_strong() { 200 } else { 412 })
        }
        _ => {
            let value = draw.one(NO_TAGS).replace("TAG", tag);
            (format!("If-Range: {value}\r\nRange: bytes=0-3\r\n"), 200)
        }
    };
    Case::new(get(method, &fields), &[expected])
}

/// Tags that have another's within them, and lists in which there are any bytes before the
/// one that counts: what is in a tag has no meaning, backslashes and commas neither.
fn tags_of_any_bytes(known: &Known, draw: &mut Draw) -> Case<'static> {
    // Of letters and digits one is as good as another, and of what is no ASCII.
    let marks =
        (b'!'..=b'~').filter(|it| !it.is_ascii_alphanumeric() && *it != b'"');
    let bytes = marks.chain([b'x', 0x80, 0xa0, 0xff]).map(|byte| vec![byte]);
    let within: Vec<Vec<u8>> =
        [b"W/".to_vec(), b"\\\\".to_vec()].into_iter().chain(bytes).collect();
    let within = &within[draw.below(within.len())];
    let tag = known.tag().as_bytes();
    let opaque = known.tag().trim_start_matches("W/").trim_matches('"').as_bytes();
    let quoted = |parts: &[&[u8]]| [b"\"", &parts.concat()[..], b"\""].concat();
    let (list, has_it) = match draw.below(4) {
        0 => ([&quoted(&[b"a", within, b"b"]), &b", "[..], tag].concat(), true),
        1 => ([&quoted(&[b"a", within]), &b", "[..], tag].concat(), true),
        2 => (quoted(&[within, opaque]), false),
        _ => (quoted(&[opaque, within]), false),
    };
    let (name, status) = match draw.below(2) {
        0 if has_it && known.tag.is_some() => ("If-None-Match", 304),
        0 => ("If-None-Match", 200),
        _ if has_it && known.is_strong() => ("If-Match", 200),
        _ => ("If-Match", 412),
    };
    let request = ["GET / HTTP/1.1\r\nHost: localhost\r\n", name, ": "].concat();
    Case::new([request.as_bytes(), &list, b"\r\n\r\n"].concat(), &[status])
}

/// A request with these lines of fields.
fn get(method: &str, fields: &str) -> String {
    format!("{method} / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A field that is a date, if there is one.
fn dated(name: &str, date: Option<SystemTime>) -> String {
    date.map_or(String::new(), |date| {
        format!("{name}: {}\r\n", fmt_http_date(date))
    })
}

/// A date's parts, as text.
struct Parts {
    weekday: String,
    day: String,
    month: String,
    year: String,
    time: String,
}

impl Parts {
    fn of(date: SystemTime) -> Parts {
        let text = fmt_http_date(date);
        let part = |at: std::ops::Range<usize>| text[at].to_owned();
        Parts {
            weekday: part(0..3),
            day: part(5..7),
            month: part(8..11),
            year: part(12..16),
            time: part(17..25),
        }
    }

    fn long_weekday(&self) -> &'static str {
        const DAYS: [&str; 7] = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        DAYS.into_iter().find(|day| day.starts_with(&self.weekday)).unwrap_or("")
    }
}

/// A condition about a date, written so, and what it comes to.
fn by_date(
    draw: &mut Draw,
    known: &Known,
    write: impl Fn(&Parts) -> String,
) -> Case<'static> {
    let (name, when, status) = draw.one(&[
        ("If-Modified-Since", When::After, known.not_modified()),
        ("If-Modified-Since", When::Then, known.not_modified()),
        ("If-Modified-Since", When::Before, 200),
        ("If-Unmodified-Since", When::Before, 412),
        ("If-Unmodified-Since", When::Then, 200),
        ("If-Unmodified-Since", When::After, 200),
    ]);
    let date =
        known.when(when).map_or_else(String::new, |it| write(&Parts::of(it)));
    let method = draw.one(&["GET", "HEAD"]);
    Case::new(get(method, &format!("{name}: {date}\r\n")), &[status])
}

fn a_date(known: &Known, draw: &mut Draw) -> Case<'static> {
    let form = draw.below(3);
    by_date(draw, known, |it| {
        let Parts { weekday, day, month, year, time } = it;
        match form {
            0 => format!("{weekday}, {day} {month} {year} {time} GMT"),
            1 => format!(
                "{}, {day}-{month}-{} {time} GMT",
                it.long_weekday(),
                &year[2..]
            ),
            _ => {
                let day = day.trim_start_matches('0');
                format!("{weekday} {month} {day:>2} {time} {year}")
            }
        }
    })
}

/// Dates that were long ago: of two digits, what would be more than 50 years ahead.
fn an_old_date(known: &Known, draw: &mut Draw) -> Case<'static> {
    let (date, seconds) = draw.one(&[
        ("Sunday, 26-Jul-87 00:00:00 GMT", 554256000),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Friday, 31-Dec-99 23:59:59 GMT", 946684799),
        ("Saturday, 01-Jan-00 00:00:00 GMT", 946684800),
    ]);
    let method = draw.one(&["GET", "HEAD"]);
    let since = format!("If-Modified-Since: {date}\r\n");
    let date = UNIX_EPOCH + Duration::from_secs(seconds);
    let is_later = known.modified.is_some_and(|modified| modified > date);
    let status = if is_later { 200 } else { known.not_modified() };
    Case::new(get(method, &since), &[status])
}

/// A verb that is not there, or does nothing, for which conditions say nothing.
fn no_condition(known: &Known, draw: &mut Draw) -> Case<'static> {
    let request = draw.one(&["POST /", "PUT /", "DELETE /", "BREW /", "OPTIONS /"]);
    let field = match draw.below(7) {
        0 => format!("If-None-Match: {}\r\n", known.tag()),
        1 => "If-None-Match: *\r\n".into(),
        2 => "If-Match: \"another\"\r\n".into(),
        3 => format!("If-Match: {}\r\n", known.tag()),
        4 => dated("If-Modified-Since", known.when(When::After)),
        5 => dated("If-Unmodified-Since", known.when(When::Before)),
        _ => "If-Range: \"another\"\r\nRange: bytes=0-3\r\n".into(),
    };
    // Which of them it is without a condition, is asked elsewhere.
    let statuses: &[u16] = match request {
        "OPTIONS /" => &[200, 204, 403, 405, 501],
        _ => &[405, 501, 400, 403],
    };
    let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n");
    Case::new(request, statuses)
}

fn no_date(known: &Known, draw: &mut Draw) -> Case<'static> {
    let form = draw.below(27);
    let (name, when) = draw.one(&[
        ("If-Modified-Since", When::After),
        ("If-Modified-Since", When::Then),
        ("If-Unmodified-Since", When::Before),
    ]);
    let date = known.when(when).unwrap_or(UNIX_EPOCH);
    let seconds = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let it = Parts::of(date);
    let Parts { weekday, day, month, year, time } = &it;
    let whole = fmt_http_date(date);
    let short_year = &year[2..];
    let number = MONTHS.iter().position(|it| it == month).unwrap_or_default() + 1;
    let text = match form {
        0 => format!("{day} {month} {year} {time} GMT"),
        1 => format!("{weekday}, {day} {month} {year} {time} UTC"),
        2 => format!("{weekday}, {day} {month} {year} {time} +0000"),
        3 => format!("{weekday}, {day} {month} {year} {time}"),
        4 => format!("{weekday}, {day} {month} {year} {time} EST"),
        5 => format!("{weekday}, {day} {month} {year} {time} GMT+1"),
        6 => format!("{year}-{number:02}-{day}T{time}Z"),
        7 => format!("{year}-{number:02}-{day} {time}"),
        8 => seconds.as_secs().to_string(),
        9 => whole.to_lowercase(),
        10 => whole.to_uppercase(),
        11 => whole.replace(' ', "  "),
        12 => whole.replace(',', ""),
        13 => format!("{weekday}, {day} {month} {short_year} {time} GMT"),
        14 => format!("{weekday}, {day}-{month}-{year} {time} GMT"),
        15 => format!("{}, {day} {month} {year} {time} GMT", it.long_weekday()),
        16 => format!("{weekday}, {day} {month} {year} {} GMT", &time[..5]),
        17 => format!("\"{whole}\""),
        18 => format!("{whole}; length=5"),
        19 => format!("{whole} x"),
        20 => format!("{day}/{number:02}/{year} {time}"),
        21 => format!("{weekday}, {month} {day} {year} {time} GMT"),
        22 => format!("{weekday}, {day} {month} {year} {time}Z"),
        // It has one member, on one line.
        23 => format!("{whole}, {whole}"),
        24 => format!("{whole}\r\n{name}: {whole}"),
        25 => format!("{whole}\r\n{name}: x"),
        _ => "0".to_owned(),
    };
    let method = draw.one(&["GET", "HEAD"]);
    Case::new(get(method, &format!("{name}: {text}\r\n")), &[200])
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec",
];

fn not_modified<'a>(known: &'a Known, draw: &mut Draw) -> Case<'a> {
    let method = draw.one(&["GET", "HEAD"]);
    let field = match (draw.below(3), &known.tag) {
        (0, Some(tag)) => format!("If-None-Match: {tag}\r\n"),
        (2, _) if known.heeds_modified_since => {
            dated("If-Modified-Since", known.modified)
        }
        _ => "If-None-Match: *\r\n".to_owned(),
    };
    let request = get(method, &field) + &get("GET", "");
    Case::new(request, &[304])
        .that(move |call, response| {
            keeps(call, response, &known.whole)?;
            match response.field("Content-Length") {
                Some(field)
                    if field.value != known.whole.content.len().to_string() =>
                {
                    let what = "a 304 says no length but the 200's";
                    Err(call.wrong(response, field.at, what))
                }
                _ => Ok(()),
            }
        })
        .then(&[200])
}
