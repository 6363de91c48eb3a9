//! A class as a table for spreadsheets (RFC 4180).

use crate::grade::{Class, Mark, Row};

/// A row for each submission, a column for each check: the points that it has earned with
/// it, and nothing where it can't be made. So the columns' sum is the row's points.
pub fn csv(class: &Class, rows: &[Row]) -> String {
    let names = class.plan.iter().map(|(check, port)| port.name_of(check.id));
    let head = ["submission", "points", "of", "remark"].map(String::from);
    let mut text = line(head.into_iter().chain(names));
    for row in rows {
        let numbers = [row.points.earned, row.points.of].map(|it| it.to_string());
        let remark = row.remark.clone().unwrap_or_default();
        let marks =
            row.marks.iter().zip(&class.plan).map(
                |(mark, (check, _))| match mark {
                    Mark::Passed => class.weights.of(check).to_string(),
                    Mark::Failed(_) | Mark::NotMade => "0".into(),
                    Mark::Skipped(_) => String::new(),
                },
            );
        let head = std::iter::once(row.name.clone()).chain(numbers).chain([remark]);
        text += &line(head.chain(marks));
    }
    text
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|it| quoted(&it)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell, in quotes where it needs them. What a spreadsheet would take for a formula is
/// text all the same, behind an apostrophe: a folder's name is its author's.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    match cell.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_means_something_in_a_table_is_quoted() {
        for (cell, expected) in [
            ("ada", "ada"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("-1,2", "\"'-1,2\""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
