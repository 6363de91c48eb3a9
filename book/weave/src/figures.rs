//! What benchmarks measured.

use std::path::Path;

use fs_err as fs;

use crate::html::{escape, pre};
use crate::nearest;

/// Where measured figures are, from the repository's root.
pub const FOLDER: &str = "tests/figures";

/// A record with some of its rows, or all if none is named.
///
/// # Errors
/// If there is no such record, or no such row in it.
pub fn show(root: &Path, name: &str, rows: &[String]) -> Result<String, String> {
    let path = format!("{FOLDER}/{name}.txt");
    let text = fs::read_to_string(root.join(&path))
        .map_err(|_| format!("{path} is not there: cargo bench -- --record"))?;
    let text = select(&text, rows)?;
    Ok(pre("figures", "measured", escape(&text).trim_end()))
}

/// The table of a benchmark with some of its rows, in the table's order; its heading
/// and what it says of the machine stay.
fn select(text: &str, rows: &[String]) -> Result<String, String> {
    let (table, machine) = text.split_once("\n\n").unwrap_or((text, ""));
    let (heading, table) = table.split_once('\n').unwrap_or((table, ""));
    let name =
        |line: &'_ str| line.split("  ").next().unwrap_or_default().to_owned();
    let names: Vec<String> = table.lines().map(name).collect();
    for row in rows {
        if !names.contains(row) {
            let near = nearest(row, names.iter().map(String::as_str));
            return Err(format!("no row of figures is called {row}{near}"));
        }
    }
    let wanted =
        table.lines().filter(|line| rows.is_empty() || rows.contains(&name(line)));
    let table: Vec<&str> = [heading].into_iter().chain(wanted).collect();
    Ok(format!("{}\n\n{machine}", table.join("\n")))
}
