//! What benchmarks measured.

use std::fmt::Write;
use std::path::Path;

use fs_err as fs;

use crate::html::escape;
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
    let (table, machine) = text.split_once("\n\n").unwrap_or((&text, ""));
    Ok(format!(
        "<figure class=\"figures\"><figcaption>measured</figcaption>\n{}\
         <p>{}</p></figure>\n",
        chart(table).map_err(|row| format!("{path} has a row too long: {row}"))?,
        escape(machine.trim_end()).replace('\n', " · "),
    ))
}

/// A table whose figures are bars as well, as long as they are large: of their column,
/// the largest fills its cell.
///
/// # Errors
/// If a row has more cells than there are headings: which.
pub fn chart(text: &str) -> Result<String, &str> {
    let (first, rows) = text.split_once('\n').unwrap_or((text, ""));
    let mut headings = cells(first);
    // What is above the names of the rows may be left out.
    let corner = match first.starts_with(' ') {
        true => "",
        false => headings.remove(0),
    };
    if let Some(row) =
        rows.lines().find(|row| cells(row).len() > headings.len() + 1)
    {
        return Err(row);
    }
    let rows: Vec<Vec<&str>> = rows.lines().map(cells).collect();
    let heading: String = headings
        .iter()
        .map(|name| format!("<th scope=\"col\">{}</th>", escape(name)))
        .collect();
    let mut table = format!(
        "<table><thead><tr><td>{}</td>{heading}</tr></thead><tbody>\n",
        escape(corner)
    );
    for row in &rows {
        let name = escape(row.first().unwrap_or(&""));
        let _ = write!(table, "<tr><th scope=\"row\">{name}</th>");
        for column in 1..=headings.len() {
            let shown = row.get(column).copied().unwrap_or_default();
            let share = figure(shown).map(|it| 100.0 * it / largest(&rows, column));
            let (share, shown) = (share.unwrap_or(0.0), escape(shown));
            let _ = write!(table, "<td style=\"--share:{share:.1}%\">{shown}</td>");
        }
        table.push_str("</tr>\n");
    }
    Ok(table + "</tbody></table>\n")
}

/// The largest figure of a column.
fn largest(rows: &[Vec<&str>], column: usize) -> f64 {
    let figures = rows.iter().filter_map(|row| figure(row.get(column)?));
    figures.fold(f64::MIN_POSITIVE, f64::max)
}

/// What stands in a line: two spaces or more are between.
pub fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The number of a figure, without its unit, which a column has one of.
fn figure(cell: &str) -> Option<f64> {
    cell.split(' ').next()?.parse().ok()
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
