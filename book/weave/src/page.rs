//! A chapter's page: its text with the directives carried out.

use crate::book::Book;
use crate::directive::{self, Directive};
use crate::house::is_shown;
use crate::html::{self, figure, folded};
use crate::index::link;
use crate::listing::Listing;
use crate::session::{self, Session};
use crate::source::Source;
use crate::states::Machine;
use crate::words::Word;
use crate::{
    Mistake, anatomy, caption, change, cite, code, curves, cut, dashboard,
    exchange, exercises, figures, handshake, index, inline, legend, listing,
    milestone, offer, plot, sections, storeys, terminal, time, tls, variant, weeks,
    words,
};

/// A chapter's text with its directives carried out, and what is wrong with them.
pub fn render(book: &Book, index: usize) -> (String, Vec<Mistake>) {
    let chapter = &book.chapters[index];
    let (mut page, mut mistakes) = (String::new(), Vec::new());
    let mut in_card = false;
    let mut forgotten = words::forgotten(book, index);
    let mut lines = chapter.text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code = lines.by_ref().map(|(_, line)| line);
            let code: Vec<&str> = code.take_while(|line| *line != "```").collect();
            page.push_str(&code::block(language, &(code.join("\n") + "\n")));
            continue;
        }
        let exercise = exercise_begun(line);
        if in_card && (exercise.is_some() || line.starts_with("## ")) {
            page.push_str("</div>\n\n");
            in_card = false;
        }
        if let Some(number) = exercise {
            let id = exercises::anchor(number);
            page.push_str(&format!("<div class=\"exercise\" id=\"{id}\">\n\n"));
            in_card = true;
        }
        let position = (index, number + 1);
        let carried_out = match directive::parse(line) {
            None if chapter.name == sections::RULES => {
                Ok(prose(&sections::rule(line), &mut forgotten))
            }
            None => Ok(prose(line, &mut forgotten)),
            Some(directive) => {
                directive.and_then(|it| carry_out(book, &it, position))
            }
        };
        match carried_out {
            Ok(text) => page.push_str(&text),
            Err(what) => mistakes.push(chapter.mistake(number + 1, what)),
        }
        page.push('\n');
        if line.starts_with("# ") {
            page.push('\n');
            page.push_str(&storeys::place(&book.storeys, &chapter.name));
        }
    }
    if in_card {
        page.push_str("\n</div>\n");
    }
    page.push_str(&legend::show(book, &page));
    (html::scrolled(&page), mistakes)
}

/// A line that is no directive.
fn prose(line: &str, forgotten: &mut Vec<&Word>) -> String {
    let line = inline::breakable(line);
    if line.starts_with(['#', '<']) && !line.starts_with("<code") {
        return line;
    }
    cite::linked(&words::explain(forgotten, &line).unwrap_or(line))
}

/// The number of an exercise that begins with a line: `**3.1** (10 minutes)`.
fn exercise_begun(line: &str) -> Option<&str> {
    let (number, _) = line.strip_prefix("**")?.split_once("** (")?;
    let is_number = number.contains('.')
        && number.chars().all(|it| it == '.' || it.is_numeric());
    is_number.then_some(number)
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
        Directive::Milestone { name } => milestone(book, name),
        Directive::Change { old, new } => {
            let text = |source: &Source| source.lines.join("\n") + "\n";
            let (from, to) = (book.house.source(old)?, book.house.source(new)?);
            let caption =
                format!("from {} to {}", link(book, old), link(book, new));
            let change = change::show(&text(from), &text(to));
            Ok(figure("change", &caption, "what differs", &change))
        }
        Directive::Manifest { program } => {
            manifest(book, position.0, program.as_deref())
        }
        Directive::Wire { part, name, short } => {
            Ok(exchange::show(&exchange::read(root, part, name)?, *short))
        }
        Directive::Broken { part, base, variants } => {
            variant::show(root, part, base, variants)
        }
        Directive::Cut { part, name } => cut::show(root, part, name),
        Directive::Session { name } => {
            let session = session::read(root, name)?;
            let caption = match unfinished(book, position, &session) {
                Some(it) => format!("in a terminal, with the finished {it}"),
                None => "in a terminal".to_owned(),
            };
            Ok(terminal::show(&caption, &session))
        }
        Directive::Ask { name, step } => {
            Ok(terminal::ask(&session::read_step(root, name, *step)?))
        }
        Directive::Told { name, step } => {
            Ok(terminal::tell(&session::read_step(root, name, *step)?))
        }
        Directive::Anatomy { part, name, kind } => {
            let exchange = exchange::read(root, part, name)?;
            let id = format!("anatomy-{part}-{name}-{}", kind.name());
            let drawn = anatomy::draw(&exchange.text, *kind, &id)?;
            let way = kind.way();
            let bytes = exchange.first(&id, way).unwrap_or_default();
            Ok(drawn.replacen("<svg ", &format!("<svg {bytes} "), 1))
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
        Directive::Records { part } => tls::show(root, part),
        Directive::Figures { name, rows } => figures::show(root, name, rows),
        Directive::Plot { name } => plot::show(root, name),
        Directive::Dashboard { name } => dashboard::show(root, name),
        Directive::Curves { name } => curves::show(root, name),
        Directive::Offer { file } => offer::show(root, file),
        Directive::Time { sections, exercises } => {
            time::show(book, sections, exercises)
        }
        Directive::Weeks => weeks::show(book, &book.chapters[position.0]),
        Directive::Files => Ok(index::show(book)),
        Directive::Exercises => Ok(exercises::show(book)),
        Directive::Sections => sections::show(book),
        Directive::House => Ok(storeys::show(&book.storeys)),
    }
}

/// The listing that stands somewhere. If there is none, what is wrong with it is said
/// where listings are gathered.
fn listing(book: &Book, position: (usize, usize)) -> String {
    let mut listings = book.listings.iter();
    let Some(listing) = listings.find(|it| it.position() == position) else {
        return String::new();
    };
    let (before, after) = book.around(listing);
    let again = caption::again(book, listing);
    let code = match before.filter(|_| again.is_some()) {
        Some(before) => change::show(&before.text(), &after.text()),
        None => {
            let selection = after.select(listing);
            code::block(
                offer::language(&listing.file),
                &listing::text(&after.source, &selection),
            )
        }
    };
    let file = index::link_from(book, listing);
    let place = caption::place(book, listing);
    match listing.is_copied {
        true => folded(&file, &place, &code),
        false if listing.file.starts_with("tests/broken/") => {
            figure("listing broken", &file, &place, &code)
        }
        false => figure("listing", &file, &place, &code),
    }
}

/// A program that a session runs, and that who reads has not typed all of yet: its last
/// lines are shown later, or others of that chapter.
fn unfinished<'a>(
    book: &'a Book,
    position: (usize, usize),
    session: &Session,
) -> Option<&'a str> {
    let positions = |is_it: &dyn Fn(&Listing) -> bool| {
        let listings = book.listings.iter().filter(|it| is_it(it));
        listings.map(Listing::position).max()
    };
    let is_unfinished = |file: &str| {
        let last = positions(&|it| it.file == file);
        let of_chapter =
            |chapter| positions(&|it| it.chapter == chapter && is_shown(&it.file));
        last.and_then(|(chapter, _)| of_chapter(chapter)) > Some(position)
    };
    let programs = book.house.shown().filter_map(|(file, _)| {
        let program = book.manifest.program(file)?;
        (session.names(program) && is_unfinished(file)).then_some(program)
    });
    programs.min()
}

/// A milestone: how much has been typed for it, and what comes of it.
fn milestone(book: &Book, name: &str) -> Result<String, String> {
    let session = session::read(&book.house.root, name)?;
    let build = milestone::find(book, name).ok_or("it is in no chapter")?;
    let caption = match build.typed {
        0 => "a milestone: it builds, and does this".to_owned(),
        typed => {
            format!("a milestone, {typed} lines on: it builds, and does this")
        }
    };
    Ok(terminal::milestone(name, &caption, &session))
}

/// What a chapter adds to Cargo.toml: of a program, or of all that it does not name on
/// their own.
fn manifest(
    book: &Book,
    chapter: usize,
    program: Option<&str>,
) -> Result<String, String> {
    let name = book.chapters[chapter].name.as_str();
    let files = book.programs_of(chapter, program);
    let chapters = if program.is_none() { vec![name] } else { Vec::new() };
    let is_first = book.listings.first().is_some_and(|it| it.chapter == chapter);
    let first = is_first && program.is_none();
    let lines = book.manifest.of(&chapters, &files, first);
    if lines.is_empty() {
        return Err(match program {
            Some(program) => format!("this chapter has no program {program}"),
            None => "this chapter adds nothing to Cargo.toml".into(),
        });
    }
    let what = if first { "new file" } else { "add" };
    Ok(figure("listing", "Cargo.toml", what, &code::block("toml", &lines)))
}
