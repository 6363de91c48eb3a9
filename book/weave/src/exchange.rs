//! Recorded exchanges, as they went over the wire.

use std::path::Path;
use std::sync::LazyLock;

use fs_err as fs;
use regex::{Captures, Regex};

use crate::bytes::{self, Range, Ranges};
use crate::html::escape;
use crate::kind::Way;
use crate::offer::files_below;
use crate::{code, nearest};

/// Where recorded exchanges are, from the repository's root: a folder for each part.
pub const FOLDER: &str = "tests/exchanges";
/// How many lines of a long body a short exchange shows.
const SHORT: usize = 4;

/// A recorded exchange.
#[derive(Debug)]
pub struct Exchange {
    /// The part that it is with.
    pub part: String,
    /// What it is called.
    pub name: String,
    /// Its lines: those that begin with `>` were sent, those with `<` came back.
    pub text: String,
    /// What its bytes are.
    pub ranges: Ranges,
}

/// The recorded exchange of a name.
///
/// # Errors
/// If there is none, or a byte of it is nothing that is known.
pub fn read(root: &Path, part: &str, name: &str) -> Result<Exchange, String> {
    let folder = root.join(FOLDER).join(part);
    let Ok(text) = fs::read_to_string(folder.join(format!("{name}.snap"))) else {
        let names = files_below(&folder);
        let known = names.iter().filter_map(|file| file.strip_suffix(".snap"));
        let near = nearest(name, known);
        return Err(format!("no exchange {name} with {part} is on record{near}"));
    };
    let text = text.splitn(3, "---\n").nth(2).unwrap_or_default();
    let text = text.trim_end_matches('\n').to_owned();
    let ranges = || {
        let sent = bytes::of_lines(&text, "> ")?;
        bytes::read(part, &sent, &bytes::of_lines(&text, "< ")?)
    };
    let ranges =
        ranges().map_err(|what| format!("{FOLDER}/{part}/{name}.snap: {what}"))?;
    Ok(Exchange { part: part.to_owned(), name: name.to_owned(), text, ranges })
}

/// An exchange in two lanes, in order: what was sent, and what came back.
pub fn show(exchange: &Exchange, short: bool) -> String {
    let caption = format!("on the wire: {}", exchange.part);
    figure("wire", &caption, &exchange.text, &exchange.lanes("wire", short))
}

impl Exchange {
    /// Its lanes: what was sent, if anything was, and what came back. `figure` tells
    /// their elements from those of other figures of it.
    pub fn lanes(&self, figure: &str, short: bool) -> String {
        let sent: Vec<String> = self.lines(Way::Sent).map(with_line_end).collect();
        self.lanes_with(figure, short, &sent.concat())
    }

    /// The same, with what was sent as it is to be shown.
    pub fn lanes_with(&self, figure: &str, short: bool, sent: &str) -> String {
        let received: Vec<&str> = self.lines(Way::Received).collect();
        let received = shortened(&received, short);
        let lanes = [(Way::Sent, sent), (Way::Received, &received)];
        let lanes = lanes.into_iter().filter(|(_, code)| !code.is_empty());
        lanes.map(|(way, code)| self.lane(figure, way, code)).collect()
    }

    /// Its lines that went some way.
    pub fn lines(&self, way: Way) -> impl Iterator<Item = &str> {
        let mark = if way == Way::Sent { "> " } else { "< " };
        self.text.lines().filter_map(move |line| line.strip_prefix(mark))
    }

    fn lane(&self, figure: &str, way: Way, code: &str) -> String {
        let Exchange { part, name, ranges, .. } = self;
        let id = format!("{figure}-{part}-{name}-{}", way.name());
        let (ranges, refusal) = match way {
            Way::Sent => (&ranges.sent, self.refusal()),
            Way::Received => (&ranges.received, None),
        };
        let refusal = refusal.map(|it| format!(" data-refusal=\"{}\"", escape(it)));
        let refusal = refusal.unwrap_or_default();
        lane(&id, part, way, ranges, &refusal, code)
    }

    /// What tells of a drawing of its first message that went some way what the bytes
    /// are; nothing, if something else came before it.
    pub fn first(&self, figure: &str, way: Way) -> Option<String> {
        let ranges = match way {
            Way::Sent => &self.ranges.sent,
            Way::Received => &self.ranges.received,
        };
        let begins = |it: &Range| matches!(it.kind, "method" | "version");
        let first = ranges.first().filter(|it| begins(it))?;
        let is_next = |it: &Range| it.kind == first.kind;
        // A request has a version too, in its first line.
        let next = ranges.iter().skip(1).position(is_next);
        let message = &ranges[..next.map_or(ranges.len(), |next| next + 1)];
        Some(attributes(figure, &self.part, way, message))
    }

    /// The rule that a byte breaks which is not allowed, in the words of the answer.
    fn refusal(&self) -> Option<&str> {
        self.ranges.sent.iter().find(|range| range.kind == "wrong")?;
        let (_, why) = self.lines(Way::Received).last()?.split_once(": ")?;
        Some(why.trim_end_matches("\\n"))
    }
}

/// A lane, which says what each of its bytes is.
pub fn lane(
    id: &str,
    part: &str,
    way: Way,
    ranges: &[Range],
    more: &str,
    code: &str,
) -> String {
    let who = if way == Way::Sent { "sent" } else { "came back" };
    format!(
        "<div class=\"{}\" {}{more}><p>{who}</p><pre><code>{code}</code></pre>\
         </div>\n",
        way.name(),
        attributes(id, part, way, ranges),
    )
}

/// What tells of an element of the page which bytes are in it.
fn attributes(id: &str, part: &str, way: Way, ranges: &[Range]) -> String {
    let way = way.name();
    let ranges: Vec<String> =
        ranges.iter().map(|it| format!("{} {}", it.kind, it.length)).collect();
    let ranges = ranges.join(" ");
    format!("id=\"{id}\" data-of=\"{part} {way}\" data-ranges=\"{ranges}\"")
}

/// A figure about an exchange, from which can be copied what was sent.
pub fn figure(class: &str, caption: &str, exchange: &str, content: &str) -> String {
    let sent = escape(&for_printf(exchange)).replace('"', "&quot;");
    let sent = match &*sent {
        "" => String::new(),
        sent => format!(" data-sent=\"{sent}\""),
    };
    format!(
        "<figure class=\"{class}\"{sent}><figcaption>{caption}</figcaption>\
         {content}</figure>\n"
    )
}

/// Lines that came back, long bodies cut short if that is wanted.
fn shortened(lines: &[&str], short: bool) -> String {
    let (mut text, mut body, mut hidden) = (String::new(), 0, Vec::new());
    for line in lines {
        // Past an empty line there is a body, until something with a version comes.
        body = match *line {
            _ if line.starts_with("HTTP/") => 0,
            "\\r\\n" => 1,
            _ if body > 0 => body + 1,
            _ => 0,
        };
        if short && body > SHORT + 1 {
            hidden.push(*line);
            continue;
        }
        text.push_str(&elided(&std::mem::take(&mut hidden)));
        text.push_str(&with_line_end(line));
    }
    text + &elided(&hidden)
}

/// A line, with its control characters set apart.
fn with_line_end(line: &str) -> String {
    code::line("", line, &with_controls(line))
}

/// Some of a line, likewise.
pub(crate) fn with_controls(text: &str) -> String {
    escape(text).replace("\\r", "<i>\\r</i>").replace("\\n", "<i>\\n</i>")
}

/// A line in the place of others, which says how many bytes they have.
fn elided(lines: &[&str]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let bytes = bytes::of_lines(&lines.join("\n"), "").unwrap_or_default();
    let text = format!("({} more lines)", lines.len());
    let line = code::line("elided", "", &text);
    line.replacen("<span", &format!("<span data-bytes=\"{}\"", bytes.len()), 1)
}

/// All that was sent, as the shell's `printf` takes it between single quotes. Its
/// escapes are those of the record, but for bytes, which POSIX has in octal.
fn for_printf(exchange: &str) -> String {
    static BYTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\\(?:x([0-9a-f]{2})|.)").expect("it is a pattern")
    });
    let sent: String =
        exchange.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let sent = BYTE.replace_all(&sent, |escape: &Captures| match escape.get(1) {
        Some(hex) => {
            let byte = u8::from_str_radix(hex.as_str(), 16);
            format!("\\{:03o}", byte.expect("two digits"))
        }
        None => escape[0].to_owned(),
    });
    sent.replace('%', "%%").replace('\'', "'\\''")
}
