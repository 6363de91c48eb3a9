//! If-Match and its kind (RFC 9110 section 13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Switch;
use super::head::{Head, trim};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Proceed,
    NotModified,
    Failed,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Match,
    UnmodifiedSince,
    NoneMatch,
    ModifiedSince,
}

impl Step {
    fn field(self) -> &'static str {
        match self {
            Step::Match => "if-match",
            Step::UnmodifiedSince => "if-unmodified-since",
            Step::NoneMatch => "if-none-match",
            Step::ModifiedSince => "if-modified-since",
        }
    }
}

/// The conditions in the order of section 13.2.2.
pub fn evaluate(
    head: &Head,
    tag: &str,
    modified: Option<u64>,
    s: Switch,
) -> Outcome {
    use Step::*;
    let order = match s {
        _ if s.is("none-match-before-match") => {
            [NoneMatch, ModifiedSince, Match, UnmodifiedSince]
        }
        _ if s.is("modified-since-first") => {
            [ModifiedSince, Match, UnmodifiedSince, NoneMatch]
        }
        _ if s.is("none-match-before-unmodified") => {
            [Match, NoneMatch, UnmodifiedSince, ModifiedSince]
        }
        _ if s.is("modified-before-unmodified") => {
            [Match, ModifiedSince, UnmodifiedSince, NoneMatch]
        }
        _ => [Match, UnmodifiedSince, NoneMatch, ModifiedSince],
    };
    if s.is("one-condition-is-enough") {
        let asked = order.into_iter().find(|step| head.has(step.field()));
        let done = asked.map(|step| outcome(step, head, tag, modified, s));
        return done.unwrap_or(Outcome::Proceed);
    }
    let outcomes = order.map(|step| outcome(step, head, tag, modified, s));
    let done = outcomes.into_iter().find(|o| *o != Outcome::Proceed);
    if s.is("both-must-say-304")
        && head.has("if-none-match")
        && head.has("if-modified-since")
        && done == Some(Outcome::NotModified)
    {
        let is_old = since(head, "if-modified-since", modified, s) == Some(false);
        return if is_old { Outcome::NotModified } else { Outcome::Proceed };
    }
    done.unwrap_or(Outcome::Proceed)
}

fn outcome(
    step: Step,
    head: &Head,
    tag: &str,
    modified: Option<u64>,
    s: Switch,
) -> Outcome {
    let reads = matches!(head.method.as_str(), "GET" | "HEAD");
    match step {
        Step::Match if s.is("no-if-match") => Outcome::Proceed,
        Step::Match => match matches(head, "if-match", tag, Compare::Strong, s) {
            Some(false) => Outcome::Failed,
            _ => Outcome::Proceed,
        },
        Step::UnmodifiedSince if s.is("no-if-unmodified-since") => Outcome::Proceed,
        Step::UnmodifiedSince => {
            let overruled =
                head.has("if-match") && !s.is("unmodified-since-beside-match");
            let is_newer = since(head, "if-unmodified-since", modified, s);
            let equal = s.is("unmodified-since-is-before")
                && date(head, "if-unmodified-since", s) == modified;
            match !overruled
                && (is_newer == Some(true) || (equal && modified.is_some()))
            {
                true => Outcome::Failed,
                false => Outcome::Proceed,
            }
        }
        Step::NoneMatch if s.is("no-if-none-match") => Outcome::Proceed,
        Step::NoneMatch => {
            match matches(head, "if-none-match", tag, Compare::Weak, s) {
                Some(matched) if reads && s.is("none-match-inverted") => {
                    match matched {
                        true => Outcome::Proceed,
                        false => Outcome::NotModified,
                    }
                }
                Some(true) if reads && s.is("none-match-is-412") => Outcome::Failed,
                Some(true)
                    if head.method == "HEAD"
                        && s.is("none-match-of-head-is-412") =>
                {
                    Outcome::Failed
                }
                Some(true) if reads => Outcome::NotModified,
                Some(true) => Outcome::Failed,
                _ => Outcome::Proceed,
            }
        }
        Step::ModifiedSince if s.is("no-if-modified-since") => Outcome::Proceed,
        Step::ModifiedSince => {
            let overruled = head.has("if-none-match")
                && !s.is("modified-since-beside-none-match");
            match reads
                && !overruled
                && since(head, "if-modified-since", modified, s) == Some(false)
            {
                true => Outcome::NotModified,
                false => Outcome::Proceed,
            }
        }
    }
}

/// Whether it was modified after the date in a field. Nothing if there is no date.
fn since(
    head: &Head,
    name: &str,
    modified: Option<u64>,
    s: Switch,
) -> Option<bool> {
    let modified = modified?;
    if s.is("dates-compared-as-text") {
        let ours = super::reply::imf(UNIX_EPOCH + Duration::from_secs(modified));
        return head.one(name).map(|theirs| ours.as_bytes() > theirs);
    }
    let Some(date) = date(head, name, s) else {
        let there = head.has(name);
        return match s {
            _ if s.is("a-bad-date-is-1970") && there => Some(true),
            _ if s.is("a-bad-date-is-now") && there => Some(false),
            _ => None,
        };
    };
    Some(match s {
        _ if s.is("dates-must-be-equal") => modified != date,
        _ if s.is("dates-the-other-way-round") => modified < date,
        _ if s.is("later-or-equal") => modified >= date,
        _ => modified > date,
    })
}

/// A date in one of its three forms, in seconds since 1970.
pub fn date(head: &Head, name: &str, s: Switch) -> Option<u64> {
    let value = match s.is("first-date-counts") {
        true => head.all(name).next()?.to_vec(),
        false => head.one(name)?.to_vec(),
    };
    let text = String::from_utf8(value).ok()?;
    let text = text.as_str();
    let is_rfc850 = text.contains("day, ") && text.contains('-');
    let is_asctime = !text.contains(',');
    if (is_rfc850 && s.is("no-rfc850-dates"))
        || (is_asctime && s.is("no-asctime-dates"))
        || (is_asctime
            && s.is("asctime-split-at-each-space")
            && text.contains("  "))
        || ((is_asctime || is_rfc850) && s.is("imf-dates-alone"))
    {
        return None;
    }
    if s.is("dates-in-any-case") {
        let words = ["GMT", "Mon", "Tue", "Sun", "Jul", "Nov"];
        let lower = text.to_ascii_lowercase();
        let proper = words.iter().fold(lower, |text, word| {
            text.replace(&word.to_ascii_lowercase(), word)
        });
        return parsed(&proper);
    }
    if s.is("dates-as-seconds")
        && let Ok(seconds) = text.parse()
    {
        return Some(seconds);
    }
    if s.is("iso-dates")
        && let Some(rest) = text.strip_suffix('Z')
    {
        let (day, clock) = rest.split_once('T')?;
        let parts: Vec<&str> = day.split('-').collect();
        let [year, month, day] = parts[..] else { return None };
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        // The day of the week that goes with it.
        return WEEKDAYS.iter().find_map(|weekday| {
            parsed(&format!("{weekday}, {day} {month} {year} {clock} GMT"))
        });
    }
    if s.is("dates-with-any-zone") {
        let zones = [" +0000", " UTC", " +0100", " EST", " Z"];
        if let Some(zone) = zones.iter().find(|zone| text.ends_with(**zone)) {
            return parsed(&text.replace(zone, " GMT"));
        }
    }
    if s.is("zone-is-not-looked-at") && text.len() > 26 {
        let (time, _) = text.rsplit_once(' ')?;
        return parsed(&format!("{time} GMT"));
    }
    if is_rfc850 && s.is("rfc850-always-19xx") {
        return parsed(text).map(|seconds| match seconds {
            // 2000 and later
            946_684_800.. => seconds - 3_155_760_000_u64.min(seconds),
            seconds => seconds,
        });
    }
    if is_rfc850 && s.is("rfc850-always-20xx") {
        return parsed(text).map(|seconds| match seconds {
            0..946_684_800 => seconds + 3_155_760_000,
            seconds => seconds,
        });
    }
    if is_rfc850 && s.is("years-up-to-fifty-ahead") {
        const CENTURY: u64 = 3_155_760_000;
        let in_50_years = SystemTime::now() + Duration::from_secs(CENTURY / 2);
        let in_50_years = in_50_years.duration_since(UNIX_EPOCH).ok()?.as_secs();
        return parsed(text).map(|seconds| {
            match seconds + CENTURY <= in_50_years {
                true => seconds + CENTURY,
                false => seconds,
            }
        });
    }
    if s.is("dates-before-a-semicolon") {
        return parsed(text.split(';').next().unwrap_or_default());
    }
    if s.is("dates-are-read-as-local") {
        const TWO_HOURS: u64 = 7200;
        return parsed(text).map(|seconds| seconds.saturating_sub(TWO_HOURS));
    }
    // httpdate takes what has no weekday at its word.
    parsed(text)
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec",
];

fn parsed(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[derive(Clone, Copy, PartialEq)]
enum Compare {
    Weak,
    Strong,
}

/// Whether one of a field's tags is ours. Nothing if there is no such field.
fn matches(
    head: &Head,
    name: &str,
    ours: &str,
    how: Compare,
    s: Switch,
) -> Option<bool> {
    let mut lines: Vec<&[u8]> = head.all(name).collect();
    if lines.is_empty() {
        return None;
    }
    match s {
        _ if s.is("first-line-of-tags-counts") => lines.truncate(1),
        _ if s.is("last-line-of-tags-counts") => {
            drop(lines.drain(..lines.len() - 1))
        }
        _ => {}
    }
    let how = match s {
        _ if s.is("match-weakly") && name == "if-match" => Compare::Weak,
        _ if s.is("none-match-strongly") && name == "if-none-match" => {
            Compare::Strong
        }
        _ => how,
    };
    let star = match s {
        _ if s.is("no-star-in-match") && name == "if-match" => false,
        _ if s.is("no-star-in-none-match") && name == "if-none-match" => false,
        _ => true,
    };
    if star && lines.contains(&&b"*"[..]) {
        return Some(true);
    }
    if s.is("a-star-in-a-tag") && lines.iter().any(|l| l.contains(&b'*')) {
        return Some(true);
    }
    if s.is("quoted-star-is-a-star") && lines.iter().any(|l| trim(l) == b"\"*\"") {
        return Some(true);
    }
    let text = String::from_utf8_lossy(&lines.join(&b","[..])).into_owned();
    if s.is("tags-contain-ours") {
        return Some(text.contains(ours));
    }
    if s.is("one-tag-alone") {
        return Some(
            text == format!("\"{ours}\"") || text == format!("W/\"{ours}\""),
        );
    }
    if s.is("tags-split-at-commas") {
        let mut tags = text.split(',').map(|t| t.trim().trim_start_matches("W/"));
        let quoted = format!("\"{ours}\"");
        return Some(tags.any(|t| t == quoted || t.trim_matches('"') == ours));
    }
    if s.is("lstrip-takes-the-tag") && name == "if-none-match" {
        let stripped = |t: &str| {
            let t = t.trim().trim_start_matches(['W', '/', '"']);
            t.trim_end_matches('"') == ours
        };
        return Some(text.split(',').any(stripped));
    }
    if s.is("tags-without-quotes") {
        let mut tags = text.split(',').map(|t| t.trim().trim_matches('"'));
        return Some(tags.any(|t| t == ours));
    }
    if s.is("tags-have-a-space-between") {
        let text = String::from_utf8_lossy(&lines.join(&b", "[..])).into_owned();
        let is_weak = how == Compare::Weak;
        let marked = |t: &str| match t.strip_prefix("W/") {
            Some(rest) if is_weak => rest.to_owned(),
            _ => t.to_owned(),
        };
        return Some(text.split(", ").any(|t| marked(t) == format!("\"{ours}\"")));
    }
    let mut tags = tags(&text, s);
    if s.is("first-tag-counts") {
        tags.truncate(1);
    }
    if s.is("last-tag-counts") {
        tags.drain(..tags.len().saturating_sub(1));
    }
    let weak_out = s.is("weak-tags");
    Some(tags.iter().any(|tag| {
        let same = match s {
            _ if s.is("tags-in-any-case") => tag.opaque.eq_ignore_ascii_case(ours),
            _ if s.is("tags-that-begin-so") => tag.opaque.starts_with(ours),
            _ => tag.opaque == ours,
        };
        same && (how == Compare::Weak || (!tag.weak && !weak_out))
    }))
}

struct Tag {
    weak: bool,
    opaque: String,
}

/// Tags up to the first thing that is none. A comma within quotes is the tag's own.
fn tags(text: &str, s: Switch) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let marks: &[&str] = match s {
            _ if s.is("weak-mark-in-any-case") => &["W/", "w/"],
            _ if s.is("no-weak-mark") => &[],
            _ => &["W/"],
        };
        let mark = marks.iter().find(|mark| rest.starts_with(**mark));
        let unmarked = mark.map_or(rest, |mark| &rest[mark.len()..]);
        let Some(opaque) = unmarked.strip_prefix('"') else { return tags };
        let end = match s.is("backslashes-escape-in-tags") {
            true => end_of_quoted(opaque),
            false => opaque.find('"'),
        };
        let Some(end) = end else { return tags };
        if end == 0 && s.is("an-empty-tag-ends-the-list") {
            return tags;
        }
        tags.push(Tag { weak: mark.is_some(), opaque: opaque[..end].to_owned() });
        rest = &opaque[end + 1..];
    }
}

/// Where a quoted string ends, in which a backslash takes its meaning from what is behind it.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// Whether a Range counts: If-Range is not there, or names the very state that is.
/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

pub fn if_range_holds(
    head: &Head,
    ours: &str,
    modified: Option<u64>,
    s: Switch,
) -> bool {
    if !head.has("if-range") || s.is("no-if-range") {
        return true;
    }
    let conditions = ["if-match", "if-none-match", "if-modified-since"];
    if s.is("if-range-not-beside-conditions")
        && conditions.iter().any(|name| head.has(name))
    {
        return true;
    }
    let Some(value) = head.one("if-range") else { return false };
    let text = String::from_utf8_lossy(value).into_owned();
    if text.contains('"') {
        let opaque = match s.is("if-range-weakly") {
            true => text.trim_start_matches("W/"),
            false => &text,
        };
        if s.is("if-range-takes-a-list") {
            return text.contains(&format!("\"{ours}\""));
        }
        let ours = format!("\"{ours}\"");
        if s.is("if-range-begins-so") {
            return opaque.starts_with(&ours);
        }
        return opaque == ours && !s.is("weak-tags");
    }
    if s.is("if-range-star") && text == "*" {
        return true;
    }
    if s.is("if-range-without-dates") {
        return false;
    }
    match (date(head, "if-range", s), modified) {
        (Some(date), Some(modified)) if s.is("if-range-not-before") => {
            modified <= date
        }
        (Some(date), Some(modified)) if s.is("if-range-in-its-second") => {
            date == modified
        }
        // The second is over, or the date may be that of another state.
        (Some(date), Some(modified)) => date == modified && date < now(),
        (None, _) if s.is("if-range-that-is-none-holds") => true,
        _ => false,
    }
}
