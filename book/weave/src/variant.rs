//! A recorded request that is right, and others that differ from it in a place or two,
//! each with what the server said to it.

use std::path::Path;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::code;
use crate::exchange;
use crate::html::escape;
use crate::kind::Way;

/// Variants of a part's exchange, folded, each under what is different: its name, and how
/// that is said.
///
/// # Errors
/// If one of them is not on record, or is no other than the exchange.
pub fn show(
    root: &Path,
    part: &str,
    base: &str,
    variants: &[(String, String)],
) -> Result<String, String> {
    let right = exchange::read(root, part, base)?;
    if variants.is_empty() {
        return Err(format!("no variants of {base} are named, after a semicolon"));
    }
    let mut shown = String::from("<div class=\"variants\">\n");
    for (name, what) in variants {
        let exchange = exchange::read(root, part, name)?;
        let was: Vec<&str> = right.lines(Way::Sent).collect();
        let is: Vec<&str> = exchange.lines(Way::Sent).collect();
        if was == is {
            return Err(format!("what {name} sends is what {base} does"));
        }
        let lanes = exchange.lanes_with("wire", true, &compare(&was, &is));
        let caption = format!("on the wire: {part}");
        shown.push_str(&format!(
            "<details><summary>{}</summary>\n{}</details>\n",
            escape(what),
            exchange::figure("wire", &caption, &exchange.text, &lanes),
        ));
    }
    Ok(shown + "</div>\n")
}

/// Lines, with what is new in them set apart, and what was there instead.
fn compare(was: &[&str], is: &[&str]) -> String {
    let mut shown = String::new();
    for op in capture_diff_slices(Algorithm::Myers, was, is) {
        let (old, new) = (&was[op.old_range()], &is[op.new_range()]);
        for (index, line) in new.iter().enumerate() {
            let html = match (op, old.get(index)) {
                (DiffOp::Equal { .. }, _) => marked("", &[line]),
                (_, Some(old)) => within(old, line),
                (_, None) => marked("new", &[line]),
            };
            shown.push_str(&code::line("", line, &html));
        }
        for line in old.iter().skip(new.len()) {
            shown.push_str(&code::line("", line, &marked("gone", &[line])));
        }
    }
    shown
}

/// A line that was another one.
fn within(was: &str, is: &str) -> String {
    let (was, is) = (characters(was), characters(is));
    let ops = capture_diff_slices(Algorithm::Myers, &was, &is).into_iter();
    let pieces = ops.map(|op| match op {
        DiffOp::Equal { .. } => marked("", &is[op.new_range()]),
        _ => {
            let gone = marked("gone", &was[op.old_range()]);
            gone + &marked("new", &is[op.new_range()])
        }
    });
    pieces.collect()
}

/// The characters of a line, of which an escape is one.
fn characters(line: &str) -> Vec<&str> {
    let mut characters = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\\' if rest.starts_with("\\x") => 4,
            '\\' => 2,
            first => first.len_utf8(),
        };
        let (character, after) = rest.split_at(length.min(rest.len()));
        characters.push(character);
        rest = after;
    }
    characters
}

/// Text with its line ends set apart, in an element if it is of a class.
fn marked(class: &str, text: &[&str]) -> String {
    let text = exchange::with_controls(&text.concat());
    match (class, &*text) {
        ("", _) | (_, "") => text,
        ("gone", _) => format!("<del class=\"gone\">{text}</del>"),
        (class, _) => format!("<ins class=\"{class}\">{text}</ins>"),
    }
}
