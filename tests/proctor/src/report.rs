//! What is said of a check that failed.

use std::fmt::{self, Write};

use crate::check::Check;
use crate::line::{BEYOND, End, Event, UNREAD};
use crate::run::Done;
use crate::target::{Port, Target};

/// How many characters of a line are shown, and how many lines around what matters.
const LONGEST: usize = 96;
const AROUND: usize = 4;

/// Bytes as text: line by line, CR, LF and all that is no text written out.
pub fn visible(bytes: &[u8]) -> String {
    let lines = lines(bytes);
    lines.iter().map(|line| shorten(&escape(line)) + "\n").collect()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').collect()
}

/// A line with its control characters written out; what is UTF-8 is left alone.
fn escape(line: &[u8]) -> String {
    let mut text = String::new();
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\r' => text.push_str("\\r"),
                '\n' => text.push_str("\\n"),
                '\\' => text.push_str("\\\\"),
                _ if character.is_control() => {
                    let _ = write!(text, "\\x{:02x}", character as u32);
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

fn shorten(line: &str) -> String {
    let count = line.chars().count();
    if count <= LONGEST {
        return line.to_owned();
    }
    let kept: String = line.chars().take(LONGEST - 24).collect();
    let end: Vec<char> = line.chars().rev().take(4).collect();
    let end: String = end.into_iter().rev().collect();
    format!("{kept} …({} more)… {end}", count - (LONGEST - 20))
}

/// A line of what happened, and the bytes of what came that it shows.
struct Shown {
    text: String,
    came: Option<(usize, Vec<u8>)>,
}

fn shown(events: &[Event]) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut offset = 0;
    for event in events {
        match event {
            Event::Sent(bytes) => {
                // What was sent in pieces stands in pieces.
                for line in lines(bytes) {
                    let text = format!("> {}", shorten(&escape(line)));
                    all.push(Shown { text, came: None });
                }
            }
            Event::Got(bytes) => {
                for line in lines(bytes) {
                    let text = format!("< {}", shorten(&escape(line)));
                    all.push(Shown { text, came: Some((offset, line.to_vec())) });
                    offset += line.len();
                }
            }
            Event::Finished => {
                all.push(aside("we say that nothing more will come"))
            }
            Event::Ended(End::Closed) => all.push(aside("the server closes")),
            Event::Ended(End::Cut) => {
                all.push(aside("the stream ends, without close_notify"));
            }
            Event::Ended(End::Reset) => all.push(aside("the server resets")),
            Event::Silence(time) => {
                all.push(aside(&format!("silence, for {} s", time.as_secs_f64())));
            }
            Event::Refused(why) => all.push(aside(why)),
        }
    }
    all
}

fn aside(text: &str) -> Shown {
    Shown { text: format!("  ({text})"), came: None }
}

/// What a transcript does not leave out, however far from the place in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// What lies near it, and the first lines.
    WhatIsNear,
    /// And the lines that say where a body ends.
    Framing,
}

impl Shown {
    fn says_where_a_body_ends(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        self.came.is_some()
            && ["< content-length:", "< transfer-encoding:"]
                .iter()
                .any(|name| text.starts_with(name))
    }
}

/// What happened on a connection, with a caret under a byte of what came, and what
/// lies far from it left out.
pub fn transcript(events: &[Event], at: Option<usize>, keeps: Keeps) -> String {
    let all = shown(events);
    let mut focus = None;
    let mut caret = None;
    for (index, line) in all.iter().enumerate() {
        let (Some((offset, bytes)), Some(at)) = (&line.came, at) else { continue };
        if (*offset..offset + bytes.len()).contains(&at) {
            let column = escape(&bytes[..at - offset]).chars().count();
            focus = Some(index);
            caret = Some(column.min(LONGEST - 20));
        }
    }
    let focus = focus.unwrap_or(all.len().saturating_sub(1));
    let mut text = String::new();
    let mut hidden = 0;
    for (index, line) in all.iter().enumerate() {
        let near = index < AROUND
            || index.abs_diff(focus) <= AROUND
            || keeps == Keeps::Framing && line.says_where_a_body_ends();
        let last = index + 1 == all.len();
        if !near && !last {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            let _ = writeln!(text, "  (… {hidden} more)");
            hidden = 0;
        }
        let _ = writeln!(text, "{}", line.text);
        if let Some(column) = caret.filter(|_| index == focus) {
            let _ = writeln!(text, "  {}^ here", " ".repeat(column));
        }
    }
    text
}

/// The same by hand: a line for a shell, if what was sent is short enough for one, and
/// did not come in too many pieces.
pub fn one_liner(target: &Target, port: Port, events: &[Event]) -> Option<String> {
    const MOST_PIECES: usize = 4;
    let mut sent: Vec<&[u8]> = Vec::new();
    let mut shook_hands = true;
    for event in events {
        match event {
            Event::Sent(bytes) if !bytes.is_empty() => sent.push(bytes),
            Event::Refused(_) => shook_hands = false,
            _ => {}
        }
    }
    // A handshake by hand is none.
    let is_tls_record =
        sent.first().is_some_and(|bytes| bytes.starts_with(&[0x16]));
    let length: usize = sent.iter().map(|bytes| bytes.len()).sum();
    let is_short = (1..=300).contains(&length) && sent.len() <= MOST_PIECES;
    if !is_short || !shook_hands || is_tls_record {
        return None;
    }
    let client = match (port, &target.tls) {
        (Port::Tls, Some(tls)) => {
            format!("openssl s_client -quiet -connect {}", tls.endpoint.name)
        }
        _ => {
            let name = &target.clear.name;
            let (host, port) = name.rsplit_once(':').unwrap_or((name, ""));
            format!("nc -N {} {port}", host.trim_matches(['[', ']']))
        }
    };
    let said: Vec<String> = sent.into_iter().map(printf).collect();
    Some(match &said[..] {
        [one] => format!("{one} | {client}"),
        // Pieces of their own, as they were sent.
        pieces => format!("({}) | {client}", pieces.join("; sleep 0.2; ")),
    })
}

/// Has a shell say these bytes.
fn printf(bytes: &[u8]) -> String {
    let mut words = String::from("printf '");
    for &byte in bytes {
        match byte {
            b'\r' => words.push_str("\\r"),
            b'\n' => words.push_str("\\n"),
            b'%' => words.push_str("%%"),
            b'\\' => words.push_str("\\\\"),
            b'\'' => words.push_str("'\\''"),
            0x20..0x7f => words.push(byte as char),
            _ => {
                let _ = write!(words, "\\{byte:03o}");
            }
        }
    }
    words + "'"
}

/// All there is to say of a check that failed; `paint` goes around its name.
pub fn failure(target: &Target, done: &Done, paint: (&str, &str)) -> String {
    let Some(failure) = done.failure() else { return String::new() };
    let check = done.check;
    let (on, off) = paint;
    let mut text = format!("{on}FAIL {}{off}: {}\n", done.name(), check.title);
    let _ = writeln!(text, "  {}\n", failure.what);
    let number = failure.at.map_or(done.log.len().saturating_sub(1), |at| at.0);
    let events = done.log.get(number).map_or(&[][..], |events| events);
    let events = match events {
        // That is all there is to say, and has been said.
        [Event::Refused(why)] if failure.what.contains(why.as_str()) => &[],
        events => events,
    };
    let keeps = match failure.hint {
        Some(BEYOND) => Keeps::Framing,
        _ => Keeps::WhatIsNear,
    };
    let transcript = transcript(events, failure.at.map(|at| at.1), keeps);
    transcript.lines().for_each(|line| {
        let _ = writeln!(text, "    {line}");
    });
    if !transcript.is_empty() {
        text.push('\n');
    }
    if let Some(words) = &done.last_words {
        text.push_str("  the server ended at this");
        text.push_str(&words.trim_end().replace('\n', "\n    "));
        text.push_str("\n\n");
    }
    if check.is_timed() {
        let _ = writeln!(
            text,
            "  note  a clock decides here: a busy machine may be at fault"
        );
    }
    let _ = writeln!(text, "  rule  {}", check.rule);
    let _ = writeln!(text, "  why   {}", check.why);
    let _ = writeln!(text, "  hint  {}", failure.hint.unwrap_or(check.hint));
    if let Some(line) = one_liner(target, done.port, events) {
        let _ = writeln!(text, "  try   {line}");
    }
    let _ = writeln!(text, "  read  {}", check.read);
    text
}

/// What a check is, for those who ask.
pub fn explain(check: &Check) -> String {
    let mut text = format!("{}: {}\n\n", check.id, check.title);
    let stages = match check.since == check.until() {
        true => check.since.to_string(),
        false => format!("{} to {}", check.since, check.until()),
    };
    let _ = writeln!(text, "  stage {stages}");
    let _ = writeln!(text, "  level {}", check.rule.level().name());
    let _ = writeln!(text, "  rule  {}", check.rule);
    let _ = writeln!(text, "  why   {}", check.why);
    let _ = writeln!(text, "  hint  {}", check.hint);
    let _ = writeln!(text, "  read  {}", check.read);
    let _ = writeln!(text, "\n  what is sent:");
    check.sends().lines().for_each(|line| {
        let _ = writeln!(text, "    {line}");
    });
    text
}

/// What failed, in groups of what may have one cause, with the first to mend named; none
/// for less than two failures.
pub fn summary(done: &[Done]) -> Option<String> {
    let failed: Vec<&Done> =
        done.iter().filter(|it| it.failure().is_some()).collect();
    let [_, _, ..] = failed[..] else { return None };
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for it in &failed {
        let cause = cause(it);
        let index = groups.iter().position(|(other, _)| *other == cause);
        let index = index.unwrap_or_else(|| {
            groups.push((cause, Vec::new()));
            groups.len() - 1
        });
        let ids = &mut groups[index].1;
        // On both ports it is one mistake.
        if !ids.contains(&it.check.id) {
            ids.push(it.check.id);
        }
    }
    let first = first_to_mend(&failed);
    let mut text =
        format!("Mend {first} first. What failed, by what it is about:\n");
    for (cause, ids) in groups {
        let _ = writeln!(text, "  {cause}: {}", ids.join(", "));
    }
    Some(text)
}

/// A check that says best what the matter is, of some that fail for the same cause.
struct Root {
    id: &'static str,
    /// How it fails, if that is the cause.
    begins: &'static str,
    /// The others, which stand before it in the book.
    before: &'static [&'static str],
}

const ROOTS: &[Root] = &[
    Root {
        id: "length-is-kept",
        begins: "",
        before: &["get-ends-it", "one-text-is-all", "head-has-no-body"],
    },
    Root { id: "head-of-a-refusal", begins: "", before: &["one-of-each"] },
    Root {
        id: "fields-are-part-of-it",
        begins: "status ",
        before: &["refused-and-served-by-bytes"],
    },
];

/// The check to mend first: that of the book's first failure, if no other says better what
/// the matter is. Those that look at all that a server does fail for anything that it does.
fn first_to_mend(failed: &[&Done]) -> &'static str {
    let first = failed.iter().find(|it| !it.check.is_alone());
    let first = first.or(failed.first()).map_or("", |it| it.check.id);
    let says_it_better = |root: &&Root| {
        let is_it = |it: &&Done| {
            let failure = it.failure().filter(|_| it.check.id == root.id);
            failure.is_some_and(|it| it.what.starts_with(root.begins))
        };
        root.before.contains(&first) && failed.iter().any(is_it)
    };
    ROOTS.iter().find(says_it_better).map_or(first, |root| root.id)
}

/// What may be the matter: what a failure looks like, where that tells, or else what its
/// check is about.
fn cause(done: &Done) -> String {
    let hints = |hint| done.failure().is_some_and(|it| it.hint == Some(hint));
    match () {
        () if done.last_words.is_some() => "the server ended".into(),
        () if hints(UNREAD) => "answers are lost to a reset".into(),
        () if hints(BEYOND) => "more comes than a head promises".into(),
        () if done.waited_in_vain() => "nothing comes, and is waited for".into(),
        () => done.check.read.to_owned(),
    }
}

/// How many checks passed, failed, and could not be made on this server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
}

impl Count {
    /// Counts.
    pub fn of(done: &[Done]) -> Count {
        let mut count = Count::default();
        for it in done {
            match &it.outcome {
                Ok(()) => count.passed += 1,
                Err(why) if why.skips => count.skipped += 1,
                Err(_) => count.failed += 1,
            }
        }
        count
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}
