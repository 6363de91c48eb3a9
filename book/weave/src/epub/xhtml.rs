//! A page of mdBook's as XHTML: the same elements, each with its end, without what only
//! scripts have use for. What a reader is to guess before looking stands at the page's
//! end, and what else is folded is open: not every reader of books can fold.

use std::{mem, str};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

/// The elements that have no end (HTML section 13.1.2), as far as pages have them.
const VOID: [&str; 4] = ["br", "hr", "img", "wbr"];
/// The entities that XML knows.
const KNOWN: [&[u8]; 5] = [b"amp", b"lt", b"gt", b"quot", b"apos"];

/// What stands between a page's `<main>` and `</main>`.
///
/// # Errors
/// What is not well-formed, and in which line of it.
pub fn main(page: &str) -> Result<String, String> {
    let main = page.split_once("<main tabindex=\"-1\">").and_then(|(_, rest)| {
        let (main, _) = rest.split_once("</main>")?;
        Some(main)
    });
    let main = main.ok_or("it has no main")?;
    let mut reader = Reader::from_str(main);
    // Void elements have no end; that the others have theirs is looked after here.
    reader.config_mut().check_end_names = false;
    let mut converter = Converter::default();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string());
        let taken = event.and_then(|event| match event {
            Event::Eof => Ok(false),
            event => converter.take(event).map(|()| true),
        });
        match taken {
            Ok(true) => {}
            Ok(false) => return converter.finish(),
            Err(what) => {
                let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
                let line =
                    main.get(..at).map_or(0, |before| before.lines().count());
                return Err(format!("{what}, in line {line} of its main"));
            }
        }
    }
}

/// What becomes of an element whose end is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Its content is there without it.
    Unwrapped,
    /// Nor is its content.
    Dropped,
    /// It stands at the page's end.
    Moved,
    /// It says what has been moved.
    Label,
}

impl Fate {
    fn of(element: &BytesStart, name: &str, parent: Option<Fate>) -> Fate {
        let has = |key| element.try_get_attribute(key).ok().flatten().is_some();
        let is = |class: &str| {
            let classes = element.try_get_attribute("class").ok().flatten();
            classes.is_some_and(|it| *it.value == *class.as_bytes())
        };
        match name {
            // A heading's link to itself.
            "a" if is("header") => Fate::Unwrapped,
            // A file in an address; the page shows it, too.
            "a" if has("download") => Fate::Dropped,
            // A margin is what a page of this kind may not have.
            "span" if is("marginal meaning") => Fate::Dropped,
            "details" if is("hint") => Fate::Moved,
            "summary" if parent == Some(Fate::Moved) => Fate::Label,
            _ => Fate::Kept,
        }
    }
}

/// A page on its way.
#[derive(Debug, Default)]
struct Converter {
    /// The elements whose end is to come.
    open: Vec<(String, Fate)>,
    /// What has been written.
    page: Vec<u8>,
    /// What was around it when something began that is written apart.
    around: Vec<Vec<u8>>,
    /// What was folded, and stands at the page's end.
    notes: Vec<String>,
    /// What the next of them is called.
    label: String,
}

impl Converter {
    fn take(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Start(element) => self.begin(&element),
            Event::Empty(element) => self.write(Event::Empty(converted(&element)?)),
            Event::End(element) => match self.open.pop() {
                Some((name, fate))
                    if name.as_bytes() == element.name().as_ref() =>
                {
                    match fate {
                        Fate::Kept => self.write(Event::End(element)),
                        fate => self.end(fate),
                    }
                }
                begun => Err(format!("{element:?} ends {begun:?}")),
            },
            Event::GeneralRef(name)
                if !name.starts_with(b"#") && !KNOWN.contains(&&*name) =>
            {
                Err(format!("{name:?} is unknown to XML"))
            }
            Event::Text(_) | Event::GeneralRef(_) => self.write(event),
            Event::Comment(_) => Ok(()),
            other => Err(format!("{other:?} is no content")),
        }
    }

    fn begin(&mut self, element: &BytesStart) -> Result<(), String> {
        let new = converted(element)?;
        let name = element.name();
        let name = text(name.as_ref())?;
        if VOID.contains(&name) {
            return self.write(Event::Empty(new));
        }
        let fate = Fate::of(element, name, self.open.last().map(|(_, fate)| *fate));
        match fate {
            Fate::Kept => self.write(Event::Start(new))?,
            Fate::Unwrapped => {}
            Fate::Dropped | Fate::Moved | Fate::Label => {
                self.around.push(mem::take(&mut self.page));
            }
        }
        self.open.push((name.to_owned(), fate));
        Ok(())
    }

    /// Puts what was written apart where it belongs.
    fn end(&mut self, fate: Fate) -> Result<(), String> {
        if fate == Fate::Unwrapped {
            return Ok(());
        }
        let around = self.around.pop().expect("it began with something around it");
        let apart = mem::replace(&mut self.page, around);
        let apart = text(&apart)?;
        match fate {
            Fate::Label => self.label = apart.to_owned(),
            Fate::Moved => {
                let (number, label) = (self.notes.len() + 1, &self.label);
                let link = format!(
                    "<p class=\"fold\" id=\"fold-{number}-from\">\
                     <a epub:type=\"noteref\" role=\"doc-noteref\" \
                     href=\"#fold-{number}\">{label} (note {number})</a></p>\n"
                );
                self.notes.push(format!(
                    "<div class=\"note\" id=\"fold-{number}\" epub:type=\"endnote\">\n\
                     <p class=\"fold\"><a role=\"doc-backlink\" \
                     href=\"#fold-{number}-from\">{number}. {label}</a></p>\n\
                     {apart}</div>\n"
                ));
                self.page.extend_from_slice(link.as_bytes());
            }
            Fate::Kept | Fate::Unwrapped | Fate::Dropped => {}
        }
        Ok(())
    }

    fn write(&mut self, event: Event) -> Result<(), String> {
        let written = Writer::new(&mut self.page).write_event(event);
        written.map_err(|error| error.to_string())
    }

    fn finish(self) -> Result<String, String> {
        if let Some((name, _)) = self.open.last() {
            return Err(format!("{name} has no end"));
        }
        let page = text(&self.page)?.trim();
        match self.notes.concat() {
            notes if notes.is_empty() => Ok(page.to_owned()),
            notes => Ok(format!(
                "{page}\n<section epub:type=\"endnotes\" role=\"doc-endnotes\">\n\
                 <h2>What was folded</h2>\n{notes}</section>"
            )),
        }
    }
}

/// An element with its attributes as XHTML has them.
fn converted(element: &BytesStart) -> Result<BytesStart<'static>, String> {
    let name = text(element.name().as_ref())?.to_owned();
    let more = match name.as_str() {
        "svg" => Some(("xmlns", "http://www.w3.org/2000/svg")),
        "details" => Some(("open", "open")),
        _ => None,
    };
    let mut new = BytesStart::new(name);
    new.extend_attributes(more);
    for attribute in element.html_attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let (key, value) = (text(attribute.key.as_ref())?, text(&attribute.value)?);
        let value = match key {
            "tabindex" => continue,
            data if data.starts_with("data-") => continue,
            "href" => address(value),
            "style" => match style(value) {
                Some(style) => style,
                None => continue,
            },
            _ => value.to_owned(),
        };
        // HTML does without capitals, which SVG has here.
        let key = if key == "viewbox" { "viewBox" } else { key };
        new.push_attribute((key.as_bytes(), value.as_bytes()));
    }
    Ok(new)
}

/// How wide a character of code is, in tenths of its size.
const CHARACTER: usize = 6;

/// A style without variables, of which not each device has heard: a line of code that is
/// too long goes on further in than where it began.
fn style(style: &str) -> Option<String> {
    if let Some(indent) = style.strip_prefix("--in:") {
        let width = (indent.parse::<usize>().ok()? + 2) * CHARACTER;
        let width = format!("{}.{}em", width / 10, width % 10);
        return Some(format!("padding-left: {width}; text-indent: -{width}"));
    }
    (!style.starts_with("--")).then(|| style.to_owned())
}

/// Where a link leads: pages of ours have another name now.
fn address(link: &str) -> String {
    let (file, place) = link.split_at(link.find('#').unwrap_or(link.len()));
    match file.strip_suffix(".html") {
        Some(page) if !page.contains(':') => format!("{page}.xhtml{place}"),
        _ => link.to_owned(),
    }
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|error| error.to_string())
}
