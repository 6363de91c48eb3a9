//! How long a request's body is, and whether its client would stay.

use super::head::{Head, Refusal, bad, is_python_space, refuse, trim, trim_of};
use super::{Stage, Switch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    None,
    Length(u64),
    Chunked,
}

const TWICE: &str = "Content-Length must be one number";

/// RFC 9112 section 6.3, for requests.
pub fn of(head: &Head, s: Switch) -> Result<Framing, Refusal> {
    let others = head.all("te").filter(|_| s.is("te-is-a-coding"));
    let codings: Vec<&[u8]> = head.all("transfer-encoding").chain(others).collect();
    let mut lengths: Vec<&[u8]> = head.all("content-length").collect();
    if s.is("empty-lengths-are-left-out") {
        lengths.retain(|length| !length.is_empty());
    }
    let without_body: &[(&str, &str)] = &[
        ("get-has-no-body", "GET"),
        ("head-has-no-body", "HEAD"),
        ("delete-has-no-body", "DELETE"),
        ("options-has-no-body", "OPTIONS"),
        ("trace-has-no-body", "TRACE"),
        ("connect-has-no-body", "CONNECT"),
        ("post-has-no-body", "POST"),
    ];
    if without_body.iter().any(|(id, method)| s.is(id) && head.method == *method)
        || (s.is("unknown-methods-have-no-body") && !is_known(&head.method))
        || s.is("no-body-is-looked-at")
    {
        return Ok(Framing::None);
    }
    let is_zero = |it: &&[u8]| digits(it, Switch::NONE) == Some(0);
    if s.is("length-0-is-none")
        && head.method == "POST"
        && codings.is_empty()
        && lengths.iter().all(is_zero)
    {
        return refuse(411, "a length is wanted");
    }
    if s.is("1.0-bodies-end-at-the-end")
        && head.version < (1, 1)
        && head.method == "POST"
        && codings.is_empty()
        && lengths.is_empty()
    {
        return Ok(Framing::Length(u64::MAX));
    }
    let is_unseen = head.version < (1, 1) && s.is("coding-is-not-seen-in-1.0");
    if codings.is_empty() || is_unseen || s.is("coding-is-not-looked-at") {
        return length(&lengths, s);
    }
    if codings.iter().all(|c| c.is_empty()) && s.is("empty-coding-is-none") {
        return length(&lengths, s);
    }
    if !lengths.is_empty() {
        match s {
            _ if s.is("coding-beats-length") => {}
            _ if s.is("length-beats-coding") => return length(&lengths, s),
            _ if s.is("first-framing-field-counts") => {
                let is_length =
                    |name: &str| name.eq_ignore_ascii_case("content-length");
                let is_coding =
                    |name: &str| name.eq_ignore_ascii_case("transfer-encoding");
                let mut names = head.fields.iter().map(|f| f.name.as_str());
                let first = names.find(|n| is_length(n) || is_coding(n));
                if first.is_some_and(is_length) {
                    return length(&lengths, s);
                }
            }
            _ if s.is("length-0-beside-a-coding") && lengths == [b"0"] => {}
            _ => return bad("a length and a coding exclude each other"),
        }
    }
    if head.version < (1, 1) && !s.is("coding-in-1.0") {
        return bad("HTTP/1.0 has no codings");
    }
    if s.is("chunks-for-post-alone") && head.method != "POST" {
        return refuse(411, "a length is wanted");
    }
    coding(head, &codings, s)
}

fn coding(head: &Head, lines: &[&[u8]], s: Switch) -> Result<Framing, Refusal> {
    let lines = match s {
        _ if s.is("first-coding-line-counts") => &lines[..1],
        _ if s.is("last-coding-line-counts") => &lines[lines.len() - 1..],
        _ => lines,
    };
    let whole = lines.join(&b","[..]);
    let lower = String::from_utf8_lossy(&whole).to_ascii_lowercase();
    let is_chunked = match s {
        _ if s.is("coding-contains-chunked") => lower.contains("chunked"),
        _ if s.is("coding-ends-in-chunked") => lower.ends_with("chunked"),
        _ if s.is("coding-begins-with-chunked") => lower.starts_with("chunked"),
        _ if s.is("coding-with-parameters") => {
            lower.split(';').next().is_some_and(|c| c.trim() == "chunked")
        }
        _ if s.is("coding-in-quotes") => lower.trim_matches('"') == "chunked",
        _ if s.is("coding-stripped-of-controls") => {
            trim_of(lower.as_bytes(), is_python_space) == b"chunked"
        }
        _ if s.is("any-coding-is-chunked") => true,
        _ if s.is("kelvin-is-a-k") => {
            String::from_utf8_lossy(&whole).to_lowercase() == "chunked"
        }
        _ if s.is("coding-lines-are-strung-together") => {
            lines.concat().eq_ignore_ascii_case(b"chunked")
        }
        _ => false,
    };
    if is_chunked {
        return Ok(Framing::Chunked);
    }
    if s.is("chunked-by-its-case") && !lines.contains(&&b"chunked"[..]) {
        return bad("no such coding");
    }
    if s.is("coding-as-one-word") && lower != "chunked" {
        return bad("no such coding");
    }
    let counts = |e: &&[u8]| !e.is_empty() || s.is("empty-elements-are-codings");
    let elements = whole.split(|&b| b == b',').map(trim).filter(counts);
    let mut elements: Vec<String> =
        elements.map(|e| String::from_utf8_lossy(e).to_ascii_lowercase()).collect();
    if elements.len() > 1 && s.is("identity-behind-chunked") {
        elements.retain(|e| e != "identity");
    }
    let count = elements.iter().filter(|e| *e == "chunked").count();
    let is_last = elements.last().is_some_and(|e| e == "chunked");
    match (count, is_last) {
        (0, _) if s.is("identity-is-a-coding") && elements == ["identity"] => {
            length(&head.all("content-length").collect::<Vec<_>>(), s)
        }
        (0, _) if s.is("unknown-coding-is-none") => Ok(Framing::None),
        (0, _) if s.is("unknown-coding-is-501") => refuse(501, "no such coding"),
        (2.., true) if s.is("chunked-twice") => Ok(Framing::Chunked),
        (1, false) if s.is("chunked-anywhere") => Ok(Framing::Chunked),
        (1, true) if elements.len() == 1 => Ok(Framing::Chunked),
        (1, true) if s.is("last-coding-counts") => Ok(Framing::Chunked),
        (1, true) if s.is("codings-of-gzip-are-read") && elements[0] == "gzip" => {
            Ok(Framing::Chunked)
        }
        (1, true) if s.is("other-codings-are-400") => bad("no such coding"),
        (1, true) => refuse(501, "no coding but chunked is known here"),
        _ => bad("chunked must be there once and last"),
    }
}

fn length(lines: &[&[u8]], s: Switch) -> Result<Framing, Refusal> {
    let line = match lines {
        [] => return Ok(Framing::None),
        [line] => *line,
        [first, ..] if s.is("first-length-counts") => first,
        [.., last] if s.is("last-length-counts") => last,
        [first, rest @ ..]
            if s.is("equal-lengths-are-one") && rest.iter().all(|l| l == first) =>
        {
            first
        }
        _ if s.is("largest-length-counts") => {
            let number = |l: &&&[u8]| digits(l, Switch::NONE).unwrap_or(0);
            lines.iter().max_by_key(number).copied().unwrap_or_default()
        }
        _ => return bad(TWICE),
    };
    let elements: Vec<&[u8]> = line.split(|&b| b == b',').map(trim).collect();
    let line = match &elements[..] {
        [first, _, ..] if s.is("first-of-a-list-of-lengths") => first,
        [.., last] if s.is("last-of-a-list-of-lengths") => last,
        [first, rest @ ..]
            if s.is("equal-lengths-are-one") && rest.iter().all(|l| l == first) =>
        {
            first
        }
        _ => line,
    };
    match digits(line, s) {
        Some(0) if s.is("length-0-reads-to-the-end") => {
            Ok(Framing::Length(u64::MAX))
        }
        Some(0) => Ok(Framing::None),
        Some(length) => Ok(Framing::Length(length)),
        None if s.is("bad-length-is-none") => Ok(Framing::None),
        None if s.is("bad-length-is-411") => refuse(411, TWICE),
        None if s.is("bad-length-ends-it") => refuse(0, ""),
        None if s.is("huge-length-is-413") && is_digits(line) => {
            refuse(413, "more than there can be")
        }
        None => bad(TWICE),
    }
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// A number as languages read one.
fn digits(text: &[u8], s: Switch) -> Option<u64> {
    let as_text = str::from_utf8(text).ok()?;
    let strict = |text: &str| {
        text.parse::<u64>().ok().filter(|_| is_digits(text.as_bytes()))
    };
    match s {
        _ if s.is("length-with-a-plus") => {
            strict(as_text.strip_prefix('+').unwrap_or(as_text))
        }
        _ if s.is("length-with-a-minus") => match as_text.strip_prefix('-') {
            Some(rest) => strict(rest).map(|_| 0),
            None => strict(as_text),
        },
        _ if s.is("length-with-underscores") => {
            let valid = !as_text.starts_with('_') && !as_text.ends_with('_');
            strict(&as_text.replace('_', ""))
                .filter(|_| valid && !as_text.contains("__"))
        }
        _ if s.is("length-in-any-script") => strict(&western(as_text)?),
        _ if s.is("length-in-superscript") => strict(&as_text.replace('²', "2")),
        _ if s.is("length-in-hexadecimal") => match as_text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => strict(as_text),
        },
        _ if s.is("length-in-octal") => match as_text.starts_with('0') {
            true => u64::from_str_radix(as_text, 8).ok(),
            false => strict(as_text),
        },
        _ if s.is("length-08-is-bad") => {
            strict(as_text).filter(|_| !as_text.starts_with('0') || as_text == "0")
        }
        _ if s.is("length-before-a-semicolon") => {
            strict(as_text.split(';').next().unwrap_or_default())
        }
        _ if s.is("length-as-float") => match as_text.contains(['.', 'e', 'E']) {
            true => {
                as_text.parse::<f64>().ok().filter(|f| *f >= 0.0).map(|f| f as u64)
            }
            false => strict(as_text),
        },
        _ if s.is("length-until-no-digit") => {
            let end =
                as_text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            strict(&as_text[..end])
        }
        _ if s.is("atoi") => {
            let end =
                as_text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            strict(&as_text[..end]).or(Some(0))
        }
        _ if s.is("length-modulo-2-32") => {
            is_digits(text).then(|| wrapped(text) & 0xffff_ffff)
        }
        _ if s.is("length-modulo-2-64") => is_digits(text).then(|| wrapped(text)),
        _ if s.is("length-saturates") => {
            is_digits(text).then(|| as_text.parse().unwrap_or(u64::MAX))
        }
        _ if s.is("length-of-31-bits") => {
            strict(as_text).filter(|n| i32::try_from(*n).is_ok())
        }
        _ if s.is("negative-beyond-31-bits") => {
            strict(as_text).map(|n| if n > 0x7fff_ffff { 0 } else { n })
        }
        _ if s.is("empty-length-is-0") && text.is_empty() => Some(0),
        _ if s.is("no-leading-zeros") => {
            strict(as_text).filter(|n| n.to_string() == as_text)
        }
        _ if s.is("spaces-within-lengths") => strict(&as_text.replace(' ', "")),
        _ if s.is("length-in-quotes") => strict(as_text.trim_matches('"')),
        _ if s.is("length-stripped-of-controls") => {
            strict(str::from_utf8(trim_of(text, |b| b <= b' ')).ok()?)
        }
        _ if s.is("length-of-at-most-19-digits") => {
            let digits = text.iter().skip_while(|it| **it == b'0').count();
            strict(as_text).filter(|_| digits < 20)
        }
        _ => strict(as_text),
    }
}

fn wrapped(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |n: u64, b| n.wrapping_mul(10).wrapping_add(u64::from(b - b'0')))
}

/// Digits of other scripts as ours: Arabic-Indic, Devanagari, fullwidth.
fn western(text: &str) -> Option<String> {
    let digit = |c: char| {
        let zero = [0x660, 0x6f0, 0x966, 0xff10]
            .into_iter()
            .find(|zero| (*zero..*zero + 10).contains(&(c as u32)));
        match zero {
            Some(zero) => char::from_digit(c as u32 - zero, 10),
            None => Some(c),
        }
    };
    text.chars().map(digit).collect()
}

fn is_known(method: &str) -> bool {
    super::answer::KNOWN.contains(&method)
}

/// Whether the client would stay (RFC 9112 section 9.3).
pub fn stays(head: &Head, s: Switch, stage: Stage) -> bool {
    let options = options(head, s);
    let has = |name: &str| match s {
        _ if s.is("connection-contains") => {
            options.iter().any(|o| o.contains(name))
        }
        _ if s.is("connection-by-its-case") => options.iter().any(|o| o == name),
        _ => options.iter().any(|o| o.eq_ignore_ascii_case(name)),
    };
    let (close, keep) = (has("close"), has("keep-alive"));
    if s.is("close-is-ignored") {
        return head.version >= (1, 1) || keep;
    }
    if s.is("keep-alive-beats-close") && keep {
        return true;
    }
    let is_new = match s {
        _ if s.is("1.0-stays-unasked") => true,
        _ if s.is("only-1.1-stays") => head.version == (1, 1),
        _ if s.is("1.1-must-ask-to-stay") && stage >= Stage::Part6 => false,
        _ => head.version >= (1, 1),
    };
    (is_new || (keep && !s.is("1.0-never-stays"))) && !close
}

fn options(head: &Head, s: Switch) -> Vec<String> {
    let lines: Vec<String> = head
        .all("connection")
        .map(|l| String::from_utf8_lossy(l).into_owned())
        .collect();
    let proxies =
        head.all("proxy-connection").filter(|_| s.is("proxy-connection-counts"));
    let lines: Vec<String> = lines
        .into_iter()
        .chain(proxies.map(|l| String::from_utf8_lossy(l).into_owned()))
        .collect();
    let lines = match s {
        _ if s.is("first-connection-line-counts") => {
            lines.into_iter().take(1).collect()
        }
        _ if s.is("last-connection-line-counts") => {
            lines.into_iter().next_back().into_iter().collect()
        }
        _ if s.is("connection-as-one-word") => return lines,
        _ if s.is("connection-lines-are-words") => {
            return vec![lines.join(", ")];
        }
        _ => lines,
    };
    let comma = if s.is("commas-have-a-space") { ", " } else { "," };
    let split = |line: &String| {
        let elements = line.split(comma).map(|e| e.trim_matches([' ', '\t']));
        let all = !s.is("an-empty-option-ends-the-list");
        let elements = elements.take_while(|e| all || !e.is_empty());
        elements.map(str::to_owned).collect::<Vec<_>>()
    };
    let elements = lines.iter().flat_map(split);
    match s {
        _ if s.is("first-connection-option-counts") => elements.take(1).collect(),
        _ if s.is("last-connection-option-counts") => {
            elements.collect::<Vec<_>>().pop().into_iter().collect()
        }
        _ if s.is("connection-split-without-trim") => {
            lines.iter().flat_map(|l| l.split(',')).map(str::to_owned).collect()
        }
        _ => elements.collect(),
    }
}
