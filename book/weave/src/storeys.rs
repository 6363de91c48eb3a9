//! The house that the book is: its storeys and their pages, as the summary has them.

use std::fmt::Write;
use std::io;
use std::path::Path;

use fs_err as fs;

use crate::chapters::FOLDER;
use crate::html::escape;

/// How many storeys are planned; those that do not stand yet are drawn so.
const PLANNED: usize = 7;

/// A storey: a heading of the summary that begins with its number, `II · TLS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storey {
    /// Its number and its name.
    pub title: String,
    /// Its pages' names and titles, in order.
    pub pages: Vec<(String, String)>,
}

/// The storeys that stand, the lowest first.
///
/// # Errors
/// If the summary cannot be read.
pub fn load(root: &Path) -> io::Result<Vec<Storey>> {
    Ok(read(&fs::read_to_string(root.join(FOLDER).join("SUMMARY.md"))?))
}

fn read(summary: &str) -> Vec<Storey> {
    let sections = summary.split("\n# ").skip(1);
    let storeys = sections.filter_map(|section| {
        let (title, pages) = section.split_once('\n')?;
        let pages = pages.lines().filter_map(|line| {
            let (title, rest) = line.strip_prefix("- [")?.split_once("](")?;
            let (name, _) = rest.split_once(".md)")?;
            Some((name.to_owned(), title.to_owned()))
        });
        let pages = pages.collect();
        title.contains(" · ").then(|| Storey { title: title.to_owned(), pages })
    });
    storeys.collect()
}

/// The whole house, from the roof down.
pub fn show(storeys: &[Storey]) -> String {
    let mut house = String::from("<ol class=\"house\" reversed>\n");
    for _ in storeys.len()..PLANNED {
        house.push_str("<li class=\"planned\"><b>planned</b></li>\n");
    }
    for storey in storeys.iter().rev() {
        let _ = write!(house, "<li><b>{}</b><ol>", escape(&storey.title));
        for (name, title) in &storey.pages {
            let title = escape(title);
            let _ = write!(house, "<li><a href=\"{name}.html\">{title}</a></li>");
        }
        house.push_str("</ol></li>\n");
    }
    house + "</ol>\n"
}

/// Where in the house a page is: drawn, and in words. Nothing, if it is not in it.
pub fn place(storeys: &[Storey], page: &str) -> String {
    let mut places = storeys.iter().enumerate().filter_map(|(floor, storey)| {
        let room = storey.pages.iter().position(|(name, _)| name == page)?;
        Some((floor, room, storey))
    });
    let Some((floor, room, storey)) = places.next() else { return String::new() };
    let pages = match storey.pages.len() {
        1 => "its only page".to_owned(),
        pages => format!("page {} of {pages}", room + 1),
    };
    format!(
        "<div class=\"place\"><svg viewBox=\"0 0 64 {}\" aria-hidden=\"true\" \
         stroke=\"currentColor\" fill=\"none\">{}</svg><span>Storey {}<br>{pages}\
         </span></div>\n",
        14 + PLANNED * HEIGHT,
        drawn(storeys, Some((floor, room))),
        escape(&storey.title),
    )
}

/// The house as a picture for a book's cover, with what stands above it and below.
pub fn cover(storeys: &[Storey], title: &str, what: &str, authors: &str) -> String {
    let line = |y, size, text| {
        let text = escape(text);
        format!(
            "<text x=\"80\" y=\"{y}\" font-size=\"{size}\" \
             text-anchor=\"middle\">{text}</text>\n"
        )
    };
    // In two lines, of which the first ends with the colon.
    let (first, second) = what.split_at(what.find(": ").map_or(0, |at| at + 1));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 240\" \
         width=\"1600\" height=\"2400\">\n\
         <rect width=\"160\" height=\"240\" fill=\"#fbfaf6\"/>\n\
         <g fill=\"#24262b\" font-family=\"Georgia, serif\">\n\
         {}{}{}{}</g>\n\
         <g transform=\"translate(22 72) scale(1.8)\" fill=\"none\" \
         stroke=\"#0b5a9d\">{}</g>\n</svg>\n",
        line(36, 24, title),
        line(52, 8, first),
        line(63, 8, second.trim_start()),
        line(230, 6, authors),
        drawn(storeys, None),
    )
}

/// How high a storey is drawn.
const HEIGHT: usize = 9;

/// The roof and all storeys; a page's window, by its storey and place there, may be lit.
fn drawn(storeys: &[Storey], lit: Option<(usize, usize)>) -> String {
    let floors = (0..PLANNED).map(|it| draw(storeys.get(it), it, lit));
    "<path d=\"M1 13 L32 1 L63 13 Z\"/>".to_owned() + &floors.collect::<String>()
}

/// A storey with a window for each of its pages.
fn draw(
    storey: Option<&Storey>,
    floor: usize,
    lit: Option<(usize, usize)>,
) -> String {
    let top = 13 + (PLANNED - 1 - floor) * HEIGHT;
    let Some(storey) = storey else {
        return format!(
            "<rect x=\"4\" y=\"{top}\" width=\"56\" height=\"{HEIGHT}\" \
             stroke-dasharray=\"2 2\"/>"
        );
    };
    let width = 56 / storey.pages.len().max(1);
    let windows = (0..storey.pages.len()).map(|room| {
        let fill = if Some((floor, room)) == lit { "currentColor" } else { "none" };
        let (x, y) = (4 + room * width + 2, top + 2);
        format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" \
             stroke-width=\"0.6\" fill=\"{fill}\"/>",
            width - 4,
            HEIGHT - 4
        )
    });
    format!(
        "<rect x=\"4\" y=\"{top}\" width=\"56\" height=\"{HEIGHT}\"/>{}",
        windows.collect::<String>()
    )
}
