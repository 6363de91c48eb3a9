//! What differs between two texts.

use similar::{ChangeTag, TextDiff};

use crate::code;

/// How many lines around a change are shown with it.
const CONTEXT: usize = 3;

/// What differs between two texts, with some lines around it.
pub fn show(from: &str, to: &str) -> String {
    let diff = TextDiff::from_lines(from, to);
    let mut text = String::new();
    for group in diff.grouped_ops(CONTEXT) {
        if !text.is_empty() {
            text.push_str("@@\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push(match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            });
            text.push_str(change.value());
        }
    }
    code::block("diff", &text)
}

/// How many lines a text has that it did not have, and that are not empty.
pub fn new_lines(from: &str, to: &str) -> usize {
    count(from, to, ChangeTag::Insert)
}

/// How many lines it has no more.
pub fn lines_gone(from: &str, to: &str) -> usize {
    count(from, to, ChangeTag::Delete)
}

fn count(from: &str, to: &str, tag: ChangeTag) -> usize {
    let diff = TextDiff::from_lines(from, to);
    let changes = diff.iter_all_changes().filter(|change| change.tag() == tag);
    changes.filter(|change| !change.value().trim().is_empty()).count()
}
