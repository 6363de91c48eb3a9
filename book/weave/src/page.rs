//! A chapter's page: its text with the directives carried out.

use crate::book::Book;
use crate::directive::{self, Directive};
use crate::html::{fenced, figure};
use crate::index::link;
use crate::session;
use crate::states::Machine;
use crate::{
    Mistake, anatomy, caption, change, exchange, figures, handshake, index,
    listing, offer, terminal, time,
};

/// A chapter's text with its directives carried out, and what is wrong with them.
pub fn render(book: &Book, index: usize) -> (String, Vec<Mistake>) {
    let chapter = &book.chapters[index];
    let (mut page, mut mistakes) = (String::new(), Vec::new());
    for (number, line) in chapter.text.lines().enumerate() {
        let position = (index, number + 1);
        let carried_out = match directive::parse(line) {
            None => Ok(line.to_owned()),
            Some(directive) => {
                directive.and_then(|it| carry_out(book, &it, position))
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

/// What stands on the page in a directive's place; `position` is its own, as a
/// listing's.
pub(crate) fn carry_out(
    book: &Book,
    directive: &Directive,
    position: (usize, usize),
) -> Result<String, String> {
    let root = &book.house.root;
    match directive {
        Directive::Listing { .. } => Ok(listing(book, position)),
        Directive::Change { old, new } => {
            let (from, to) = (book.house.source(old)?, book.house.source(new)?);
            let caption =
                format!("from {} to {}", link(book, old), link(book, new));
            Ok(figure("change", &caption, "what differs", &change::show(from, to)))
        }
        Directive::Manifest => manifest(book, position.0),
        Directive::Wire { part, name, short } => {
            let exchange = exchange::read(root, part, name)?;
            let caption = format!("on the wire: {part}");
            Ok(exchange::show(&caption, &exchange, *short))
        }
        Directive::Session { name } => {
            Ok(terminal::show(&session::read(root, name)?))
        }
        Directive::Ask { name, step } => {
            Ok(terminal::ask(&session::read_step(root, name, *step)?))
        }
        Directive::Told { name, step } => {
            Ok(terminal::tell(&session::read_step(root, name, *step)?))
        }
        Directive::Anatomy { part, name } => {
            let exchange = exchange::read(root, part, name)?;
            anatomy::draw(&exchange, &format!("anatomy-{part}-{name}"))
        }
        Directive::States { file, name } => {
            let text = book.house.source(file)?.lines.join("\n");
            let machine = Machine::read(&text, name)?;
            Ok(machine.draw(name, &format!("states-{}", name.to_lowercase())))
        }
        Directive::Handshake { name } => {
            let session = session::read(root, name)?;
            handshake::draw(&session, &format!("handshake-{name}"))
        }
        Directive::Figures { name, rows } => figures::show(root, name, rows),
        Directive::Offer { file } => offer::show(root, file),
        Directive::Time { sections, exercises } => {
            time::show(book, sections, exercises)
        }
        Directive::Files => Ok(index::show(book)),
    }
}

/// The listing that stands somewhere. If there is none, what is wrong with it is said
/// where listings are gathered.
fn listing(book: &Book, position: (usize, usize)) -> String {
    let mut listings = book.listings.iter();
    let Some(listing) = listings.find(|it| it.position() == position) else {
        return String::new();
    };
    let source = &book.house.sources[&listing.file];
    let code = fenced("rust", &listing::text(source, &listing.selection));
    let file = link(book, &listing.file);
    figure("listing", &file, &caption::place(book, listing), &code)
}

/// What a chapter adds to Cargo.toml.
fn manifest(book: &Book, chapter: usize) -> Result<String, String> {
    let name = book.chapters[chapter].name.as_str();
    let files = book.files_begun_in(chapter);
    let first = book.listings.first().is_some_and(|it| it.chapter == chapter);
    let lines = book.manifest.of(&[name], &files, first);
    if lines.is_empty() {
        return Err("this chapter adds nothing to Cargo.toml".into());
    }
    let what = if first { "new file" } else { "add" };
    Ok(figure("listing", "Cargo.toml", what, &fenced("toml", &lines)))
}
