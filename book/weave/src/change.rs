//! What differs between two files.

use similar::{ChangeTag, TextDiff};

use crate::html::fenced;
use crate::source::Source;

/// How many lines around a change are shown with it.
const CONTEXT: usize = 2;

/// What differs between two files, with some lines around it.
pub fn show(from: &Source, to: &Source) -> String {
    let (old, new) = (from.lines.join("\n") + "\n", to.lines.join("\n") + "\n");
    let diff = TextDiff::from_lines(&old, &new);
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
    fenced("diff", &text)
}
