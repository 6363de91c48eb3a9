//! What search looks through: headings, prose, and the names of what listings show.
//! mdBook's own index has all code and output in it too, twice, and is ten times as large.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fs_err as fs;
use pulldown_cmark::{Event, Options, Parser, TagEnd};
use serde_json::json;

use crate::directive::{self, Directive};
use crate::html::escape;
use crate::time::anchor_of;

/// What the index is called. It stands beside the chapters, from where mdBook copies what
/// is no Markdown; Git does not keep it.
pub const FILE: &str = "searchindex.js";

/// A page that can be found.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its file's name without the `.md`.
    pub name: &'a str,
    /// What it is called in the summary.
    pub title: &'a str,
    /// Its text, as it is written.
    pub text: &'a str,
}

/// A part of a page that is found on its own, as far as its next heading.
#[derive(Debug, Default)]
struct Section {
    /// Its heading, as Markdown.
    heading: String,
    text: String,
}

/// A script that gives the pages to mdBook's search. Which words are where is found out
/// in the browser: that takes it less time than to fetch the answer.
pub fn index(pages: &[Page]) -> String {
    let mut documents = Vec::new();
    for page in pages {
        for Section { heading, text } in sections(page.text) {
            let heading = plain(&heading);
            let url = format!("{}.html#{}", page.name, anchor_of(&heading));
            let crumbs = format!("{} » {heading}", page.title);
            documents.push(json!([url, heading, plain(&text), escape(&crumbs)]));
        }
    }
    let documents: Vec<String> =
        documents.iter().map(|it| it.to_string()).collect();
    format!("const documents = [\n{}\n];\n{INDEX}", documents.join(",\n"))
}

/// What becomes of the documents. Two words mean both.
const INDEX: &str = "\
const index = elasticlunr(function () {
    this.setRef('id');
    ['title', 'body', 'breadcrumbs'].forEach((field) => this.addField(field));
});
documents.forEach(([, title, body, breadcrumbs], id) =>
    index.addDoc({ id, title, body, breadcrumbs }));
Object.assign(window.search, {
    doc_urls: documents.map(([url]) => url),
    index: index.toJSON(),
    results_options: { limit_results: 30, teaser_word_count: 30 },
    search_options: {
        bool: 'AND',
        expand: true,
        fields: { title: { boost: 2 }, body: { boost: 1 }, breadcrumbs: { boost: 1 } },
    },
});
";

/// A chapter's sections, each with what its listings are of in place of them.
fn sections(text: &str) -> Vec<Section> {
    let (mut sections, mut is_fenced) = (Vec::<Section>::new(), false);
    for line in text.lines() {
        is_fenced ^= line.starts_with("```");
        let heading = line
            .split_once(' ')
            .filter(|(marks, _)| !is_fenced && ["#", "##", "###"].contains(marks));
        match (heading, sections.last_mut(), directive::parse(line)) {
            (Some((_, heading)), ..) => {
                let heading = heading.to_owned();
                sections.push(Section { heading, ..Section::default() });
            }
            (None, None, _) => {}
            (None, Some(section), Some(directive)) => {
                section.text.push_str(&names(&directive));
            }
            (None, Some(section), None) => {
                section.text.push_str(line);
                section.text.push('\n');
            }
        }
    }
    sections
}

/// What a listing shows: its file, and the items that it has a name for.
fn names(directive: &Result<Directive, String>) -> String {
    let Ok(Directive::Listing { file, items, .. }) = directive else {
        return String::new();
    };
    let items = items.iter().filter(|it| *it != "//!" && !it.starts_with("use"));
    let items: String = items.map(|it| format!(", `{it}`")).collect();
    format!("`{file}`{items}\n")
}

/// Markdown without its marks.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => plain.push(' '),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// Puts an index among a book's sources, unless it is there.
///
/// # Errors
/// If it can't be written.
pub fn write(folder: &Path, index: &str) -> io::Result<()> {
    let path = folder.join(FILE);
    if fs::read_to_string(&path).is_ok_and(|there| there == index) {
        return Ok(());
    }
    // Several may build the book at once, and none is to copy half of a file.
    let mut file = tempfile::Builder::new()
        .prefix(FILE)
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(index.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
