//! The sections of RFCs that the code keeps and the tests hold it to: each with its rule,
//! the listings that name it, and what fails where it is not kept.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::iter;

use crate::book::Book;
use crate::cite::{self, Section};
use crate::house::is_shown;
use crate::index::{anchor, listing_of};
use crate::inline::breakable;
use crate::piece::Piece;
use crate::source::Source;

/// The page of the rules, and of what proctor asks for.
pub const RULES: &str = "rules";
/// The page of the sections.
const PAGE: &str = "sections";

/// What the RFCs are about.
const RFCS: [(&str, &str); 17] = [
    ("2046", "MIME's media types"),
    ("3986", "URIs"),
    ("5246", "TLS 1.2"),
    ("5280", "certificates"),
    ("6066", "extensions of TLS"),
    ("6585", "status codes that came later"),
    ("6724", "which address is taken first"),
    ("6797", "Strict-Transport-Security"),
    ("7301", "ALPN"),
    ("8446", "TLS 1.3"),
    ("8996", "the end of TLS 1.0 and 1.1"),
    ("9110", "HTTP semantics"),
    ("9111", "HTTP caching"),
    ("9112", "HTTP/1.1"),
    ("9113", "HTTP/2"),
    ("9293", "TCP"),
    ("9325", "how TLS is used well"),
];

/// What there is to say of a section.
#[derive(Debug)]
struct Entry {
    rfc: String,
    number: String,
    address: String,
    /// What it demands, in the words of the rules.
    rules: Vec<String>,
    /// The files in which it is kept, and the pieces of each that name it, in order.
    code: BTreeMap<String, Vec<String>>,
    /// The tests that fail where it is not.
    tests: Vec<String>,
    /// The checks that ask for it, by who asks.
    checks: BTreeMap<Asks, Vec<String>>,
}

/// Who asks for what a check is about, as the table of checks has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asks {
    Must,
    Should,
    Ours,
}

/// Every section that is named, in the order of RFCs and of their sections, appendices
/// last.
#[derive(Debug, Default)]
struct Entries(BTreeMap<(u32, Vec<(bool, u32)>), Entry>);

impl Entries {
    /// All that the rules, the checks and the code name.
    fn load(book: &Book) -> Result<Entries, String> {
        let mut entries = Entries::default();
        let rules = book.chapters.iter().find(|it| it.name == RULES);
        for line in rules.iter().flat_map(|it| it.text.lines()) {
            entries.take_row(line)?;
        }
        for (path, source) in book.house.shown() {
            for (piece, text) in comments(source) {
                let name = source.name_of(piece);
                for section in named(book, path, &text)? {
                    let code = &mut entries.of(section).code;
                    let pieces = code.entry(path.clone()).or_default();
                    // A file's own comment is about all of it.
                    if name != "//!" && pieces.last().is_none_or(|it| it != name) {
                        pieces.push(name.to_owned());
                    }
                }
            }
        }
        Ok(entries)
    }

    fn of(&mut self, section: Section) -> &mut Entry {
        let Section { rfc, number } = section;
        let part = |it: &str| match it.parse() {
            Ok(number) => (false, number),
            Err(_) => (true, it.bytes().next().map_or(0, u32::from)),
        };
        let key = (rfc.parse().unwrap_or(0), number.split('.').map(part).collect());
        self.0.entry(key).or_insert_with(|| Entry {
            rfc: rfc.to_owned(),
            number: number.to_owned(),
            address: section.address(),
            rules: Vec::new(),
            code: BTreeMap::new(),
            tests: Vec::new(),
            checks: BTreeMap::new(),
        })
    }

    /// A row of the rules, or of what proctor asks for.
    fn take_row(&mut self, line: &str) -> Result<(), String> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &["", first, second, third, fourth, ""] = &cells[..] else {
            return Ok(());
        };
        let of = |cell| {
            cite::sections(cell, None)
                .map_err(|it| format!("section {it} of what?"))
        };
        for section in of(first)? {
            let entry = self.of(section);
            entry.rules.push(second.to_owned());
            entry.code.entry(third.trim_matches('`').to_owned()).or_default();
            let test = fourth.trim_matches('`').to_owned();
            if !entry.tests.contains(&test) {
                entry.tests.push(test);
            }
        }
        let asks = match third {
            _ if third.ends_with("(should)") => Asks::Should,
            _ if third.starts_with("ours") => Asks::Ours,
            _ => Asks::Must,
        };
        for section in of(third)? {
            let checks = &mut self.of(section).checks;
            checks
                .entry(asks)
                .or_default()
                .push(first.trim_matches('`').to_owned());
        }
        Ok(())
    }
}

/// Every section, in a table for each RFC.
///
/// # Errors
/// If a comment names a section, and not of what; or an RFC is unknown here.
pub fn show(book: &Book) -> Result<String, String> {
    let (mut page, mut last) = (String::new(), String::new());
    for entry in Entries::load(book)?.0.values() {
        if entry.rfc != last {
            let rfc = &entry.rfc;
            let about = RFCS.iter().find(|(number, _)| number == rfc);
            let (_, about) =
                about.ok_or_else(|| format!("what is RFC {rfc} about?"))?;
            let _ = write!(
                page,
                "\n## RFC {rfc}: {about}\n\n\
                 | section | what is demanded | where | held to it by |\n\
                 |---|---|---|---|\n"
            );
            last.clone_from(rfc);
        }
        page.push_str(&breakable(&entry.row(book)));
        page.push('\n');
    }
    Ok(page)
}

impl Entry {
    fn row(&self, book: &Book) -> String {
        let Entry { rfc, number, address, .. } = self;
        let rules = self.rules.join("; ");
        let code = self.code.iter().map(|(file, names)| {
            let items = names.iter().map(|name| linked(book, file, name));
            let items: Vec<String> = items.collect();
            let colon = if items.is_empty() { "" } else { ": " };
            format!("{}{colon}{}", link(file), items.join(", "))
        });
        // A check that the rules name asks for its section itself, too.
        let is_check = |it: &str| {
            let id = it.strip_prefix("proctor: ");
            id.is_some_and(|id| self.checks.values().flatten().any(|it| it == id))
        };
        let tests = self.tests.iter().filter(|it| !is_check(it));
        let tests = tests.map(|test| held_by(test));
        let checks = self.checks.iter().map(|(asks, ids)| {
            let ids: Vec<String> = ids.iter().map(|id| check(id)).collect();
            let asks = match asks {
                Asks::Must => "must",
                Asks::Should => "should",
                Asks::Ours => "ours",
            };
            format!("{asks}: {}", ids.join(", "))
        });
        let code: Vec<String> = code.collect();
        let held: Vec<String> = tests.chain(checks).collect();
        format!(
            "| <span id=\"{}\"></span>[{number}]({address}) | {rules} | {} | {} |",
            place(rfc, number),
            code.join("<br>"),
            held.join("<br>"),
        )
    }
}

/// What a section is called in a link.
fn place(rfc: &str, number: &str) -> String {
    format!("rfc{rfc}-{}", number.replace('.', "-"))
}

/// The sections that are kept in each file, linked to what is said of them here. What is
/// wrong with one is said where they are shown.
pub fn by_file(book: &Book) -> BTreeMap<String, String> {
    let mut files = BTreeMap::<String, String>::new();
    let entries = Entries::load(book).unwrap_or_default();
    for Entry { rfc, number, code, .. } in entries.0.values() {
        for file in code.keys() {
            let of = format!("RFC {rfc}: ");
            let links = files.entry(file.clone()).or_default();
            if !links.contains(&of) {
                let end = if links.is_empty() { "" } else { "; " };
                let _ = write!(links, "{end}{of}");
            } else {
                links.push(' ');
            }
            let _ = write!(links, "[{number}]({PAGE}.md#{})", place(rfc, number));
        }
    }
    files
}

/// A line of the rules, whose rows can be linked to, and link to the files and checks that
/// they name.
pub fn rule(line: &str) -> String {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let code =
        |cell: &str| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned());
    let is_file = |it: &String| is_shown(it);
    let cell = |(index, cell): (usize, &&str)| match code(cell) {
        Some(id) if index == 1 => {
            format!("<span id=\"{}\"></span>{cell}", check_place(&id))
        }
        Some(file) if is_file(&file) => link(&file),
        Some(test) if test.starts_with("proctor: ") => held_by(&test),
        _ => (*cell).to_owned(),
    };
    match cells.len() {
        5.. => cells.iter().enumerate().map(cell).collect::<Vec<_>>().join(" | "),
        _ => line.to_owned(),
    }
}

/// The pieces of a file that have comments, with what these say, a block's members apart.
fn comments(source: &Source) -> Vec<(&Piece, String)> {
    let pieces =
        source.pieces.iter().flat_map(|it| iter::once(it).chain(&it.members));
    let with_text = pieces.map(|piece| {
        let lines = source.frame_of(piece).into_iter();
        let lines = lines.filter_map(|line| {
            let comment = source.lines[line].trim_start().strip_prefix("//")?;
            Some(comment.trim_start_matches(['/', '!']).trim())
        });
        (piece, lines.collect::<Vec<&str>>().join(" "))
    });
    with_text.collect()
}

/// The sections that a file's comment names. Whose RFC it does not say are of that which
/// the file is about, or its folder.
fn named<'a>(
    book: &'a Book,
    path: &str,
    text: &'a str,
) -> Result<Vec<Section<'a>>, String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let files = [path.to_owned(), format!("{folder}/mod.rs")];
    let own = files.iter().filter_map(|file| book.house.sources.get(file));
    let mut lines = own.flat_map(|it| &it.lines).filter(|it| it.starts_with("//!"));
    let about = lines.find_map(|line| cite::rfc(line));
    cite::sections(text, about)
        .map_err(|it| format!("{path} names section {it}, and not of which RFC"))
}

/// A piece's name, linked to the listing that shows it.
fn linked(book: &Book, file: &str, name: &str) -> String {
    match listing_of(book, file, name) {
        Some(address) => {
            format!("[`{name}`]({})", address.replace(".html#", ".md#"))
        }
        None => format!("`{name}`"),
    }
}

/// A file, linked to the listings that show it.
fn link(file: &str) -> String {
    format!("[`{file}`](files.md#{})", anchor(file))
}

/// A test's name; that of a check of proctor's, linked to what it asks for.
fn held_by(test: &str) -> String {
    match test.strip_prefix("proctor: ") {
        Some(id) => format!("proctor: {}", check(id)),
        None => format!("`{test}`"),
    }
}

fn check(id: &str) -> String {
    format!("[`{id}`]({RULES}.md#{})", check_place(id))
}

/// What the row of a check is called in a link.
fn check_place(id: &str) -> String {
    format!("check-{}", id.replace('.', "-"))
}
