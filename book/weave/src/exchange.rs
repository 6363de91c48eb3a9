//! Recorded exchanges, as they went over the wire.

use std::path::Path;
use std::sync::LazyLock;

use fs_err as fs;
use regex::{Captures, Regex};

use crate::code;
use crate::html::escape;
use crate::nearest;
use crate::offer::files_below;

/// Where recorded exchanges are, from the repository's root: a folder for each part.
pub const FOLDER: &str = "tests/exchanges";
/// How many lines of a long body a short exchange shows.
const SHORT: usize = 4;

/// The recorded exchange of a name: lines that begin with `>` were sent, those that
/// begin with `<` came back.
pub fn read(root: &Path, part: &str, name: &str) -> Result<String, String> {
    let folder = root.join(FOLDER).join(part);
    let Ok(text) = fs::read_to_string(folder.join(format!("{name}.snap"))) else {
        let names = files_below(&folder);
        let known = names.iter().filter_map(|file| file.strip_suffix(".snap"));
        let near = nearest(name, known);
        return Err(format!("no exchange {name} with {part} is on record{near}"));
    };
    let body = text.splitn(3, "---\n").nth(2).unwrap_or_default();
    Ok(body.trim_end_matches('\n').to_owned())
}

/// An exchange in two lanes, in order: what was sent, and what came back.
pub fn show(caption: &str, exchange: &str, short: bool) -> String {
    figure("wire", caption, exchange, &lanes(exchange, short))
}

/// The lanes alone.
pub fn lanes(exchange: &str, short: bool) -> String {
    let lines: Vec<&str> = exchange.lines().collect();
    let lanes = lines.chunk_by(|a, b| is_sent(a) == is_sent(b));
    lanes.map(|lines| lane(lines, short)).collect()
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

fn is_sent(line: &str) -> bool {
    line.starts_with('>')
}

/// Some lines that went the same way.
fn lane(lines: &[&str], short: bool) -> String {
    let (class, who) = match is_sent(lines[0]) {
        true => ("sent", "sent"),
        false => ("received", "came back"),
    };
    let said = |line: &&str| line.get(2..).unwrap_or_default().to_owned();
    let lines: Vec<String> = lines.iter().map(said).collect();
    let (mut text, mut body, mut hidden) = (String::new(), 0, 0);
    for line in &lines {
        // Past an empty line there is a body, until something with a version comes.
        body = match &**line {
            _ if class == "sent" || line.starts_with("HTTP/") => 0,
            "\\r\\n" => 1,
            _ if body > 0 => body + 1,
            _ => 0,
        };
        if short && body > SHORT + 1 {
            hidden += 1;
            continue;
        }
        text.push_str(&elided(std::mem::take(&mut hidden)));
        text.push_str(&with_line_end(line));
    }
    text.push_str(&elided(hidden));
    format!(
        "<div class=\"{class}\"><p>{who}</p><pre><code>{text}</code></pre></div>\n"
    )
}

/// A line, with its control characters set apart.
fn with_line_end(line: &str) -> String {
    code::line("", line, &with_controls(line))
}

/// Some of a line, likewise.
pub(crate) fn with_controls(text: &str) -> String {
    escape(text).replace("\\r", "<i>\\r</i>").replace("\\n", "<i>\\n</i>")
}

fn elided(count: usize) -> String {
    match count {
        0 => String::new(),
        _ => code::line("elided", "", &format!("({count} more lines)")),
    }
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
