//! From directives to what mdBook makes a page of.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use similar::{ChangeTag, TextDiff};

use crate::chapters::Chapter;
use crate::directive::Directive;
use crate::house::{GROWING, House, is_shown};
use crate::listing::{self, Listing, select, text};
use crate::manifest::Manifest;
use crate::session;
use crate::source::{Selection, Source};
use crate::states::Machine;
use crate::{Mistake, anatomy, handshake, nearest};

/// Where recorded exchanges are, from the repository's root: a folder for each part.
pub const EXCHANGES: &str = "tests/exchanges";
/// Where measured figures are.
pub const FIGURES: &str = "tests/figures";
/// Where the files are that readers can take away.
pub const STARTERS: &str = "book/starters";
/// How many lines of a long body a short exchange shows.
const SHORT: usize = 4;
/// How many lines around a change are shown with it.
const CONTEXT: usize = 2;

/// All that pages are made from.
#[derive(Debug)]
pub struct Book {
    /// The repository.
    pub house: House,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
    /// Their listings, in order.
    pub listings: Vec<Listing>,
    /// Its Cargo.toml.
    pub manifest: Manifest,
    /// What is wrong with the directives that ask for code.
    pub mistakes: Vec<Mistake>,
}

impl Book {
    /// Reads everything below the repository's root.
    pub fn load(root: &Path) -> std::io::Result<Book> {
        let house = House::load(root)?;
        let chapters = crate::chapters::load(root)?;
        let (listings, mistakes) = listing::all(&house, &chapters);
        let manifest = Manifest::load(root)?;
        Ok(Book { house, chapters, listings, manifest, mistakes })
    }

    /// A chapter's text with its directives carried out, and what is wrong with them.
    pub fn render(&self, index: usize) -> (String, Vec<Mistake>) {
        let chapter = &self.chapters[index];
        let (mut page, mut mistakes) = (String::new(), Vec::new());
        for (number, line) in chapter.text.lines().enumerate() {
            let carried_out = match crate::directive::parse(line) {
                None => Ok(line.to_owned()),
                Some(directive) => {
                    directive.and_then(|it| self.carry_out(&it, index, number + 1))
                }
            };
            match carried_out {
                Ok(text) => page.push_str(&text),
                Err(what) => mistakes.push(chapter.mistake(number + 1, what)),
            }
            page.push('\n');
        }
        (page, mistakes)
    }

    fn carry_out(
        &self,
        directive: &Directive,
        chapter: usize,
        line: usize,
    ) -> Result<String, String> {
        let root = &self.house.root;
        match directive {
            Directive::Listing { file, items } => {
                let source = self.house.source(file)?;
                // What is wrong with it is said once, where listings are gathered.
                let (selection, _) = select(&self.house, file, items);
                let where_it_goes =
                    self.where_it_goes(source, &selection, chapter, line);
                let code = fenced("rust", &text(source, &selection));
                Ok(figure("listing", &self.link(file), &where_it_goes, &code))
            }
            Directive::Change { old, new } => {
                let (from, to) = (self.house.source(old)?, self.house.source(new)?);
                let caption =
                    format!("from {} to {}", self.link(old), self.link(new));
                let diff = fenced("diff", &difference(from, to));
                Ok(figure("change", &caption, "what differs", &diff))
            }
            Directive::Manifest => {
                let name = self.chapters[chapter].name.as_str();
                let files = self.files_of(|index| index == chapter);
                let first =
                    self.listings.first().is_some_and(|l| l.chapter == chapter);
                let lines = self.manifest.of(&[name], &files, first);
                if lines.is_empty() {
                    return Err("this chapter adds nothing to Cargo.toml".into());
                }
                let what = if first { "new file" } else { "add" };
                Ok(figure("listing", "Cargo.toml", what, &fenced("toml", &lines)))
            }
            Directive::Wire { part, name, short } => {
                let exchange = exchange(root, part, name)?;
                Ok(wire(&format!("on the wire: {part}"), &exchange, *short))
            }
            Directive::Session { name } => {
                let session = session::read(root, name)?;
                Ok(terminal(&session))
            }
            Directive::Ask { name, step } => {
                let command = &step_of(root, name, *step)?.command;
                let line = format!("<b>$ {}</b>", escape(command));
                Ok(pre("session", "what will come of it?", &line))
            }
            Directive::Told { name, step } => {
                let step = step_of(root, name, *step)?;
                let text = match &*step.output {
                    "" => "<i>nothing</i>".to_owned(),
                    output => shown(output),
                };
                Ok(pre("session", "in a terminal", &text))
            }
            Directive::Anatomy { part, name } => {
                let exchange = exchange(root, part, name)?;
                anatomy::draw(&exchange, &format!("anatomy-{part}-{name}"))
            }
            Directive::States { file, name } => {
                let text = self.house.source(file)?.lines.join("\n");
                let machine = Machine::read(&text, name)?;
                Ok(machine.draw(name, &format!("states-{}", name.to_lowercase())))
            }
            Directive::Handshake { name } => {
                let session = session::read(root, name)?;
                handshake::draw(&session, &format!("handshake-{name}"))
            }
            Directive::Figures { name, rows } => {
                let path = format!("{FIGURES}/{name}.txt");
                let text = fs::read_to_string(root.join(&path)).map_err(|_| {
                    format!("{path} is not there: cargo bench -- --record")
                })?;
                let text = figures(&text, rows)?;
                Ok(pre("figures", "measured", escape(&text).trim_end()))
            }
            Directive::Offer { file } => offer(root, file),
            Directive::Files => Ok(self.index()),
        }
    }

    /// Which files the listings of some chapters show.
    pub fn files_of(&self, chapter: impl Fn(usize) -> bool) -> BTreeSet<&str> {
        let listings =
            self.listings.iter().filter(|listing| chapter(listing.chapter));
        listings.map(|listing| listing.file.as_str()).collect()
    }

    /// A file's name, linked to where the book says of it.
    fn link(&self, file: &str) -> String {
        if !is_shown(file) {
            return file.to_owned();
        }
        match self
            .chapters
            .iter()
            .any(|chapter| chapter.text.contains("{{#files}}"))
        {
            true => format!("<a href=\"files.html#{}\">{file}</a>", anchor(file)),
            false => file.to_owned(),
        }
    }

    /// Whether a listing starts a file or where in it it goes.
    fn where_it_goes(
        &self,
        source: &Source,
        selection: &Selection,
        chapter: usize,
        line: usize,
    ) -> String {
        let before = self.listings.iter().filter(|listing| {
            listing.file == source.path
                && (listing.chapter, listing.line) < (chapter, line)
        });
        let before: Vec<&Listing> = before.collect();
        if !is_shown(&source.path) {
            return "not part of the server".into();
        }
        let Some(&first) = selection.lines.first() else { return String::new() };
        if before.is_empty() {
            let whole = selection.lines.len() == source.whole().lines.len();
            return if whole { "new file" } else { "new file, begun" }.into();
        }
        let shown = listing::shown(before);
        let shown = &shown[source.path.as_str()];
        let typed: BTreeSet<usize> =
            shown.lines.union(&shown.frames).copied().collect();
        // A block that has been begun is not begun again.
        let block = selection.frames.iter().find(|line| typed.contains(line));
        let block = block.and_then(|&line| source.piece_at(line));
        // What has been typed above it, and below it in the same block.
        let above = typed.range(..first).next_back();
        let above = above.and_then(|&line| source.piece_at(line));
        let is_last = match block {
            Some(block) => {
                shown.lines.range(first..block.lines.end).next().is_none()
            }
            None => typed.range(first..).next().is_none(),
        };
        let is_first =
            above.map(|above| &above.lines) == block.map(|block| &block.lines);
        let within = block.map_or(String::new(), |block| {
            format!("in <code>{}</code>, ", escape(&block.name))
        });
        match above {
            _ if is_last => format!("goes on, {within}at its end"),
            Some(above) if !is_first => {
                format!(
                    "goes on, {within}after <code>{}</code>",
                    escape(&above.name)
                )
            }
            _ => format!("goes on, {within}at its beginning"),
        }
    }

    /// Every file, and the chapter that shows it.
    fn index(&self) -> String {
        let mut table =
            String::from("| file | lines | shown in |\n|---|---|---|\n");
        for (path, source) in self.house.shown() {
            let chapters: BTreeSet<usize> = self
                .listings
                .iter()
                .filter(|listing| &listing.file == path)
                .map(|listing| listing.chapter)
                .collect();
            let chapters: Vec<String> = chapters
                .into_iter()
                .map(|index| {
                    let chapter = &self.chapters[index];
                    format!("[{}]({}.md)", title(&chapter.text), chapter.name)
                })
                .collect();
            let _ = writeln!(
                table,
                "| <span id=\"{}\"></span>`{path}` | {} | {} |",
                anchor(path),
                source.lines.len(),
                chapters.join(", "),
            );
        }
        table
    }

    /// Whether the book shows each file in one chapter, lists of modules aside.
    pub fn is_growing(file: &str) -> bool {
        GROWING.contains(&file)
    }
}

/// A chapter's first heading.
fn title(text: &str) -> &str {
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or("?").split(':').next().unwrap_or_default()
}

/// The table of a benchmark with some of its rows, in the table's order; its heading
/// and what it says of the machine stay.
fn figures(text: &str, rows: &[String]) -> Result<String, String> {
    let (table, machine) = text.split_once("\n\n").unwrap_or((text, ""));
    let (heading, table) = table.split_once('\n').unwrap_or((table, ""));
    let name =
        |line: &'_ str| line.split("  ").next().unwrap_or_default().to_owned();
    let names: Vec<String> = table.lines().map(name).collect();
    for row in rows {
        if !names.contains(row) {
            let near = nearest(row, names.iter().map(String::as_str));
            return Err(format!("no row of figures is called {row}{near}"));
        }
    }
    let wanted =
        table.lines().filter(|line| rows.is_empty() || rows.contains(&name(line)));
    let table: Vec<&str> = [heading].into_iter().chain(wanted).collect();
    Ok(format!("{}\n\n{machine}", table.join("\n")))
}

fn anchor(file: &str) -> String {
    file.replace(['/', '.'], "-")
}

fn figure(class: &str, caption: &str, note: &str, content: &str) -> String {
    format!(
        "<figure class=\"{class}\">\n<figcaption>{caption} <span>{note}</span>\
         </figcaption>\n\n{content}\n</figure>\n"
    )
}

/// A block of code, between fences that do not occur in it.
fn fenced(language: &str, code: &str) -> String {
    let mut fence = "```".to_owned();
    while code.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{code}{fence}\n")
}

/// A file to take away. Its content is in the link, so that it can be had from a page
/// that nobody serves.
fn offer(root: &Path, file: &str) -> Result<String, String> {
    let folder = root.join(STARTERS);
    let text = fs::read_to_string(folder.join(file)).map_err(|_| {
        let names = files_below(&folder);
        let near = nearest(file, names.iter().map(String::as_str));
        format!("{STARTERS} has no {file}{near}")
    })?;
    let mut link = String::from("data:text/plain;charset=utf-8,");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => link.push(byte as char),
            _ => _ = write!(link, "%{byte:02X}"),
        }
    }
    let base = file.rsplit('/').next().unwrap_or(file);
    // Those that the book's highlighting knows.
    let language = match base.rsplit_once('.') {
        Some((_, "go")) => "go",
        Some((_, "py")) => "python",
        Some((_, "rs")) => "rust",
        Some((_, "toml")) => "toml",
        Some((_, "yml")) => "yaml",
        _ => "text",
    };
    let save = format!("<a download=\"{base}\" href=\"{link}\">save it</a>");
    Ok(figure("listing", file, &save, &fenced(language, &text)))
}

/// The files in a folder and in those below it, by their names from there.
fn files_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path().is_dir() {
            true => names.extend(
                files_below(&entry.path()).iter().map(|it| format!("{name}/{it}")),
            ),
            false => names.push(name),
        }
    }
    names
}

/// What differs between two files, with some lines around it.
fn difference(from: &Source, to: &Source) -> String {
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
    text
}

/// The recorded exchange of a name: lines that begin with `>` were sent, those that
/// begin with `<` came back.
pub fn exchange(root: &Path, part: &str, name: &str) -> Result<String, String> {
    let folder = root.join(EXCHANGES).join(part);
    let Ok(text) = fs::read_to_string(folder.join(format!("{name}.snap"))) else {
        let names = files_below(&folder);
        let known = names.iter().filter_map(|file| file.strip_suffix(".snap"));
        let near = nearest(name, known);
        return Err(format!("no exchange {name} with {part} is on record{near}"));
    };
    let body = text.splitn(3, "---\n").nth(2).unwrap_or_default();
    Ok(body.trim_end_matches('\n').to_owned())
}

/// An exchange, with its control characters set apart.
fn wire(caption: &str, exchange: &str, short: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut body = 0;
    let mut hidden = 0;
    for line in exchange.lines() {
        let class = if line.starts_with('>') { "sent" } else { "received" };
        // Past an empty line there is a body, until something with a version comes.
        body = match line {
            _ if line.starts_with("< HTTP/") || line.starts_with('>') => 0,
            "< \\r\\n" => 1,
            _ if body > 0 => body + 1,
            _ => 0,
        };
        if short && body > SHORT + 1 {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            lines.push(elided(hidden));
            hidden = 0;
        }
        let shown =
            escape(line).replace("\\r", "<i>\\r</i>").replace("\\n", "<i>\\n</i>");
        lines.push(format!("<span class=\"{class}\">{shown}</span>"));
    }
    if hidden > 0 {
        lines.push(elided(hidden));
    }
    pre("wire", caption, &lines.join("\n"))
}

fn elided(count: usize) -> String {
    format!("<span class=\"elided\">  ({count} more lines)</span>")
}

/// A terminal session: what was typed, and what came of it.
fn terminal(session: &session::Session) -> String {
    let mut text = String::new();
    for step in &session.steps {
        let _ = writeln!(text, "<b>$ {}</b>", escape(&step.command));
        text.push_str(&shown(&step.output));
    }
    pre("session", "in a terminal", text.trim_end_matches('\n'))
}

/// What was printed, with what is masked set apart.
fn shown(output: &str) -> String {
    escape(output).replace('‹', "<i>‹").replace('›', "›</i>")
}

/// One step of a session, counted from 1.
fn step_of(root: &Path, name: &str, step: usize) -> Result<session::Step, String> {
    let mut session = session::read(root, name)?;
    let count = session.steps.len();
    match step.checked_sub(1).filter(|&index| index < count) {
        Some(index) => Ok(session.steps.swap_remove(index)),
        None => Err(format!("the session {name} has {count} steps, and no {step}")),
    }
}

/// Preformatted text that Markdown does not look into: a blank line, which would end
/// the block, has an empty element on it.
fn pre(class: &str, caption: &str, html: &str) -> String {
    let filled =
        html.lines().map(|line| if line.is_empty() { "<b></b>" } else { line });
    let lines: Vec<&str> = filled.collect();
    let html = lines.join("\n");
    format!(
        "<figure class=\"{class}\"><figcaption>{caption}</figcaption>\
         <pre><code class=\"nohighlight\">{html}\n</code></pre></figure>\n"
    )
}

/// Text as HTML has it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
