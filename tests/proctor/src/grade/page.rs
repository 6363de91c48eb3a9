//! A class as a page for browsers: one file, which needs no script and no network.

use std::fmt::Write;

use crate::grade::{Class, Mark, Row};

/// What the page looks like, by day and by night.
const STYLE: &str = "
:root { color-scheme: light dark; font: 1rem/1.4 system-ui, sans-serif }
body { margin: 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse }
caption { text-align: start; margin-bottom: 1rem }
th, td { padding: .1rem .4rem; text-align: center; white-space: nowrap }
tbody tr:hover, tfoot { background: color-mix(in srgb, CanvasText 10%, Canvas) }
thead th { vertical-align: bottom }
thead th.check { writing-mode: vertical-rl; transform: rotate(180deg); text-align: start;
  font-weight: normal }
th:first-child { text-align: start; position: sticky; left: 0; background: Canvas }
td.failed, td.none { background: color-mix(in srgb, #c33 25%, Canvas) }
td.passed { background: color-mix(in srgb, #3a3 20%, Canvas) }
td a { display: block; color: inherit }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem;
  background: color-mix(in srgb, CanvasText 7%, Canvas) }
:target { outline: 2px solid; outline-offset: .3rem }
";

/// A row for each submission, a column for each check, and below, what was said of each
/// failure, to which the rows link.
pub fn html(class: &Class, rows: &[Row]) -> String {
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Grades</title>\n<style>{STYLE}</style>\n<h1>Grades</h1>\n"
    );
    table(&mut text, class, rows);
    for (number, row) in rows.iter().enumerate() {
        section(&mut text, class, number, row);
    }
    text
}

fn table(text: &mut String, class: &Class, rows: &[Row]) {
    *text += "<div class=\"wide\"><table>\n<caption>&#x2713; passed, &#x2717; failed, \
        &#x2013; can\u{2019}t be made on this server and does not count, \
        ? was not made</caption>\n<thead><tr><th scope=\"col\">submission</th>\
        <th scope=\"col\">points</th><th scope=\"col\">of</th>";
    for (check, port) in &class.plan {
        let name = escaped(&port.name_of(check.id));
        let title = escaped(check.title);
        let _ = write!(
            text,
            "<th scope=\"col\" class=\"check\" title=\"{title}\">{name}</th>"
        );
    }
    *text += "</tr></thead>\n<tbody>\n";
    for (number, row) in rows.iter().enumerate() {
        let name = escaped(&row.name);
        let (earned, of) = (row.points.earned, row.points.of);
        let _ = write!(
            text,
            "<tr><th scope=\"row\"><a href=\"#s{number}\">{name}</a></th>\
             <td>{earned}</td><td>{of}</td>"
        );
        for (column, mark) in row.marks.iter().enumerate() {
            cell(text, (number, column), mark);
        }
        *text += "</tr>\n";
    }
    *text +=
        "</tbody>\n<tfoot><tr><th scope=\"row\">passed by</th><td></td><td></td>";
    for column in 0..class.plan.len() {
        let passed = rows.iter().filter(|it| it.marks[column] == Mark::Passed);
        let _ = write!(text, "<td>{}</td>", passed.count());
    }
    *text += "</tr></tfoot>\n</table></div>\n";
}

fn cell(text: &mut String, (number, column): (usize, usize), mark: &Mark) {
    let _ = match mark {
        Mark::Passed => write!(text, "<td class=\"passed\">&#x2713;</td>"),
        Mark::Failed(_) => write!(
            text,
            "<td class=\"failed\"><a href=\"#s{number}c{column}\">&#x2717;</a></td>"
        ),
        Mark::Skipped(why) => {
            write!(text, "<td title=\"{}\">&#x2013;</td>", escaped(why))
        }
        Mark::NotMade => write!(text, "<td class=\"none\">?</td>"),
    };
}

/// What was said of a submission.
fn section(text: &mut String, class: &Class, number: usize, row: &Row) {
    let (name, points) = (escaped(&row.name), row.points);
    let _ = writeln!(text, "<h2 id=\"s{number}\">{name}: {points}</h2>");
    if let Some(remark) = &row.remark {
        let _ = writeln!(text, "<pre>{}</pre>", escaped(remark));
    }
    for (column, (mark, (check, port))) in
        row.marks.iter().zip(&class.plan).enumerate()
    {
        if let Mark::Failed(report) = mark {
            let name = escaped(&port.name_of(check.id));
            let report = escaped(report);
            let _ = writeln!(
                text,
                "<h3 id=\"s{number}c{column}\">{name}</h3>\n<pre>{report}</pre>"
            );
        }
    }
}

/// Text as HTML has it. Reports have no control characters but line ends; what turns the
/// direction of text around would still turn that of ours.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            '\n' => escaped.push('\n'),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_is_text_whatever_it_says() {
        assert_eq!(
            escaped("<a href='x' title=\"&\">\n\0\u{202e}"),
            "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;\n\u{fffd}\\u{202e}"
        );
    }
}
