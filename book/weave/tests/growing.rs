//! Files that grow: a small house of which each chapter shows a share.

mod house;
mod typist;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use weave::book::Book;
use weave::check::check;
use weave::page;
use weave::tangle::tangle;

use typist::Typist;

const LIB: &str = "\
//! A small house.

// First
pub mod status;

// Second
pub mod message;
";

const MESSAGE: &str = "\
//! What is sent.

/// A message.
pub struct Message;
";

const STATUS: &str = "\
//! How it went.

use std::fmt;
use std::io::{self, ErrorKind};
use std::str::FromStr;

use crate::message::Message;

/// How it went.
#[derive(Debug, PartialEq)]
pub struct Status(pub u16);

/// Those that have names.
#[allow(non_upper_case_globals)]
impl Status {
    /// It went well.
    pub const OK: Status = Status(200);

    /// There is no such thing.
    pub const NOT_FOUND: Status = Status(404);

    /// Its number.
    pub fn code(&self) -> u16 {
        self.0
    }
    // Nobody has to know more.
}

/// What is asked of them.
impl Status {
    /// Whether it went well.
    pub fn is_good(&self) -> bool {
        *self == Status::OK
    }

    /// Whether it did not.
    pub fn is_bad(&self) -> bool {
        !self.is_good()
    }
}

impl From<io::Error> for Status {
    fn from(error: io::Error) -> Status {
        match error.kind() {
            ErrorKind::NotFound => Status::NOT_FOUND,
            _ => Status(500),
        }
    }
}

impl From<Message> for Status {
    fn from(_: Message) -> Status {
        Status::OK
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Puts a status and its name on a line.
#[macro_export]
macro_rules! line {
    ($status:expr) => {
        format!(\"{} {}\", $status, NAME)
    };
}

/// What statuses are called.
pub static NAME: &str = \"status\";
/// What there was before.
pub type Code = u16;

impl FromStr for Status {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Status, Self::Err> {
        text.parse().map(Status)
    }
}
";

const ONE: &str = "\
{{#listing src/status.rs //!, use, Status}}
{{#listing src/status.rs Status::OK, Status::code}}
{{#listing src/status.rs impl Display for Status}}
{{#listing src/lib.rs //!, mod status}}
";
const TWO: &str = "\
{{#listing src/message.rs}}
{{#listing src/lib.rs mod message}}
{{#listing src/status.rs use crate::message::Message}}
{{#listing src/status.rs impl From<Message> for Status}}
{{#listing src/status.rs line!, NAME}}
";
const THREE: &str = "\
{{#listing src/status.rs use std::io, impl From<io::Error> for Status}}
{{#listing src/status.rs Status::NOT_FOUND}}
{{#listing src/status.rs Status::is_good}}
{{#listing src/status.rs Status::is_bad}}
{{#listing src/status.rs Code, use std::str::FromStr, impl FromStr for Status}}

{{#files}}
";

/// A house of its own, with these chapters.
fn house(chapters: &[(&str, &str)]) -> (TempDir, Book) {
    house_of(&[("status", STATUS), ("message", MESSAGE), ("lib", LIB)], chapters)
}

fn house_of(files: &[(&str, &str)], chapters: &[(&str, &str)]) -> (TempDir, Book) {
    let root = house::build(files, chapters);
    let book = Book::load(root.path()).unwrap();
    (root, book)
}

/// What is wrong with a book of these chapters, but for the manifest, of which none
/// says anything.
fn mistakes(chapters: &[(&str, &str)]) -> String {
    let (_root, book) = house(chapters);
    let mistakes = check(&book).into_iter();
    let mistakes = mistakes.filter(|mistake| !mistake.what.contains("manifest"));
    mistakes.map(|mistake| format!("{mistake}\n")).collect()
}

/// The file, the caption and the code of each listing on a chapter's page.
fn listings(book: &Book, chapter: usize) -> Vec<(String, String, String)> {
    let (page, wrong) = page::render(book, chapter);
    assert_eq!(wrong, []);
    let listing = regex::Regex::new(
        "(?s)<figcaption>([^\n]*?) <span>(.*?)</span></figcaption>\n\n<pre>(.*?)</pre>",
    );
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let plain = |html: &str| {
        tags.replace_all(html, "")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let listing = listing.unwrap();
    let found = listing.captures_iter(&page);
    found.map(|it| (plain(&it[1]), plain(&it[2]), plain(&it[3]))).collect()
}

/// The library that a chapter leaves behind, compiled with no warning let through.
fn compile(book: &Book, chapter: &str, folder: &Path) -> Output {
    tangle(book, chapter, folder).unwrap();
    Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["-D", "warnings", "--out-dir", "target", "src/lib.rs"])
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_file_grows_over_three_chapters() {
    let chapters = [("one", ONE), ("two", TWO), ("three", THREE)];
    assert_eq!(mistakes(&chapters), "");
    let (_root, book) = house(&chapters);
    let (mut pages, mut typist) = (String::new(), Typist::default());
    for chapter in 0..3 {
        for (file, caption, code) in listings(&book, chapter) {
            typist.take(&file, &caption, &code).unwrap();
            pages.push_str(&format!("=== {file}: {caption}\n{code}"));
        }
    }
    insta::assert_snapshot!("pages", pages);
    for (file, text) in [("status", STATUS), ("message", MESSAGE), ("lib", LIB)] {
        typist.assert_has(&format!("src/{file}.rs"), text);
    }
}

#[test]
fn what_each_chapter_leaves_behind_compiles_and_is_formatted() {
    let (_root, book) = house(&[("one", ONE), ("two", TWO), ("three", THREE)]);
    for chapter in ["one", "two", "three"] {
        let folder = tempfile::tempdir().unwrap();
        let compiled = compile(&book, chapter, folder.path());
        let said = String::from_utf8_lossy(&compiled.stderr);
        assert!(compiled.status.success(), "{chapter}: {said}");
        let formatted = Command::new("rustfmt")
            .args(["--edition", "2024", "--check", "src/lib.rs"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&formatted.stdout);
        assert!(formatted.status.success(), "{chapter}: {said}");
        let status = fs::read_to_string(folder.path().join("src/status.rs"));
        match chapter {
            "three" => assert_eq!(status.unwrap(), STATUS),
            _ => insta::assert_snapshot!(chapter, status.unwrap()),
        }
    }
}

#[test]
fn the_index_lists_each_chapter_that_shows_some_of_a_file() {
    let (_root, book) = house(&[("one", ONE), ("two", TWO), ("three", THREE)]);
    let (page, _) = page::render(&book, 2);
    let rows = page.lines().filter(|line| line.starts_with('|'));
    insta::assert_snapshot!("index", rows.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_chapter_that_needs_what_a_later_one_shows_does_not_compile() {
    let message = "{{#listing src/status.rs use crate::message::Message}}\n\
                   {{#listing src/status.rs impl From<Message> for Status}}\n";
    let one = format!("{ONE}{message}");
    let two = TWO.replace(message, "");
    let chapters = [("one", &*one), ("two", &*two), ("three", THREE)];
    assert_eq!(mistakes(&chapters), "");
    let (_root, book) = house(&chapters);
    let folder = tempfile::tempdir().unwrap();
    let compiled = compile(&book, "one", folder.path());
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(said.contains("unresolved import `crate::message`"), "{said}");
}

#[test]
fn chapters_the_other_way_round_are_typed_all_the_same() {
    let one = "{{#listing src/status.rs impl FromStr for Status}}\n\
               {{#listing src/status.rs Status::is_bad}}\n";
    let two = "{{#listing src/status.rs impl From for Status, impl Display for Status, \
               line!, NAME, Code}}\n\
               {{#listing src/status.rs Status::is_good}}\n\
               {{#listing src/status.rs Status::OK, Status::NOT_FOUND, Status::code}}\n\
               {{#listing src/status.rs //!}}\n";
    let three = "{{#listing src/status.rs Status}}\n\
                 {{#listing src/status.rs use}}\n\
                 {{#listing src/message.rs}}\n{{#listing src/lib.rs}}\n";
    let chapters = [("one", one), ("two", two), ("three", three)];
    assert_eq!(mistakes(&chapters), "");
    let (_root, book) = house(&chapters);
    let (mut captions, mut typist) = (String::new(), Typist::default());
    for chapter in 0..3 {
        for (file, caption, code) in listings(&book, chapter) {
            captions.push_str(&format!("{file}: {caption}\n"));
            typist.take(&file, &caption, &code).unwrap();
        }
    }
    typist.assert_has("src/status.rs", STATUS);
    insta::assert_snapshot!("the_other_way_round", captions);
}

#[test]
fn a_listing_with_many_items_counts_them() {
    let (_root, book) = house(&[
        ("one", "{{#listing src/status.rs //!}}"),
        ("two", "{{#listing src/status.rs use, Status, Status::OK, Status::code}}"),
        ("three", "{{#listing src/status.rs impl From for Status, Code}}"),
    ]);
    let captions = |chapter| listings(&book, chapter).remove(0).1;
    assert_eq!(captions(0), "new file");
    assert_eq!(captions(1), "grows: four imports and three items more, at its end");
    assert_eq!(captions(2), "grows: three items more, at its end");
}

#[test]
fn what_is_wrong_with_shares_is_said() {
    let with = |line: &str| {
        let three = format!("{THREE}{line}\n");
        mistakes(&[("one", ONE), ("two", TWO), ("three", &three)])
    };
    let without = |line: &str| {
        let three = THREE.replacen(line, "", 1);
        assert_ne!(three, THREE);
        mistakes(&[("one", ONE), ("two", TWO), ("three", &three)])
    };
    let said = [
        ("twice", with("{{#listing src/status.rs NAME}}")),
        ("twice, in a block", with("{{#listing src/status.rs Status::OK}}")),
        ("twice, all imports", with("{{#listing src/status.rs use}}")),
        ("twice, one import", with("{{#listing src/status.rs use std::fmt}}")),
        ("nothing left", with("{{#listing src/status.rs impl Status}}")),
        ("nowhere", without("Code, ")),
        (
            "nowhere, in a block",
            without("{{#listing src/status.rs Status::is_bad}}"),
        ),
        ("nowhere, of two", without(", impl From<io::Error> for Status")),
        ("an import that all names now", without("use std::io, ")),
        ("no such import", with("{{#listing src/status.rs use crate::mesage}}")),
        ("no such member", with("{{#listing src/status.rs Status::OKAY}}")),
    ];
    let said = said.map(|(what, said)| format!("=== {what}\n{said}"));
    insta::assert_snapshot!("shares", said.concat());
}

#[test]
fn a_block_leaves_out_the_members_that_are_named_elsewhere() {
    let (_root, book) = house(&[
        ("one", "{{#listing src/status.rs impl Status}}"),
        ("two", "{{#listing src/status.rs Status::is_good}}"),
        ("three", "{{#listing src/status.rs Status::is_bad, Status::code}}"),
    ]);
    assert_eq!(book.mistakes, []);
    let (_, _, code) = listings(&book, 0).remove(0);
    let functions = code.lines().filter(|line| line.contains("pub fn"));
    assert_eq!(functions.count(), 0, "{code}");
    assert!(code.contains("OK") && code.contains("NOT_FOUND"), "{code}");
    let (_, caption, code) = listings(&book, 1).remove(0);
    assert_eq!(caption, "grows: one item more, at its end");
    assert!(code.starts_with("/// What is asked of them.\nimpl"), "{code}");
}

#[test]
fn imports_of_one_path_are_told_apart_by_their_whole_text() {
    let text = "use std::io;\nuse std::io::{Read, Write};\nuse std::{fmt, fs};\n";
    let (_root, book) = house_of(
        &[("lib", text)],
        &[
            ("one", "{{#listing src/lib.rs use std::io::{Read, Write}}}"),
            ("two", "{{#listing src/lib.rs use std::{fmt, fs}}}"),
            ("three", "{{#listing src/lib.rs use std::io}}"),
        ],
    );
    assert_eq!(book.mistakes, []);
    let code = |chapter| listings(&book, chapter).remove(0).2;
    assert_eq!(code(0), "use std::io::{Read, Write};\n");
    assert_eq!(code(1), "use std::{fmt, fs};\n");
    assert_eq!(code(2), "use std::io;\n");
}

#[test]
fn what_goes_between_imports_goes_after_one_of_them() {
    let text = "use std::fmt;\n\nconst ONE: u8 = 1;\n\nuse std::io;\n";
    let one = "{{#listing src/lib.rs use}}";
    let two = "{{#listing src/lib.rs ONE}}";
    let (_root, book) = house_of(&[("lib", text)], &[("one", one), ("two", two)]);
    let mut typist = Typist::default();
    for chapter in 0..2 {
        let (file, caption, code) = listings(&book, chapter).remove(0);
        typist.take(&file, &caption, &code).unwrap();
    }
    typist.assert_has("src/lib.rs", text);
    let (_, caption, _) = listings(&book, 1).remove(0);
    assert_eq!(caption, "grows: one item more, after use std::fmt");
}

#[test]
fn a_program_that_grows_is_added_to_the_manifest_once() {
    let (root, _) = house(&[("one", ""), ("two", "")]);
    let write = |path: &str, text: &str| house::write(root.path(), path, text);
    let manifest =
        "[package]\nname = \"a\"\n\n[[bin]]\nname = \"a\"\npath = \"parts/a.rs\"\n";
    write("Cargo.toml", manifest);
    write("parts/a.rs", "fn main() {}\n\nfn late() {}\n");
    fs::remove_dir_all(root.path().join("src")).unwrap();
    write("book/src/one.md", "{{#manifest}}\n{{#listing parts/a.rs main}}\n");
    write("book/src/two.md", "{{#listing parts/a.rs late}}\n");
    let book = Book::load(root.path()).unwrap();
    assert_eq!(check(&book), []);
}

const STEPS: &str = "\
//! Steps.

use std::io::{self, Write};

/// How many.
pub const STEPS: usize = 2;

/// Somebody who walks.
#[derive(Debug, Default)]
pub struct Walker {
    steps: usize,
}

impl Walker {
    /// Takes all steps.
    ///
    /// # Errors
    /// If it can't be said.
    pub fn walk(&mut self, to: &mut impl Write) -> io::Result<()> {
        while self.steps < STEPS {
            self.steps += 1;
            writeln!(to, \"step {}\", self.steps)?;
        }
        Ok(())
    }

    /// How many have been taken.
    pub fn steps(&self) -> usize {
        self.steps
    }
}
";

const FIRST_STEPS: &str = "\
use std::io::Write;

impl Walker {
    /// Takes a step.
    pub fn walk(&mut self, to: &mut impl Write) {
        self.steps += 1;
        let _ = writeln!(to, \"step {}\", self.steps);
    }
}
";

const FIRST: &str = "\
{{#listing src/lib.rs@first use std::io::Write, Walker, Walker::walk}}
{{#listing src/lib.rs //!}}
{{#milestone first}}
{{#listing src/lib.rs Walker::steps}}
";
const THEN: &str = "\
{{#listing src/lib.rs Walker::walk}}
{{#listing src/lib.rs STEPS, use}}
{{#milestone then}}
";

/// A house whose walker takes a first step before all others.
fn walking(first: &str, chapters: &[(&str, &str)]) -> (TempDir, Book) {
    let root = house::build(&[("lib", STEPS)], chapters);
    house::write(root.path(), "book/earlier/first/src/lib.rs", first);
    for name in ["first", "then"] {
        let session = format!("tests/sessions/{name}.txt");
        house::write(root.path(), &session, "$ echo it runs\nit runs\n");
    }
    let book = Book::load(root.path()).unwrap();
    (root, book)
}

#[test]
fn an_item_is_typed_in_an_earlier_form_and_then_changed() {
    let (_root, book) = walking(FIRST_STEPS, &[("one", FIRST), ("two", THEN)]);
    let mistakes = check(&book).into_iter();
    let mistakes = mistakes.filter(|it| !it.what.contains("manifest"));
    assert_eq!(mistakes.collect::<Vec<_>>(), []);
    let (mut pages, mut typist) = (String::new(), Typist::default());
    for chapter in 0..2 {
        for (file, caption, code) in listings(&book, chapter) {
            typist.take(&file, &caption, &code).unwrap();
            pages.push_str(&format!("=== {file}: {caption}\n{code}"));
        }
    }
    typist.assert_has("src/lib.rs", STEPS);
    insta::assert_snapshot!("changed", pages);
}

#[test]
fn what_there_is_at_a_milestone_compiles_and_its_lines_are_counted() {
    let (_root, book) = walking(FIRST_STEPS, &[("one", FIRST), ("two", THEN)]);
    let folder = tempfile::tempdir().unwrap();
    for place in ["first", "one", "then", "two"] {
        let compiled = compile(&book, place, folder.path());
        let said = String::from_utf8_lossy(&compiled.stderr);
        assert!(compiled.status.success(), "{place}: {said}");
        let text = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
        match place {
            "two" => assert_eq!(text, STEPS),
            _ => assert_eq!(text.contains("fn steps"), place != "first", "{text}"),
        }
    }
    let builds = book.builds.iter().cloned();
    let typed: Vec<(String, usize)> =
        builds.map(|build| (build.name, build.typed)).collect();
    let expected = [("first", 14), ("one", 4), ("then", 13), ("two", 0)];
    assert_eq!(typed, expected.map(|(name, typed)| (name.to_owned(), typed)));
    let (page, _) = page::render(&book, 0);
    let milestone = "<figure id=\"first\" class=\"session milestone\"><figcaption>\
                     a milestone, 14 lines on: it builds, and does this</figcaption>";
    assert!(page.contains(milestone), "{page}");
}

#[test]
fn what_is_wrong_with_earlier_forms_is_said() {
    let with = |first: &str, one: &str, two: &str| {
        let (_root, book) = walking(first, &[("one", one), ("two", two)]);
        let mistakes = check(&book).into_iter();
        let mistakes = mistakes.filter(|it| !it.what.contains("manifest"));
        mistakes.map(|mistake| format!("{mistake}\n")).collect::<String>()
    };
    let edited = |from: &str, to: &str| FIRST_STEPS.replacen(from, to, 1);
    let other_name = format!("{FIRST_STEPS}\nfn run() {{}}\n");
    let last = "impl Walker {\n    /// How many have been taken.\n    \
                pub fn steps(&self) -> usize {\n        self.steps\n    }\n}\n";
    let two =
        |to: &str| THEN.replacen("{{#listing src/lib.rs Walker::walk}}", to, 1);
    let said = [
        (
            "never shown",
            with(FIRST_STEPS, &FIRST.replacen("use std::io::Write, ", "", 1), THEN),
        ),
        ("never replaced", with(FIRST_STEPS, FIRST, &two(""))),
        ("after its last form", with(FIRST_STEPS, THEN, FIRST)),
        (
            "shown again",
            with(
                FIRST_STEPS,
                FIRST,
                &two("{{#listing src/lib.rs@first Walker::walk}}"),
            ),
        ),
        ("of nothing", with(&other_name, FIRST, THEN)),
        (
            "in another frame",
            with(&edited("impl", "/// What they do.\nimpl"), FIRST, THEN),
        ),
        (
            "the last form",
            with(&edited("impl", &format!("{last}\nimpl")), FIRST, THEN),
        ),
        (
            "no such milestone",
            with(FIRST_STEPS, &FIRST.replacen("@first", "@frist", 1), THEN),
        ),
        ("two of a name", with(FIRST_STEPS, FIRST, &THEN.replace("then", "first"))),
        ("no session", with(FIRST_STEPS, FIRST, &THEN.replace("then", "later"))),
    ];
    let said = said.map(|(what, said)| format!("=== {what}\n{said}"));
    insta::assert_snapshot!("earlier_forms", said.concat());
}

#[test]
fn a_program_is_added_to_the_manifest_where_it_is_shown() {
    let (root, _) = house(&[("one", ""), ("two", "")]);
    let write = |path: &str, text: &str| house::write(root.path(), path, text);
    let program = |name| {
        format!("\n[[bin]]\nname = \"{name}\"\npath = \"parts/{name}.rs\"\n")
    };
    let package = "[package]\nname = \"a\"\n";
    write("Cargo.toml", &[package, &program("a"), &program("b")].concat());
    write("parts/a.rs", "fn main() {}\n");
    write("parts/b.rs", "fn main() {}\n");
    fs::remove_dir_all(root.path().join("src")).unwrap();
    write("tests/sessions/first.txt", "$ a\n");
    let one = "{{#manifest}}\n{{#listing parts/a.rs}}\n{{#milestone first}}\n\
               {{#manifest b}}\n{{#listing parts/b.rs}}\n";
    write("book/src/one.md", one);
    let book = Book::load(root.path()).unwrap();
    assert_eq!(check(&book), []);
    let folder = tempfile::tempdir().unwrap();
    let manifest = |place: &str| {
        tangle(&book, place, folder.path()).unwrap();
        fs::read_to_string(folder.path().join("Cargo.toml")).unwrap()
    };
    let workspace = "\n[workspace]\n";
    assert_eq!(manifest("first"), [package, &program("a"), workspace].concat());
    let both = [package, &program("a"), &program("b"), workspace].concat();
    assert_eq!(manifest("one"), both);
    write("book/src/one.md", &one.replace("manifest b", "manifest c"));
    let mistakes = check(&Book::load(root.path()).unwrap());
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].what.contains("has no program c"), "{mistakes:?}");
}
