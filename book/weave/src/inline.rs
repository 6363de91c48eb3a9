//! Code within a sentence: where it may be broken into lines, and where not. Firefox
//! breaks lines at a slash, too.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// How many characters fit into one line on the narrowest of screens, in a cell of a
/// table too.
const LINE: usize = 26;

/// A line of Markdown whose code says itself where it may be broken: not at the hyphen
/// of an option, and not in the middle of a word unless that is longer than a line.
pub fn breakable(line: &str) -> String {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("`([^`]+)`").expect("it is a pattern"));
    // A heading's name is made of its text; HTML and two backticks mean what they say.
    if line.starts_with(['#', '<']) || line.contains("``") {
        return line.to_owned();
    }
    let code = |code: &Captures| match code[1].chars().count() {
        ..=LINE => format!("<code class=\"word\">{}</code>", verbatim(&code[1])),
        _ => {
            let words: Vec<String> = code[1].split(' ').map(word).collect();
            format!("<code>{}</code>", words.join(" "))
        }
    };
    CODE.replace_all(line, code).into_owned()
}

/// A word among others.
fn word(word: &str) -> String {
    match word.chars().count() {
        ..=LINE => whole(word),
        _ => {
            let pieces = word.split_inclusive(['_', '/', ':', ',', '=', '.', '&']);
            pieces.map(whole).collect::<Vec<String>>().join("<wbr>")
        }
    }
}

/// What has no place to break it.
fn whole(piece: &str) -> String {
    match piece.contains(['-', '/']) {
        true => format!("<span class=\"word\">{}</span>", verbatim(piece)),
        false => verbatim(piece),
    }
}

/// Text that Markdown leaves as it is.
pub(crate) fn verbatim(text: &str) -> String {
    let mut verbatim = String::new();
    // In a table this is how a bar is written that ends no cell.
    for character in text.replace("\\|", "|").chars() {
        match character.is_ascii_punctuation() {
            true => _ = write!(verbatim, "&#{};", character as u32),
            false => verbatim.push(character),
        }
    }
    verbatim
}
