//! What the readers of Parts 3, 5 and 6 know after each byte, for the pages on which one
//! can cut a request: recorded from the code that the book shows.
//!
//! `INSTA_UPDATE=always cargo test --test house cuts::` records what a page asks for.

use std::fmt::{Debug, Write as _};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use rohttp::h1::Parser;
use rohttp::h1::receiving::Receiving;
use rohttp::limits::Limits;
use weave::book::Book;
use weave::directive::Directive;

use crate::support::{recorded, root};

/// What is known after so many bytes, and what the last of them brought to light.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    after: usize,
    state: String,
    heard: String,
}

#[test]
fn pages_show_what_is_known_after_each_byte() {
    let root = root();
    let book = Book::load(&root).unwrap();
    let directives = book.chapters.iter().flat_map(|it| it.directives());
    let mut shown = 0;
    for (_, directive) in directives {
        let Ok(Directive::Cut { part, name }) = directive else { continue };
        let exchanges = recorded(&root.join("tests/exchanges").join(&part));
        let sent = &exchanges.unwrap()[&name];
        let one_by_one = Vec::from_iter(0..=sent.len());
        let known = match &*part {
            "part3" => part3(&book, sent),
            "part5" => parsed(sent, &one_by_one),
            "part6" => received(sent, &one_by_one),
            _ => panic!("nobody knows how to feed {part}"),
        };
        assert_recorded(&part, &name, &known);
        shown += 1;
    }
    assert!(shown >= 3, "{shown} requests can be cut");
}

/// What is known does not depend on the cuts: after so many bytes it is the same if they
/// came one by one, in two pieces, or at once.
#[test]
fn as_much_is_known_of_bytes_that_come_at_once() {
    type Feed = fn(&[u8], &[usize]) -> Vec<Known>;
    let feeds: [(&str, &str, Feed); 2] =
        [("part5", "get", parsed), ("part6", "echo_of_chunks", received)];
    for (part, name, feed) in feeds {
        let folder = root().join("tests/exchanges").join(part);
        let sent = &recorded(&folder).unwrap()[name];
        let state = |cuts: &[usize]| feed(sent, cuts).pop().unwrap().state;
        for end in 0..=sent.len() {
            let at_once = state(&[end]);
            assert_eq!(state(&Vec::from_iter(0..=end)), at_once, "{part}, {end}");
            for cut in 0..end {
                assert_eq!(state(&[cut, end]), at_once, "{part}, {cut}, {end}");
            }
        }
    }
}

/// `Reading` is within a program. So a program is made of the listings that it stands
/// in, and of what feeds it as `answer` does, up to the verse.
fn part3(book: &Book, sent: &[u8]) -> Vec<Known> {
    const FEED: &str = r#"
        fn main() {
            use std::io::Read;
            let mut reading = Reading::Start(0);
            println!("0|{}|", known(reading));
            for (index, byte) in std::io::stdin().bytes().enumerate() {
                let (next, heard) = reading.next(byte.unwrap());
                reading = next;
                let said = match heard {
                    None => "",
                    Some(Heard::Get) => "Get",
                    Some(Heard::Junk) => "Junk",
                };
                println!("{}|{}|{said}", index + 1, known(reading));
                if let Some(Heard::Get) = heard {
                    return;
                }
            }
        }

        fn known(reading: Reading) -> String {
            match reading {
                Reading::Start(seen) => format!("Start({seen})"),
                Reading::Junk(seen) => format!("Junk({seen})"),
                Reading::Fields { empty } => format!("Fields {{ empty: {empty} }}"),
            }
        }
    "#;
    let source = book.house.source("parts/part3.rs").unwrap();
    let mut program = String::new();
    for item in ["Reading", "Heard", "impl Reading"] {
        let selection = source.select(item, &[].into()).unwrap();
        program += &weave::listing::text(source, &selection);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("feed.rs"), program + FEED).unwrap();
    fs::write(folder.path().join("sent"), sent).unwrap();
    let mut compiler = Command::new("rustc");
    run(compiler.args(["--edition", "2024", "feed.rs"]), folder.path());
    let mut feed = Command::new("./feed");
    let input = fs::File::open(folder.path().join("sent")).unwrap();
    let said = String::from_utf8(run(feed.stdin(input), folder.path()).stdout);
    let known = |line: &str| {
        let cells: Vec<&str> = line.split('|').collect();
        let [after, state, heard] = cells[..] else { panic!("{line}") };
        let after = after.parse().unwrap();
        Known { after, state: state.into(), heard: heard.into() }
    };
    said.unwrap().lines().map(known).collect()
}

fn run(command: &mut Command, folder: &Path) -> Output {
    let output = command.current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

/// What the parser of Part 5 knows each time that it has been shown so many bytes of a
/// head, up to the head's end, or to where it breaks a rule.
fn parsed(sent: &[u8], cuts: &[usize]) -> Vec<Known> {
    let (mut parser, mut known) = (Parser::default(), Vec::new());
    for &after in cuts {
        let heard = match parser.parse(&sent[..after], &Limits::default().head) {
            Ok(None) => String::new(),
            Ok(Some(head)) => legible(&head),
            Err(error) => legible(&error),
        };
        let is_over = !heard.is_empty();
        known.push(Known { after, state: legible(&parser), heard });
        if is_over {
            break;
        }
    }
    known
}

/// What Part 6 knows of a connection each time that so many bytes have come over it.
fn received(sent: &[u8], cuts: &[usize]) -> Vec<Known> {
    let (mut receiving, mut read) = (Receiving::default(), 0);
    let mut known = Vec::new();
    for &after in cuts {
        let mut heard = Vec::new();
        loop {
            let input = &sent[read..after];
            let step = receiving.receive(input, &Limits::default());
            let (next, taken, received) = step.unwrap();
            receiving = next;
            read += taken;
            match received {
                Some(received) => heard.push(legible(&received)),
                None => break,
            }
        }
        let (state, heard) = (legible(&receiving), heard.join(", "));
        known.push(Known { after, state, heard });
    }
    known
}

/// A value as it says itself, bytes that are text as text.
fn legible(value: &impl Debug) -> String {
    static BYTES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[(\d+(?:, \d+)*)\]").unwrap());
    let text = format!("{value:?}");
    let text = BYTES.replace_all(&text, |bytes: &Captures| {
        let bytes: Vec<u8> =
            bytes[1].split(", ").map(|byte| byte.parse().unwrap()).collect();
        match String::from_utf8(bytes) {
            Ok(text) => format!("{text:?}"),
            Err(_) => "bytes that are no text".into(),
        }
    });
    text.into_owned()
}

/// A line for each byte after which something else is known, or heard.
fn assert_recorded(part: &str, name: &str, known: &[Known]) {
    let mut lines = String::new();
    let mut last = "";
    for Known { after, state, heard } in known {
        if last != state || !heard.is_empty() {
            writeln!(lines, "{after} | {state} | {heard}").unwrap();
        }
        last = state;
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("cuts").join(part));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lines));
}
