//! How what a benchmark measured grows, drawn.

use std::fmt::Write;
use std::path::Path;

use fs_err as fs;

use crate::figures::{self, FOLDER, cells};
use crate::html::escape;

/// How large the drawing is, and what is left around the curves: for the figures at
/// the left, the names at the right, and what goes along the bottom.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 84.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 40.0;
/// How far apart two names must be to be read.
const APART: f64 = 15.0;
/// How curves are told apart without colour: in which lengths their lines are drawn.
pub const DASHES: [&str; 6] = ["none", "7 3", "2 3", "9 3 2 3", "14 4", "4 2 1 2"];

/// A curve: what it is of, and its points, in units of the drawing.
struct Curve<'a> {
    name: &'a str,
    points: Vec<(f64, f64)>,
}

/// Draws a record: its first column is what grows, and each other one a curve. Both
/// scales have the same length for ten times as much wherever they are. The figures
/// are below, folded.
///
/// # Errors
/// If there is no such record, or something in it is no number above zero.
pub fn show(root: &Path, name: &str) -> Result<String, String> {
    let path = format!("{FOLDER}/{name}.txt");
    let text = fs::read_to_string(root.join(&path)).map_err(|it| it.to_string())?;
    let (table, about) = text.split_once("\n\n").unwrap_or((&text, ""));
    let (heading, rows) = table.split_once('\n').unwrap_or((table, ""));
    let names = cells(heading);
    let rows = rows.lines().map(|row| numbers(row).ok_or(row));
    let rows: Vec<Vec<Option<f64>>> = rows
        .collect::<Result<_, _>>()
        .map_err(|row| format!("{path} has a line that is no row: {row}"))?;
    let is_odd = |row: &Vec<Option<f64>>| row.len() != names.len();
    if rows.len() < 2 || rows.iter().any(is_odd) {
        return Err(format!("{path} has no rows of {} numbers", names.len()));
    }
    let table = figures::chart(table)
        .map_err(|row| format!("{path} has a row too long: {row}"))?;
    Ok(format!(
        "<figure class=\"figures\"><figcaption>measured</figcaption>\n{}\
         <details><summary>The figures</summary>\n{table}</details>\n\
         <p>{}</p></figure>\n",
        draw(&names, &rows),
        escape(about.trim_end()).replace('\n', " · "),
    ))
}

/// The numbers of a row. A dash is none: nothing was measured there.
fn numbers(row: &str) -> Option<Vec<Option<f64>>> {
    let number = |cell: &str| match cell {
        "–" => Some(None),
        _ => cell.parse().ok().filter(|it| *it > 0.0).map(Some),
    };
    cells(row).into_iter().map(number).collect()
}

/// A scale on which ten times as much is always as far.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + share * (self.to - self.from)
    }
}

fn draw(names: &[&str], rows: &[Vec<Option<f64>>]) -> String {
    let across = rows.iter().filter_map(|row| row[0]);
    let up = rows.iter().flat_map(|row| &row[1..]).flatten().copied();
    let (left, right) = extremes(across);
    let (low, high) = extremes(up);
    let x = Scale { low: left, high: right, from: LEFT, to: WIDTH - RIGHT };
    let (low, high) = (low * 0.8, high * 1.25);
    let y = Scale { low, high, from: HEIGHT - BOTTOM, to: TOP };
    let curves = (1..names.len()).map(|column| Curve {
        name: names[column],
        points: rows
            .iter()
            .filter_map(|row| Some((x.at(row[0]?), y.at(row[column]?))))
            .collect(),
    });
    let curves: Vec<Curve> = curves.collect();
    let mut svg = format!(
        "<svg class=\"plot curves\" role=\"img\" aria-label=\"{}: {}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n",
        escape(names[0]),
        escape(&names[1..].join(", ")),
    );
    svg.push_str(&scales(&x, &y, names[0], rows));
    let places = apart(&curves);
    for ((at, curve), place) in curves.iter().enumerate().zip(places) {
        let points = curve.points.iter();
        let points: String =
            points.map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" stroke-dasharray=\"{}\"/>\
             <text x=\"{}\" y=\"{:.1}\">{}</text>",
            points.trim_end(),
            DASHES[at % DASHES.len()],
            WIDTH - RIGHT + 8.0,
            place + 4.0,
            escape(curve.name),
        );
    }
    svg + "</svg>\n"
}

/// The least and the most, or what will do if they are the same.
fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let most = |(low, high): (f64, f64), it: f64| (low.min(it), high.max(it));
    let (low, high) = values.fold((f64::INFINITY, 0.0), most);
    (low, high.max(low * 1.01))
}

/// How high the name of each curve stands: by its end, if there is room.
fn apart(curves: &[Curve]) -> Vec<f64> {
    let end = |curve: &Curve| curve.points.last().map_or(TOP, |(_, y)| *y);
    let mut order: Vec<usize> = (0..curves.len()).collect();
    order.sort_by(|&a, &b| end(&curves[a]).total_cmp(&end(&curves[b])));
    let (mut places, mut free) = (vec![0.0; curves.len()], TOP);
    for at in order {
        places[at] = end(&curves[at]).max(free);
        free = places[at] + APART;
    }
    places
}

/// The lines across, and what they stand for; and what is along the bottom.
fn scales(x: &Scale, y: &Scale, what: &str, rows: &[Vec<Option<f64>>]) -> String {
    let mut svg = String::new();
    let decades = -2..7;
    let marks =
        decades.flat_map(|it| [1.0, 2.0, 5.0].map(|by| by * 10f64.powi(it)));
    for mark in marks.filter(|it| (y.low..=y.high).contains(it)) {
        let height = y.at(mark);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{LEFT} {height:.1}H{}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            height + 4.0,
            grouped(mark),
        );
    }
    let bottom = HEIGHT - BOTTOM + 18.0;
    for value in rows.iter().filter_map(|row| row[0]) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{bottom}\" text-anchor=\"middle\">{}</text>",
            x.at(value),
            grouped(value),
        );
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        bottom + 17.0,
        escape(what),
    );
    svg
}

/// A number with a comma after each thousand.
fn grouped(number: f64) -> String {
    let text = number.to_string();
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}
