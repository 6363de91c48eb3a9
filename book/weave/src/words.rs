//! Words of the glossary, for whoever has forgotten them: a chapter in which one comes
//! back has its meaning in the margin.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::book::Book;
use crate::inline::breakable;
use crate::time::anchor_of;

/// The page that they are from.
const GLOSSARY: &str = "glossary";

/// Words that mean something else as often as not: the root of a tree, a head on a neck,
/// the method of a type. Whoever looks for these finds them in the glossary.
pub const EVERYDAY: [&str; 26] = [
    "Accept",
    "Body",
    "Client",
    "Counter",
    "Drain",
    "Field",
    "Future",
    "Head",
    "Idle",
    "Junk",
    "Label",
    "Leaf",
    "Linger",
    "Method",
    "Oracle",
    "proctor",
    "Range",
    "Representation",
    "RFC",
    "Root",
    "Runtime",
    "Session",
    "Signal",
    "Strike",
    "TLS",
    "weave",
];

/// A word, and what it means.
#[derive(Debug)]
pub struct Word {
    name: String,
    meaning: String,
    /// What finds it in a text, together with what is not looked into: links, code, tags.
    pattern: Regex,
}

impl Word {
    fn new(name: &str, meaning: &str) -> Word {
        let kept =
            r"\[[^\]]*\]\([^)]*\)|<code.*?</code>|<a .*?</a>|<[^>]*>|`[^`]*`";
        let any_case =
            if name.chars().any(char::is_lowercase) { "(?i)" } else { "" };
        let name_in = regex::escape(name);
        let pattern = format!(r"{kept}|{any_case}\b({name_in}s?)\b");
        let pattern = Regex::new(&pattern).expect("it is a pattern");
        Word { name: name.to_owned(), meaning: meaning.to_owned(), pattern }
    }

    fn is_in(&self, text: &str) -> bool {
        self.pattern.captures_iter(text).any(|it| it.get(1).is_some())
    }

    /// A line in which it leads to the glossary where it comes first, and its meaning
    /// stands after it.
    fn explained_in(&self, line: &str) -> Option<String> {
        if !self.is_in(line) {
            return None;
        }
        let mut is_done = false;
        let explain = |it: &Captures| match it.get(1) {
            Some(word) if !is_done => {
                is_done = true;
                let anchor = anchor_of(&self.name);
                format!(
                    "<a class=\"term\" href=\"{GLOSSARY}.html#{anchor}\">{}</a>\
                     <span class=\"marginal meaning\" role=\"note\"> <b>{}</b> {}</span>",
                    word.as_str(),
                    self.name,
                    breakable(&self.meaning),
                )
            }
            _ => it[0].to_owned(),
        };
        Some(self.pattern.replace_all(line, explain).into_owned())
    }
}

/// The words of the glossary that are explained where they come back.
pub fn all(text: &str) -> Vec<Word> {
    static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\*\*(.+)\*\*\n: (.+)$").expect("it is a pattern")
    });
    let entries = ENTRY.captures_iter(text).map(|it| it.extract().1);
    let entries = entries.filter(|[name, _]| !EVERYDAY.contains(name));
    entries.map(|[name, meaning]| Word::new(name, meaning)).collect()
}

/// The words that a chapter's reader may have forgotten: they are older than the chapter
/// before it, which has not one of them, and the chapter does not introduce them itself,
/// in italics. Appendices are not read in a row.
pub fn forgotten(book: &Book, index: usize) -> Vec<Word> {
    static ITALICS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\*[^*\n]+\*").expect("it is a pattern"));
    let chapter = &book.chapters[index];
    let mut pages = book.storeys.iter().flat_map(|storey| &storey.pages);
    let glossary = book.chapters.iter().find(|it| it.name == GLOSSARY);
    let is_told = pages.any(|(name, _)| *name == chapter.name);
    let (true, Some(glossary), Some(last)) =
        (is_told, glossary, index.checked_sub(1))
    else {
        return Vec::new();
    };
    let mut words = all(&glossary.text);
    words.retain(|word| {
        let mut older = book.chapters[..last].iter();
        older.any(|it| word.is_in(&it.text))
            && !word.is_in(&book.chapters[last].text)
            && !ITALICS.find_iter(&chapter.text).any(|it| word.is_in(it.as_str()))
    });
    words
}

/// A line of a page with the first of the words that it has explained, which is then
/// known. A paragraph has room for one.
pub fn explain(words: &mut Vec<Word>, line: &str) -> Option<String> {
    let is_paragraph = line.starts_with(|it: char| !"#<|{>-: `".contains(it));
    let mut words_in = words.iter().enumerate();
    let (index, line) = words_in
        .find_map(|(index, it)| Some((index, it.explained_in(line)?)))
        .filter(|_| is_paragraph)?;
    words.remove(index);
    Some(line)
}
