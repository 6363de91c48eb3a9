//! A folder as a page that one likes to look at. It needs no script, and fetches
//! nothing.

use std::cmp::Ordering;
use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode,
};

use crate::date::imf_fixdate;

/// What stands in a path as it is (RFC 3986 section 2.3); all else is encoded.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a folder holds.
#[derive(Debug)]
pub struct Entry {
    /// Its name, in whatever encoding.
    pub name: OsString,
    /// Whether it is a folder itself.
    pub is_folder: bool,
    /// How many bytes it has, if it is a file.
    pub length: u64,
    /// When it changed last.
    pub modified: SystemTime,
}

/// What the entries are sorted by. Folders come first in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Name,
    Size,
    Modified,
}

/// Which comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    Ascending,
    Descending,
}

impl Column {
    const ALL: [Column; 3] = [Column::Name, Column::Size, Column::Modified];

    fn name(self) -> &'static str {
        match self {
            Column::Name => "name",
            Column::Size => "size",
            Column::Modified => "modified",
        }
    }

    fn compare(self, one: &Entry, other: &Entry) -> Ordering {
        match self {
            Column::Name => one.name.cmp(&other.name),
            Column::Size => one.length.cmp(&other.length),
            Column::Modified => one.modified.cmp(&other.modified),
        }
    }
}

/// How the entries are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    column: Column,
    direction: Direction,
}

impl Sort {
    /// What a query says of it: `sort=size`, or `sort=-size` for the largest first;
    /// otherwise by name.
    pub fn of(query: Option<&str>) -> Sort {
        let mut parameters = query.unwrap_or_default().split('&');
        let sort = parameters.find_map(|it| it.strip_prefix("sort="));
        let name = sort.unwrap_or_default();
        let (name, direction) = match name.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (name, Direction::Ascending),
        };
        let column = Column::ALL.into_iter().find(|it| it.name() == name);
        Sort { column: column.unwrap_or(Column::Name), direction }
    }
}

/// The page for a folder, whose path ends in a slash.
pub fn page(path: &str, sort: Sort, mut entries: Vec<Entry>) -> String {
    let Sort { column, direction } = sort;
    entries.sort_by(|one, other| {
        let order = column.compare(one, other);
        let order = match direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        };
        let folders_first = other.is_folder.cmp(&one.is_folder);
        folders_first.then(order).then_with(|| one.name.cmp(&other.name))
    });

    let title = escape(&percent_decode_str(path).decode_utf8_lossy());
    let mut page =
        format!("{BEFORE_TITLE}{title}{AFTER_TITLE}<h1>{title}</h1>\n<table>\n");
    page.push_str("<thead><tr>");
    for other in Column::ALL {
        heading(&mut page, other, (other == column).then_some(direction));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    if path != "/" {
        page.push_str(
            "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n",
        );
    }
    for entry in &entries {
        row(&mut page, entry);
    }
    page.push_str("</tbody>\n</table>\n</body>\n</html>\n");
    page
}

/// A column's heading: a link that sorts by it, the other way round if it has been.
fn heading(page: &mut String, column: Column, sorted: Option<Direction>) {
    let name = column.name();
    let (aria, minus, arrow) = match sorted {
        None => ("", "", ""),
        Some(Direction::Ascending) => (" aria-sort=\"ascending\"", "-", " ↑"),
        Some(Direction::Descending) => (" aria-sort=\"descending\"", "", " ↓"),
    };
    write!(
        page,
        "<th{aria}><a href=\"?sort={minus}{name}\">{name}{arrow}</a></th>"
    )
    .expect("memory takes it");
}

fn row(page: &mut String, entry: &Entry) {
    let slash = if entry.is_folder { "/" } else { "" };
    let link = percent_encode(entry.name.as_bytes(), ENCODED);
    let name = escape(&entry.name.to_string_lossy());
    let size = if entry.is_folder { String::new() } else { size(entry.length) };
    let date = imf_fixdate(entry.modified);
    // Of "Mon, 27 Jul 1987 00:00:00 GMT", the day and the minute.
    let date =
        str::from_utf8(date.get(5..22).unwrap_or_default()).unwrap_or_default();
    writeln!(
        page,
        "<tr><td><a href=\"./{link}{slash}\">{name}{slash}</a></td>\
         <td title=\"{length} bytes\">{size}</td><td>{date}</td></tr>",
        length = entry.length,
    )
    .expect("memory takes it");
}

/// A length, to three digits or so.
fn size(length: u64) -> String {
    let mut size = length as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1000.0 {
            let decimals = usize::from(unit != "B" && size < 10.0);
            return format!("{size:.decimals$} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}

/// Text as it may stand in HTML, in attributes too.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

const BEFORE_TITLE: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>";

const AFTER_TITLE: &str = "</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem .5rem; text-align: left; vertical-align: baseline }
th { border-bottom: 2px solid }
td { border-bottom: 1px solid #8884 }
th:nth-child(n+2), td:nth-child(n+2) { text-align: right; white-space: nowrap;
       font-variant-numeric: tabular-nums }
td:first-child { overflow-wrap: anywhere }
a { text-decoration: none }
a:hover { text-decoration: underline }
</style>
</head>
<body>
";
