//! Sections of RFCs that a text names: each with the address where it can be read.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A section's number, in an appendix with its letter.
const NUMBER: &str = r"(?:[A-Z](?:\.\d+)+|\d+(?:\.\d+)*)";

/// A section of an RFC.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// The RFC's number.
    pub rfc: &'a str,
    /// The section's number, as it is written.
    pub number: &'a str,
}

impl Section<'_> {
    /// Where it can be read.
    pub fn address(&self) -> String {
        let Section { rfc, number } = self;
        let is_appendix = number.starts_with(|it: char| it.is_alphabetic());
        let kind = if is_appendix { "appendix" } else { "section" };
        format!("https://www.rfc-editor.org/rfc/rfc{rfc}#{kind}-{number}")
    }
}

/// A line of a page whose sections are links. One that stands in brackets at the end of
/// what it is about is a note, which a wide page has in its margin.
pub fn linked(line: &str) -> String {
    static CITED: LazyLock<Regex> = LazyLock::new(|| {
        // What is a link already, code, and a tag, is left alone.
        let kept = r"\[[^\]]*\]\([^)]*\)|<code.*?</code>|<a .*?</a>|<[^>]*>";
        let named = named();
        pattern(&format!(r"{kept}| \({named}\)|{named}"))
    });
    let replace = |it: &Captures| match (it.get(1), it.get(3)) {
        (Some(rfc), _) => format!(
            "<span class=\"marginal\"><span class=\"bracket\"> (</span>{}\
             <span class=\"bracket\">)</span></span>",
            links(rfc.as_str(), &it[2])
        ),
        (None, Some(rfc)) => links(rfc.as_str(), &it[4]),
        (None, None) => it[0].to_owned(),
    };
    CITED.replace_all(line, replace).into_owned()
}

/// The sections that a text names, in its order. One whose RFC is not said is of the RFC
/// that was named last, and at first of the one that the text is about.
///
/// # Errors
/// The section of which no RFC is known.
pub fn sections<'a>(
    text: &'a str,
    about: Option<&'a str>,
) -> Result<Vec<Section<'a>>, &'a str> {
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"RFC (\d+)|\b{}", several())));
    let (mut last, mut sections) = (about, Vec::new());
    for named in NAMED.captures_iter(text) {
        match (named.get(1), named.get(2)) {
            (None, Some(written)) => {
                let written = written.as_str();
                sections.extend(numbers(last.ok_or(written)?, written));
            }
            (rfc, _) => last = rfc.map(|it| it.as_str()),
        }
    }
    Ok(sections)
}

/// The first RFC that a text names.
pub fn rfc(text: &str) -> Option<&str> {
    static RFC: LazyLock<Regex> = LazyLock::new(|| pattern(r"RFC (\d+)"));
    Some(RFC.captures(text)?.get(1)?.as_str())
}

/// An RFC and its sections as they are written, with what leads to each.
fn links(rfc: &str, written: &str) -> String {
    let sections = numbers(rfc, written);
    if let [section] = &sections[..] {
        return link(section, &format!("RFC {rfc} section {written}"));
    }
    let mut rest = written;
    let mut text = format!("RFC {rfc} sections ");
    for section in &sections {
        let (between, after) = rest.split_once(section.number).unwrap_or_default();
        text.push_str(between);
        text.push_str(&link(section, section.number));
        rest = after;
    }
    text
}

fn link(section: &Section<'_>, text: &str) -> String {
    format!("<a href=\"{}\">{text}</a>", section.address())
}

fn numbers<'a>(rfc: &'a str, written: &'a str) -> Vec<Section<'a>> {
    static ONE: LazyLock<Regex> = LazyLock::new(|| pattern(NUMBER));
    let numbers = ONE.find_iter(written);
    numbers.map(|it| Section { rfc, number: it.as_str() }).collect()
}

/// One section of an RFC, or several.
fn named() -> String {
    format!(r"RFC (\d+) {}", several())
}

fn several() -> String {
    format!(r"sections? ({NUMBER}(?:(?:, | and ){NUMBER})*)")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is a pattern")
}
