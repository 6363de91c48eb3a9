//! What questions to Prometheus come to: the few forms of them that the dashboard has.

use std::collections::BTreeMap;

use crate::plot::Record;

/// Over how many looks a rate is taken: four, as Grafana does.
const WINDOW: usize = 4;

/// A series: its labels, and its value at each look. It is no number where there is
/// nothing to be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is told from others of its name by.
    pub labels: BTreeMap<String, String>,
    /// Its values.
    pub values: Vec<f64>,
}

/// All that was counted.
#[derive(Debug)]
pub struct Counted {
    seconds: Vec<f64>,
    by_name: BTreeMap<String, Vec<Series>>,
}

impl Counted {
    /// What a record has: a column for each series, which has its name and its labels
    /// above it.
    ///
    /// # Errors
    /// If they are not written as Prometheus writes them.
    pub fn new(record: &Record) -> Result<Counted, String> {
        let values =
            |column| record.rows.iter().map(|row: &Vec<f64>| row[column]).collect();
        let mut by_name = BTreeMap::<String, Vec<Series>>::new();
        for (column, heading) in record.names.iter().enumerate().skip(1) {
            let (name, labels) = heading.split_once('{').unwrap_or((heading, "}"));
            let pairs = labels.strip_suffix('}').map(|it| it.split_terminator(','));
            let labels = pairs.and_then(|it| it.map(label).collect());
            let labels = labels.ok_or_else(|| format!("{heading} is no series"))?;
            let series = Series { labels, values: values(column) };
            by_name.entry(name.to_owned()).or_default().push(series);
        }
        Ok(Counted { seconds: values(0), by_name })
    }

    /// When it was looked, in seconds.
    pub fn seconds(&self) -> &[f64] {
        &self.seconds
    }

    /// What a question comes to.
    ///
    /// # Errors
    /// If it has another form, or is about something that was not recorded.
    pub fn ask(&self, question: &str) -> Result<Vec<Series>, String> {
        let inside = |before, after| {
            question.strip_prefix(before).and_then(|it| it.strip_suffix(after))
        };
        let quantiles: Option<(&str, &str)> =
            inside("histogram_quantile(", ")").and_then(|it| it.split_once(", "));
        let sums: Option<(&str, &str)> =
            inside("sum by (", ")").and_then(|it| it.split_once(") ("));
        if let Some((part, buckets)) = quantiles {
            let part = part.parse().map_err(|_| format!("{part} is no part"))?;
            quantile(part, &self.ask(buckets)?)
        } else if let Some((label, all)) = sums {
            sum(label, self.ask(all)?)
        } else if let Some(name) = inside("rate(", "[$__rate_interval])") {
            Ok(self.named(name)?.iter().map(|it| self.rate(it)).collect())
        } else if question.chars().all(|it| it.is_ascii_lowercase() || it == '_') {
            self.named(question).cloned()
        } else {
            Err(format!("what {question} comes to is not known here"))
        }
    }

    fn named(&self, name: &str) -> Result<&Vec<Series>, String> {
        let series = self.by_name.get(name);
        series.ok_or_else(|| format!("{name} was not recorded"))
    }

    /// How much more there is each second. At the first look nobody knows.
    fn rate(&self, Series { labels, values }: &Series) -> Series {
        let rate = |at: usize| {
            let from = at.saturating_sub(WINDOW);
            let seconds = self.seconds[at] - self.seconds[from];
            (values[at] - values[from]) / seconds
        };
        let values = (0..values.len()).map(rate).collect();
        Series { labels: labels.clone(), values }
    }
}

/// `status="200"`, or what looks like it.
fn label(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once("=\"")?;
    Some((name.to_owned(), value.strip_suffix('"')?.to_owned()))
}

fn sum(label: &str, all: Vec<Series>) -> Result<Vec<Series>, String> {
    let mut sums = BTreeMap::<String, Series>::new();
    for Series { labels, values } in all {
        let value = labels.get(label).ok_or_else(|| format!("no label {label}"))?;
        let empty = || Series {
            labels: [(label.to_owned(), value.clone())].into(),
            values: vec![0.0; values.len()],
        };
        let sum = sums.entry(value.clone()).or_insert_with(empty);
        sum.values.iter_mut().zip(values).for_each(|(sum, it)| *sum += it);
    }
    Ok(sums.into_values().collect())
}

/// Where a part of all lies, as Prometheus has it: those in a bucket are taken to lie
/// evenly between its bounds, and beyond the last bound nobody looks.
fn quantile(part: f64, buckets: &[Series]) -> Result<Vec<Series>, String> {
    let bound = |it: &Series| match it.labels.get("le").map(String::as_str) {
        Some("+Inf") => Some(f64::INFINITY),
        Some(bound) if it.labels.len() == 1 => bound.parse().ok(),
        _ => None,
    };
    let bounds = buckets.iter().map(|it| Some((bound(it)?, &it.values)));
    let bounds: Option<Vec<(f64, &Vec<f64>)>> = bounds.collect();
    let mut bounds = bounds.ok_or("a quantile of what is no sum by (le)")?;
    bounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some(&(_, counts)) = bounds.last() else { return Ok(Vec::new()) };
    let value = |at: usize| {
        let wanted = part * counts[at];
        let (mut low, mut below) = (0.0, 0.0);
        for &(high, counts) in &bounds {
            let count = counts[at];
            if count > below && count >= wanted {
                let is_last = high.is_infinite();
                let share = (wanted - below) / (count - below);
                return if is_last { low } else { low + (high - low) * share };
            }
            (low, below) = (high, count);
        }
        f64::NAN
    };
    let values = (0..counts.len()).map(value).collect();
    Ok(vec![Series { labels: BTreeMap::new(), values }])
}
