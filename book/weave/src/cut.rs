//! Recorded requests that a reader can cut anywhere, and what is known at the cut.

use std::fmt::Write;
use std::path::Path;

use fs_err as fs;

use crate::exchange;
use crate::inline::breakable;

/// Where the records are of what is known, from the repository's root: a folder for each
/// part.
pub const FOLDER: &str = "tests/cuts";

/// A line of a record: what is known after so many bytes, until something else is, and
/// what the last of them brought to light.
struct Known<'a> {
    after: usize,
    state: &'a str,
    heard: &'a str,
}

/// An exchange, and below it what was known after each byte of what was sent. From this
/// table the page's script makes something to try.
///
/// # Errors
/// If one of the two is not on record, or what was sent is not legible byte by byte.
pub fn show(root: &Path, part: &str, name: &str) -> Result<String, String> {
    let exchange = exchange::read(root, part, name)?;
    let total = length(&exchange.text)?;
    let path = root.join(FOLDER).join(part).join(format!("{name}.snap"));
    let text = fs::read_to_string(path).map_err(|_| {
        format!(
            "what is known of {part}'s {name} is not on record: \
             INSTA_UPDATE=always cargo test --test house cuts::"
        )
    })?;
    let text = text.splitn(3, "---\n").nth(2).unwrap_or_default();
    let known: Option<Vec<Known>> = text.trim().lines().map(read).collect();
    let known =
        known.ok_or_else(|| format!("the record of {name} is not legible"))?;
    let content = format!(
        "{}<details><summary>What is known after each byte, in a table</summary>\n{}\
         </details>",
        exchange.lanes("cut", true),
        table(&known, total),
    );
    let caption = format!("cut it where you like: {part}");
    Ok(exchange::figure("wire cuttable", &caption, &exchange.text, &content))
}

/// How many bytes were sent. A page shows one as a character, or as one of the two line
/// ends.
fn length(exchange: &str) -> Result<usize, String> {
    let sent: String =
        exchange.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let sent = sent.replace("\\r", "\r").replace("\\n", "\n");
    match sent.contains('\\') || !sent.is_ascii() {
        true => Err("a byte of it is not shown as one character".into()),
        false => Ok(sent.len()),
    }
}

fn read(line: &str) -> Option<Known<'_>> {
    let mut cells = line.splitn(3, '|').map(str::trim);
    let after = cells.next()?.parse().ok()?;
    Some(Known { after, state: cells.next()?, heard: cells.next()? })
}

/// What is known, in rows: from which byte to which.
fn table(known: &[Known], total: usize) -> String {
    let ends = known.iter().skip(1).map(|next| next.after - 1).chain([total]);
    let mut table = String::from(
        "<table><thead><tr><th scope=\"col\">bytes</th><th scope=\"col\">known</th>\
         <th scope=\"col\">given out</th></tr></thead><tbody>\n",
    );
    for (Known { after, state, heard }, end) in known.iter().zip(ends) {
        let bytes = match *after == end {
            true => after.to_string(),
            false => format!("{after} to {end}"),
        };
        let _ = writeln!(
            table,
            "<tr data-after=\"{after}\"><td>{bytes}</td><td>{}</td><td>{}</td></tr>",
            code(state),
            code(heard),
        );
    }
    table + "</tbody></table>\n"
}

fn code(text: &str) -> String {
    match text {
        "" => String::new(),
        text => breakable(&format!("`{text}`")),
    }
}
