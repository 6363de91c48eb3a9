//! A panel of a dashboard, drawn: its curves, from 0 to the most of them, and their names
//! below.

use std::fmt::Write;

use crate::curves::DASHES;
use crate::html::escape;
use crate::plot::{MARK, marks};

/// How large a step of the grid is, which is 24 steps wide.
const ACROSS: f64 = 26.0;
const DOWN: f64 = 19.0;
/// How much of a panel's height its title takes, and a line of text.
const TITLE: f64 = 28.0;
const LINE: f64 = 17.0;
/// How wide a letter is, at most and on average.
const LETTER: f64 = 6.8;
/// In a legend, how much of a curve is shown, and what is left around it.
const SAMPLE: f64 = 24.0;
const GAP: f64 = 6.0;

/// A panel, with what its questions come to.
pub struct Panel<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// And what is said of it.
    pub description: &'a str,
    /// What its values are, by Grafana's name.
    pub unit: &'a str,
    /// Where it stands on the grid.
    pub x: u64,
    /// And how far down.
    pub y: u64,
    /// How wide it is there.
    pub width: u64,
    /// And how high, without the names.
    pub height: u64,
    /// What its curves are called, and a value for each look. It is no number where
    /// there is nothing to be said.
    pub curves: Vec<(String, Vec<f64>)>,
}

impl Panel<'_> {
    /// Draws it, with looks at so many seconds.
    ///
    /// # Errors
    /// If its unit is not known here, or it has more curves than can be told apart.
    pub fn draw(&self, seconds: &[f64]) -> Result<String, String> {
        let (width, bottom) = self.size();
        // What is 0 all the time would be a line on the line, and is only named.
        let (curves, never): (Vec<_>, Vec<_>) =
            self.curves.iter().partition(|it| peak(&it.1).is_some());
        if curves.len() > DASHES.len() {
            return Err("more curves than can be told apart".into());
        }
        let peaks = curves.iter().filter_map(|it| peak(&it.1));
        let most = peaks.map(|(_, value)| value).fold(0.0, f64::max);
        let end = seconds.last().copied().unwrap_or(MARK);
        let mut svg = self.frame(most, end)?;
        for ((_, values), dashes) in curves.iter().zip(DASHES) {
            let known = seconds.iter().zip(values).filter(|it| it.1.is_finite());
            let points = known.map(|(second, value)| {
                let y = bottom - value / most * (bottom - TITLE);
                format!("{:.1},{y:.1}", second / end * width)
            });
            svg += &polyline(&points.collect::<Vec<_>>().join(" "), dashes);
        }
        let mut names: Vec<String> = curves.iter().map(|it| it.0.clone()).collect();
        if !never.is_empty() {
            let never: Vec<&str> = never.iter().map(|it| it.0.as_str()).collect();
            names.push(format!("always 0: {}", never.join(", ")));
        }
        let (keys, bottom) = keys(&names, curves.len(), width, bottom + LINE);
        Ok(format!(
            "<svg class=\"plot curves\" role=\"img\" aria-label=\"{}\" \
             style=\"--column: {} / span {}\" viewBox=\"0 0 {width} {bottom}\">\n\
             {svg}{keys}</svg>\n",
            escape(&self.label(seconds)?).replace('"', "&quot;"),
            self.x + 1,
            self.width,
        ))
    }

    /// How wide it is, and how high without its legend.
    fn size(&self) -> (f64, f64) {
        (self.width as f64 * ACROSS, self.height as f64 * DOWN)
    }

    /// All but the curves: the title, how much the most is, and the minutes.
    fn frame(&self, most: f64, end: f64) -> Result<String, String> {
        let (width, bottom) = self.size();
        let x = |second: f64| second / end * width;
        let mut svg = format!(
            "<text x=\"0\" y=\"18\">{}</text>\
             <text x=\"{width}\" y=\"18\" text-anchor=\"end\">{} at most</text>\
             <path class=\"axis\" d=\"M0 {bottom}H{width}{}\"/>\n",
            escape(self.title),
            measure(most, self.unit)?,
            marks(end, bottom, x),
        );
        for minute in 1..=(end / MARK) as u64 {
            let (x, y) = (x(minute as f64 * MARK), bottom + LINE - 3.0);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"end\">{minute} min</text>",
            );
        }
        Ok(svg)
    }

    /// What there is to be seen, in words.
    fn label(&self, seconds: &[f64]) -> Result<String, String> {
        let mut label = format!("{}: {}", self.title, self.description);
        for (name, values) in &self.curves {
            match peak(values) {
                Some((at, value)) => {
                    let (value, at) = (measure(value, self.unit)?, seconds[at]);
                    let _ = write!(label, "; {name} {value} at most, at {at:.0} s");
                }
                None => label += &format!("; {name} always 0"),
            }
        }
        Ok(label)
    }
}

fn polyline(points: &str, dashes: &str) -> String {
    format!("<polyline points=\"{points}\" stroke-dasharray=\"{dashes}\"/>\n")
}

/// The names of so many curves, each beside a piece of it, and of what has none; and how
/// far down they reach.
fn keys(names: &[String], curves: usize, width: f64, top: f64) -> (String, f64) {
    let (mut svg, mut left, mut y) = (String::new(), 0.0, top + LINE);
    for (at, name) in names.iter().enumerate() {
        let sample = if at < curves { SAMPLE + GAP } else { 0.0 };
        let long = sample + name.chars().count() as f64 * LETTER;
        if left > 0.0 && left + long > width {
            (left, y) = (0.0, y + LINE);
        }
        if at < curves {
            let (right, middle) = (left + SAMPLE, y - 4.0);
            let piece = format!("{left:.1},{middle} {right:.1},{middle}");
            svg += &polyline(&piece, DASHES[at]);
        }
        let (x, name) = (left + sample, escape(name));
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\">{name}</text>");
        left += long + 2.0 * GAP;
    }
    (svg, y + GAP)
}

/// Where a curve is highest, and how high: if it ever leaves the ground.
fn peak(values: &[f64]) -> Option<(usize, f64)> {
    let values = values.iter().copied().enumerate().filter(|it| it.1 > 0.0);
    values.max_by(|one, other| one.1.total_cmp(&other.1))
}

/// A value with its unit, short.
fn measure(value: f64, unit: &str) -> Result<String, String> {
    let (value, unit) = match unit {
        "reqps" | "cps" => (value, "/s"),
        "Bps" if value >= 1e6 => (value / 1e6, " MB/s"),
        "Bps" => (value / 1e3, " kB/s"),
        "s" if value >= 1.0 => (value, " s"),
        "s" => (value * 1e3, " ms"),
        "short" => (value, ""),
        other => return Err(format!("the unit {other} is not known here")),
    };
    let digits = usize::from(value < 10.0 && value.fract() > 0.0);
    Ok(format!("{value:.digits$}{unit}"))
}
