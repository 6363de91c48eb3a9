//! Recorded exchanges, as they went over the wire.

use std::path::Path;

use fs_err as fs;

use crate::html::{escape, pre};
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

/// An exchange, with its control characters set apart.
pub fn show(caption: &str, exchange: &str, short: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut body = 0;
    let mut hidden = 0;
    for line in exchange.lines() {
        let class = if line.starts_with('>') { "sent" } else { "received" };
        // Past an empty line there is a body, until something with a version comes.
        body = match line {
            _ if line.starts_with("< HTTP/") || line.starts_with('>') => 0,
            "< \\r\\n" => 1,
            _ if body > 0 => body + 1,
            _ => 0,
        };
        if short && body > SHORT + 1 {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            lines.push(elided(hidden));
            hidden = 0;
        }
        let shown =
            escape(line).replace("\\r", "<i>\\r</i>").replace("\\n", "<i>\\n</i>");
        lines.push(format!("<span class=\"{class}\">{shown}</span>"));
    }
    if hidden > 0 {
        lines.push(elided(hidden));
    }
    pre("wire", caption, &lines.join("\n"))
}

fn elided(count: usize) -> String {
    format!("<span class=\"elided\">  ({count} more lines)</span>")
}
