//! Code as a page has it: a line in an element of its own, so that one that is too long
//! is wrapped to where it began, and coloured here, so that no script need do it.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use crate::html::escape;

/// Code in a block, which Markdown does not look into.
pub fn block(language: &str, code: &str) -> String {
    let lines = lines(code, &marks(language, code), language == "diff");
    format!("<pre><code class=\"language-{language}\">{lines}</code></pre>\n")
}

/// How many characters a line has on the narrowest of screens.
const NARROW: usize = 38;

/// One line: a class for it, what it says, and how that is written. A blank line would
/// end the block for Markdown, so each has its element closed on the next.
pub fn line(class: &str, text: &str, html: &str) -> String {
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    let indent = text.len() - text.trim_start_matches(' ').len();
    // How far it is indented matters only where it is wrapped.
    let indent = match text.chars().count() > NARROW && indent > 0 {
        true => format!(" style=\"--in:{indent}\""),
        false => String::new(),
    };
    format!("<span{class}{indent}>{html}\n</span>")
}

/// A stretch of code to be coloured, in bytes, and the class that does so.
struct Mark {
    from: usize,
    to: usize,
    class: &'static str,
}

/// What is coloured in Rust. It is little: comments, strings, attributes, what is named
/// here, and the language's own words.
const RUST: &str = r##"(?x)
    (?<comment> //[^\n]*)
    | (?<string> \bb?r\#"(?s:.*?)"\# | \bb?r"[^"]*" | b?"(?s:\\.|[^"\\])*"
        | b?'(?:\\u\{\w+\}|\\x\w\w|\\.|[^'\\\n])')
    | (?<attribute> \#!?\[[^\]\n]*\])
    | (?<word> \b(?:const|enum|fn|mod|static|struct|trait|type)\b)\x20(?<name> [A-Za-z]\w*)
    | \b(?<keyword> as|async|await|break|const|continue|crate|dyn|else|enum|extern|false
        |fn|for|if|impl|in|let|loop|match|mod|move|mut|pub|ref|return|self|Self|static
        |struct|super|trait|true|type|unsafe|use|where|while)\b
"##;

/// The same in what else the book shows: other languages, and configuration.
const OTHERS: &str = r##"(?x)
    (?<comment> (?:(?m:^)|[\x20\t])(?:\#|//)[^\n]*)
    | (?<string> b?"(?:\\.|[^"\\\n])*" | b?'(?:\\.|[^'\\\n])*' | `[^`]*`)
    | (?<attribute> (?m:^\[.*\]$))
    | (?<word> \b(?:class|def|func|function)\b)\x20(?<name> \w+)
    | \b(?<keyword> and|as|async|await|break|catch|class|const|continue|def|defer|elif
        |else|except|for|from|func|function|go|if|import|in|is|let|not|or|package|raise
        |range|return|try|type|var|while|with)\b
"##;

/// The parts of a pattern, and the class of each.
const CLASSES: [(&str, &str); 6] = [
    ("comment", "c"),
    ("string", "s"),
    ("attribute", "a"),
    ("word", "k"),
    ("name", "d"),
    ("keyword", "k"),
];

/// What is coloured, in order.
fn marks(language: &str, code: &str) -> Vec<Mark> {
    static PATTERNS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [RUST, OTHERS].map(|it| Regex::new(it).expect("it is a pattern"))
    });
    let pattern = match language {
        // Nobody programs in it.
        "sh" | "text" => return Vec::new(),
        "rust" | "diff" => &PATTERNS[0],
        _ => &PATTERNS[1],
    };
    let mut marks = Vec::new();
    for found in pattern.captures_iter(code) {
        for (part, class) in CLASSES {
            if let Some(it) = found.name(part) {
                marks.push(Mark { from: it.start(), to: it.end(), class });
            }
        }
    }
    marks
}

/// Lines with what is marked in them; a mark that goes over several begins anew in each.
fn lines(code: &str, marks: &[Mark], is_change: bool) -> String {
    let (mut text, mut start) = (String::new(), 0);
    for line in code.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        let escape: fn(&str) -> String = match end - start > NARROW {
            true => breakable,
            false => escape,
        };
        let mut html = String::new();
        let mut at = start;
        for mark in marks.iter().filter(|it| it.from < end && it.to > start) {
            let (from, to) = (mark.from.max(start), mark.to.min(end));
            html.push_str(&escape(&code[at..from]));
            let marked = escape(&code[from..to]);
            let _ = write!(html, "<i class=\"{}\">{marked}</i>", mark.class);
            at = to;
        }
        html.push_str(&escape(&code[at..end]));
        let class = if is_change { change(line) } else { "" };
        text.push_str(&self::line(class, &code[start..end], &html));
        start += line.len();
    }
    text
}

/// Code with places at which one would break it oneself.
fn breakable(code: &str) -> String {
    let code = escape(code).replace("::", "::<wbr>");
    code.replace('(', "(<wbr>").replace('.', ".<wbr>")
}

/// What a line of a change is.
fn change(line: &str) -> &'static str {
    match line.as_bytes().first() {
        Some(b'+') => "new",
        Some(b'-') => "gone",
        Some(b'@') => "cut",
        _ => "",
    }
}
