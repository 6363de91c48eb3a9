//! Words of the glossary, for whoever has forgotten them: a chapter in which one comes
//! back has its meaning in the margin.

use std::sync::LazyLock;

use regex::Regex;

use crate::book::Book;
use crate::chapters::Chapter;
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

/// The glossary's words, and where they are looked for.
#[derive(Debug)]
pub struct Glossary {
    words: Vec<Word>,
    /// Each chapter's text without what is not looked into.
    texts: Vec<String>,
}

/// A word, and what it means.
#[derive(Debug)]
pub struct Word {
    name: String,
    meaning: String,
    pattern: Regex,
    /// The first chapter that has it.
    first: Option<usize>,
}

/// What words are not looked for in: links, code, tags.
static KEPT: LazyLock<Regex> = LazyLock::new(|| {
    let kept = r"\[[^\]]*\]\([^)]*\)|<code.*?</code>|<a .*?</a>|<[^>]*>|`[^`]*`";
    Regex::new(kept).expect("it is a pattern")
});

impl Glossary {
    /// The words that are explained where they come back, if there is a glossary.
    pub fn of(chapters: &[Chapter]) -> Glossary {
        static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?m)^\*\*(.+)\*\*\n: (.+)$").expect("it is a pattern")
        });
        let Some(glossary) = chapters.iter().find(|it| it.name == GLOSSARY) else {
            return Glossary { words: Vec::new(), texts: Vec::new() };
        };
        let text = |it: &Chapter| KEPT.replace_all(&it.text, "`").into_owned();
        let texts: Vec<String> = chapters.iter().map(text).collect();
        let entries = ENTRY.captures_iter(&glossary.text).map(|it| it.extract().1);
        let entries = entries.filter(|[name, _]| !EVERYDAY.contains(name));
        let words = entries.map(|[name, meaning]| Word::new(name, meaning, &texts));
        Glossary { words: words.collect(), texts }
    }
}

impl Word {
    fn new(name: &str, meaning: &str, texts: &[String]) -> Word {
        let case = if name.chars().any(char::is_lowercase) { "i" } else { "" };
        let pattern = format!(r"(?{case}-u)\b{}s?\b", regex::escape(name));
        let pattern = Regex::new(&pattern).expect("it is a pattern");
        let first = texts.iter().position(|text| pattern.is_match(text));
        Word { name: name.to_owned(), meaning: meaning.to_owned(), pattern, first }
    }

    /// A line in which it leads to the glossary where it comes first, and its meaning
    /// stands after it.
    fn explained_in(&self, line: &str) -> Option<String> {
        let mut found = self.pattern.find_iter(line).peekable();
        found.peek()?;
        let kept: Vec<_> = KEPT.find_iter(line).map(|it| it.range()).collect();
        let is_kept = |at| kept.iter().any(|range| range.contains(&at));
        let word = found.find(|it| !is_kept(it.start()))?;
        let (before, after) = (&line[..word.start()], &line[word.end()..]);
        Some(format!(
            "{before}<a class=\"term\" href=\"{GLOSSARY}.html#{}\">{}</a>\
             <span class=\"marginal meaning\" role=\"note\"> <b>{}</b> {}</span>{after}",
            anchor_of(&self.name),
            word.as_str(),
            self.name,
            breakable(&self.meaning),
        ))
    }
}

/// The words that a chapter's reader may have forgotten: they are older than the chapter
/// before it, which has not one of them, and the chapter does not introduce them itself,
/// in italics. Appendices are not read in a row.
pub fn forgotten(book: &Book, index: usize) -> Vec<&Word> {
    static ITALICS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\*[^*\n]+\*").expect("it is a pattern"));
    let Glossary { words, texts } = &book.glossary;
    let chapter = &book.chapters[index];
    let mut pages = book.storeys.iter().flat_map(|storey| &storey.pages);
    let is_told = pages.any(|(name, _)| *name == chapter.name);
    let (true, Some(last)) = (is_told, index.checked_sub(1)) else {
        return Vec::new();
    };
    let italics = ITALICS.find_iter(&chapter.text);
    let italics: Vec<String> =
        italics.map(|it| KEPT.replace_all(it.as_str(), "`").into_owned()).collect();
    let is_forgotten = |word: &&Word| {
        word.first.is_some_and(|first| first < last)
            && !word.pattern.is_match(&texts[last])
            && !italics.iter().any(|it| word.pattern.is_match(it))
    };
    words.iter().filter(is_forgotten).collect()
}

/// A line of a page with the first of the words that it has explained, which is then
/// known. A paragraph has room for one.
pub fn explain(words: &mut Vec<&Word>, line: &str) -> Option<String> {
    let is_paragraph = line.starts_with(|it: char| !"#<|{>-: `".contains(it));
    if !is_paragraph {
        return None;
    }
    let mut words_in = words.iter().enumerate();
    let (index, line) =
        words_in.find_map(|(index, it)| Some((index, it.explained_in(line)?)))?;
    words.remove(index);
    Some(line)
}
