//! The dashboard of the book's server, drawn as Grafana would draw it, of what a
//! benchmark saw.
//!
//! Titles, places, units and questions are the dashboard's own. What can't be drawn is
//! an error, and so is a question about something that was not recorded.

use std::path::Path;

use fs_err as fs;
use serde_json::Value;

use crate::panel::Panel;
use crate::plot::Record;
use crate::query::{Counted, Series};

/// Where the dashboard is, from the repository's root.
pub const DASHBOARD: &str = "book/asides/grafana/rohttp.json";

/// Draws the dashboard with a record, which has a column for each series.
///
/// # Errors
/// If one of both is not there, or they don't fit.
pub fn show(root: &Path, name: &str) -> Result<String, String> {
    let record = Record::read(root, name)?;
    let counted = Counted::new(&record)?;
    let text = fs::read_to_string(root.join(DASHBOARD));
    let text = text.map_err(|it| it.to_string())?;
    let dashboard: Value =
        serde_json::from_str(&text).map_err(|it| format!("{DASHBOARD}: {it}"))?;
    let panels = dashboard["panels"].as_array().filter(|it| !it.is_empty());
    let panels = panels.ok_or_else(|| format!("{DASHBOARD} has no panels"))?;
    let panels = panels.iter().map(|panel| {
        let title = panel["title"].as_str().unwrap_or("a panel");
        let drawn = read(panel, &counted)
            .and_then(|it| Ok(((it.y, it.x), it.draw(counted.seconds())?)));
        drawn.map_err(|what| {
            format!("{DASHBOARD}, {title}: {what} (see {name}.txt)")
        })
    });
    let mut panels: Vec<((u64, u64), String)> = panels.collect::<Result<_, _>>()?;
    panels.sort();
    let drawn: String = panels.into_iter().map(|(_, drawn)| drawn).collect();
    Ok(record.framed(&format!("<div class=\"dashboard\">\n{drawn}</div>\n")))
}

fn read<'a>(panel: &'a Value, counted: &Counted) -> Result<Panel<'a>, String> {
    let kind = text(panel, "type")?;
    if kind != "timeseries" {
        return Err(format!("a panel of type {kind} is not known here"));
    }
    let mut curves = Vec::new();
    for target in panel["targets"].as_array().into_iter().flatten() {
        for series in counted.ask(text(target, "expr")?)? {
            let name = legend(text(target, "legendFormat")?, &series)?;
            curves.push((name, series.values));
        }
    }
    let place = &panel["gridPos"];
    Ok(Panel {
        title: text(panel, "title")?,
        description: text(panel, "description")?,
        unit: text(&panel["fieldConfig"]["defaults"], "unit")?,
        x: number(place, "x")?,
        y: number(place, "y")?,
        width: number(place, "w")?,
        height: number(place, "h")?,
        curves,
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value[key].as_str().ok_or_else(|| format!("it has no {key}"))
}

fn number(value: &Value, key: &str) -> Result<u64, String> {
    value[key].as_u64().ok_or_else(|| format!("it has no {key}"))
}

/// What a curve is called: for a label in braces, its value.
fn legend(format: &str, series: &Series) -> Result<String, String> {
    let mut text = format.to_owned();
    for (label, value) in &series.labels {
        text = text.replace(&format!("{{{{{label}}}}}"), value);
    }
    match text.contains("{{") {
        true => Err(format!("there is no such label: {text}")),
        false => Ok(text),
    }
}
