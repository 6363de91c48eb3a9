//! What a benchmark saw over time, drawn.

use std::fmt::Write;
use std::path::Path;

use fs_err as fs;

use crate::figures::FOLDER;
use crate::html::escape;

/// How wide the drawing is, and how high each curve's part of it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 110.0;
/// What a part's title takes of its height.
const TITLE: f64 = 26.0;
/// How many seconds lie between two marks of the time.
pub const MARK: f64 = 60.0;

/// What a benchmark saw: in each row the time in seconds, and then what each of its
/// other names came to.
#[derive(Debug)]
pub struct Record {
    /// What its columns are called.
    pub names: Vec<String>,
    /// At least two of them.
    pub rows: Vec<Vec<f64>>,
    about: String,
}

impl Record {
    /// The one of that name.
    ///
    /// # Errors
    /// If it is not there, or something in it is no number.
    pub fn read(root: &Path, name: &str) -> Result<Record, String> {
        let path = format!("{FOLDER}/{name}.txt");
        let text =
            fs::read_to_string(root.join(&path)).map_err(|it| it.to_string())?;
        let (table, about) = text.split_once("\n\n").unwrap_or((&text, ""));
        let (heading, rows) = table.split_once('\n').unwrap_or((table, ""));
        let rows = rows.lines().map(|row| numbers(row).ok_or(row));
        let rows: Vec<Vec<f64>> = rows
            .collect::<Result<_, _>>()
            .map_err(|row| format!("{path} has a line that is no row: {row}"))?;
        let names: Vec<String> = heading.split("  ").map(str::to_owned).collect();
        if rows.len() < 2 || rows.iter().any(|row| row.len() != names.len()) {
            return Err(format!("{path} has no rows of {} numbers", names.len()));
        }
        Ok(Record { names, rows, about: about.trim_end().to_owned() })
    }

    /// A drawing of it, with what it says of where it is from.
    pub fn framed(&self, drawn: &str) -> String {
        let about = escape(&self.about).replace('\n', " · ");
        format!(
            "<figure class=\"figures\"><figcaption>measured</figcaption>\n{drawn}\
             <p>{about}</p></figure>\n"
        )
    }
}

/// Draws a record: each column is a curve over time, all below each other, each from 0
/// to its own most.
///
/// # Errors
/// If there is no such record, or something in it is no number.
pub fn show(root: &Path, name: &str) -> Result<String, String> {
    let record = Record::read(root, name)?;
    Ok(record.framed(&draw(&record.names, &record.rows)))
}

fn numbers(row: &str) -> Option<Vec<f64>> {
    row.split("  ").map(|cell| cell.parse().ok()).collect()
}

fn draw(names: &[String], rows: &[Vec<f64>]) -> String {
    let end = rows.iter().map(|row| row[0]).fold(1.0, f64::max);
    let x = |second: f64| second / end * WIDTH;
    let curves = names.len() - 1;
    let height = HEIGHT * curves as f64;
    let label = names[1..].join(", ");
    let mut svg = format!(
        "<svg class=\"plot\" role=\"img\" aria-label=\"{}, over {} minutes\" \
         viewBox=\"0 0 {WIDTH} {height}\">\n",
        escape(&label),
        (end / MARK).round(),
    );
    for (column, name) in names.iter().enumerate().skip(1) {
        let most = rows.iter().map(|row| row[column]).fold(0.0, f64::max);
        let bottom = HEIGHT * column as f64;
        let scale = (HEIGHT - TITLE - 4.0) / most.max(1.0);
        let points: String = rows
            .iter()
            .map(|row| {
                let y = bottom - row[column] * scale;
                format!("{:.1},{y:.1} ", x(row[0]))
            })
            .collect();
        let top = bottom - HEIGHT + TITLE - 10.0;
        let _ = writeln!(
            svg,
            "<text x=\"0\" y=\"{top}\">{}</text>\
             <text x=\"{WIDTH}\" y=\"{top}\" text-anchor=\"end\">{most} at most</text>\
             <path class=\"axis\" d=\"M0 {bottom}H{WIDTH}{}\"/>\
             <polyline points=\"{}\"/>",
            escape(name),
            marks(end, bottom, x),
            points.trim_end(),
        );
    }
    svg + "</svg>\n"
}

/// A small line at each minute, along the bottom.
pub fn marks(end: f64, bottom: f64, x: impl Fn(f64) -> f64) -> String {
    let count = (end / MARK) as usize;
    let each = (1..=count).map(|minute| minute as f64 * MARK);
    each.map(|second| format!("M{:.1} {bottom}v-5", x(second))).collect()
}
