//! weave on this repository: the book is right as it is, and wrong as soon as
//! anything is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use proctor::stage::PARTS;
use weave::anatomy::{self, Kind};
use weave::book::Book;
use weave::chapters::{self, Chapter};
use weave::check::check;
use weave::curves;
use weave::directive::{self, Directive};
use weave::figures;
use weave::handshake;
use weave::house::House;
use weave::listing;
use weave::manifest::Manifest;
use weave::page;
use weave::piece::Piece;
use weave::plot;
use weave::session::{Place, Session, mask};
use weave::source::Source;
use weave::states::Machine;

fn root() -> PathBuf {
    weave::root::find(Path::new(".")).unwrap()
}

/// The book as it is. Its sources are parsed once for all tests.
fn book() -> Book {
    static HOUSE: LazyLock<House> = LazyLock::new(|| House::load(&root()).unwrap());
    let chapters = chapters::load(&root()).unwrap();
    Book::new(HOUSE.clone(), chapters, Manifest::load(&root()).unwrap())
}

/// The mistakes of the book with one of its chapters edited, a line each, without
/// their line numbers in chapters: those change with every word.
fn edited(chapter: &str, edit: impl Fn(&str) -> String) -> String {
    let numbered = edited_numbered(chapter, edit);
    let number = regex::Regex::new(r"(\.md):\d+:").unwrap();
    number.replace_all(&numbered, "$1:").into_owned()
}

fn edited_numbered(chapter: &str, edit: impl Fn(&str) -> String) -> String {
    let Book { house, mut chapters, manifest, .. } = book();
    let chapter = chapters.iter_mut().find(|it| it.name == chapter).unwrap();
    let text = edit(&chapter.text);
    assert_ne!(chapter.text, text, "the edit does nothing");
    chapter.text = text;
    lines(&Book::new(house, chapters, manifest))
}

fn lines(book: &Book) -> String {
    check(book).iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn the_book_shows_every_line_of_the_code_once_and_nothing_else() {
    let mistakes = lines(&book());
    assert_eq!(mistakes, "", "what to do stands after each of these");
}

/// A file with forms of items that are replaced later is cut up as its own text would be.
#[test]
fn what_is_put_together_is_made_of_the_same_pieces_as_its_text() {
    let book = book();
    let sources = book.editions.iter().map(|it| &it.source);
    let of_rust = sources.filter(|it| it.path.ends_with(".rs"));
    let other = of_rust.filter(|it| it.lines != book.house.sources[&it.path].lines);
    let other: BTreeMap<(&str, &[String]), &Source> =
        other.map(|it| ((&*it.path, &*it.lines), it)).collect();
    assert!(other.len() > 100, "{}", other.len());
    for ((path, lines), source) in other {
        let parsed = Source::rust(path, &(lines.join("\n") + "\n")).unwrap();
        assert_eq!(source.pieces, parsed.pieces, "{path}");
    }
}

#[test]
fn a_listing_that_is_taken_out_is_missed() {
    let without = |chapter: &str, file: &str| {
        edited(chapter, |text| {
            let of_file = format!("{{{{#listing {file}");
            let lines = text.lines().filter(|line| !line.starts_with(&of_file));
            lines.map(|line| format!("{line}\n")).collect()
        })
    };
    insta::assert_snapshot!("missed", without("part2", "src/io/close.rs"));
    let part5 = book().house.sources["parts/part5/main.rs"].clone();
    let only_one_left = edited("part5", |text| {
        let of_file = |line: &&str| {
            let shown = ["{{#listing ", "{{#copy "];
            let file = shown.iter().find_map(|it| line.strip_prefix(it));
            file.is_some_and(|it| it.starts_with("parts/part5/main.rs"))
        };
        let lines = text.lines().filter(|line| !of_file(line));
        let rest: String = lines.map(|line| format!("{line}\n")).collect();
        format!("{rest}\n{{{{#listing parts/part5/main.rs read}}}}\n")
    });
    let names = part5.pieces.iter().map(|piece| piece.name.as_str());
    for name in names.filter(|name| *name != "read") {
        assert!(
            only_one_left.contains(&format!("no chapter shows {name}:")),
            "{name}"
        );
    }
    assert!(!only_one_left.contains("shows read:"), "{only_one_left}");
}

#[test]
fn a_mistake_says_in_which_line_it_is() {
    let lines = book()
        .chapters
        .iter()
        .find(|it| it.name == "part3")
        .unwrap()
        .text
        .lines()
        .count();
    let said =
        edited_numbered("part3", |text| format!("{text}{{{{#lsting a}}}}\n"));
    let expected =
        format!("book/src/part3.md:{}: there is no directive lsting", lines + 1);
    assert!(said.starts_with(&expected), "{said}");
}

#[test]
fn a_listing_of_what_is_not_there_names_the_nearest() {
    let wrong = [
        "{{#listing parts/part3.rs anser}}",
        "{{#listing src/datum.rs}}",
        "{{#lsting src/date.rs}}",
        "{{#wire part4 gte}}",
        "{{#cut part3 gte}}",
        "{{#cut part3 get}}",
        "{{#cut part3 not_utf8}}",
        "{{#broken part5 get bare_lf}}",
        "{{#broken part5 get; gte a}}",
        "{{#broken part5 get; get the same}}",
        "{{#anatomy part4 gte}}",
        "{{#anatomy part4 nothing}}",
        "{{#session nowhere}}",
        "{{#figures rats}}",
        "{{#figures rates part2, part44}}",
        "{{#change parts/part1.rs}}",
        "{{#listing src/date.rs",
    ];
    let said = edited("part3", |text| format!("{text}\n{}\n", wrong.join("\n\n")));
    insta::assert_snapshot!("nearest", said);
}

#[test]
fn the_names_of_a_messages_parts_do_not_overlap() {
    let exchange = "> GET / HTTP/1.1\\r\\n\n> a: b\\r\\n\n> \\r\\n\n";
    let drawn = anatomy::draw(exchange, Kind::Request, "id").unwrap();
    let name = r#"<text x="(\d+)" y="(\d+)" text-anchor="start">([a-z]+( [a-z]+)?)</text>"#;
    let names = regex::Regex::new(name).unwrap();
    let (mut free, mut row, mut count) = (0, 0, 0);
    for found in names.captures_iter(&drawn) {
        let (x, y): (usize, usize) =
            (found[1].parse().unwrap(), found[2].parse().unwrap());
        assert!(y > row || x > free, "{} begins at {x}, before {free}", &found[3]);
        // No letter of a sans serif at 11 is wider on average than 6.
        (free, row) = (x + 6 * found[3].len(), y);
        count += 1;
    }
    assert_eq!(count, 5, "{drawn}");
}

#[test]
fn a_response_is_drawn_with_its_bytes_counted() {
    let exchange = "> HEAD / HTTP/1.1\\r\\n\n> \\r\\n\n< HTTP/1.1 204 No Content\\r\\n\n\
                    < A: é <\\r\\n\n< \\r\\n\n< ab\\n\n< — c\n< HTTP/1.1 200 OK\\r\\n";
    let drawn = anatomy::draw(exchange, Kind::Response, "id").unwrap();
    let texts = regex::Regex::new("<text [^>]*>([^<]*)</text>").unwrap();
    let texts =
        texts.captures_iter(&drawn).map(|found| found[1].replace("&lt;", "<"));
    let (letters, others): (Vec<String>, Vec<String>) =
        texts.filter(|text| !text.is_empty()).partition(|text| {
            text.chars().count() == 1 && !text.as_bytes()[0].is_ascii_digit()
                || text.starts_with('\\')
        });
    // Digits of the status line are among the others, as are the offsets.
    let letters = letters.concat();
    assert_eq!(letters, "HTTP/.␣␣No␣Content\\r\\nA:␣é␣<\\r\\n\\r\\nab\\n");
    let others = others.join("|");
    assert_eq!(
        others,
        "0|1|1|2|0|4|CR and LF end a line|version|status|reason phrase|\
         25|field name|field value|34|an empty line ends the head|\
         36|… the body: 8 bytes, up to byte 44"
    );
}

#[test]
fn a_request_is_drawn_as_a_response_is() {
    let exchange = "> hello?\\n\n> GET /a HTTP/1.1\\r\\n\n> Host: b\\r\\n\n> \\r\\n\n\
                    < HTTP/1.1 200 OK\\r\\n\n< \\r\\n";
    let drawn = anatomy::draw(exchange, Kind::Request, "id").unwrap();
    let said = "a request line of a method, a request target and a version; the fields \
                Host; an empty line, with which the head ends after 28 bytes; and no \
                body.";
    assert!(drawn.contains(said), "{drawn}");
    for name in ["method", "request target", "version", "field name"] {
        assert!(drawn.contains(&format!(">{name}</text>")), "{name}");
    }
    let bare = anatomy::draw(exchange, Kind::Response, "id").unwrap();
    assert!(bare.contains("a reason phrase; an empty line,"), "{bare}");
    let none = anatomy::draw("> hello?\\n", Kind::Request, "id").unwrap_err();
    assert_eq!(none, "that exchange has no whole head in it");
}

#[test]
fn a_handshake_is_drawn_as_it_was_seen() {
    let session = Session::parse(
        "$ curl -v\nTLSv1.3 (OUT), TLS handshake, Client hello (1):\n\
         TLSv1.3 (IN), TLS handshake, Server hello (2):\n\
         TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):\n> GET /<\n",
    );
    let drawn = handshake::draw(&session, "id").unwrap();
    let said = "In turn, curl sends ClientHello, the server sends ServerHello, curl \
                sends ChangeCipherSpec, curl sends GET /&lt;. All";
    assert!(drawn.contains(said), "{drawn}");
    let arrows = regex::Regex::new(r"d=.M(\d+) (\d+) H(\d+) M").unwrap();
    let arrows = arrows.captures_iter(&drawn).map(|arrow| {
        let number = |index: usize| arrow[index].parse::<u32>().unwrap();
        (number(1) < number(3), number(2))
    });
    let arrows: Vec<(bool, u32)> = arrows.collect();
    assert_eq!(arrows, [(true, 46), (false, 76), (true, 106), (true, 136)]);
    for (text, wrong) in [
        ("$ true\n", "there is no handshake of TLS 1.3 in that session"),
        (
            "$ curl\nTLSv1.3 (IN), TLS handshake, Song (99):\n",
            "what is TLSv1.3 (IN), TLS handshake, Song (99):?",
        ),
    ] {
        assert_eq!(
            handshake::draw(&Session::parse(text), "id").unwrap_err(),
            wrong
        );
    }
}

#[test]
fn a_machine_is_read_from_its_enum() {
    let text = "enum Door { Open(u8), Shut, Locked { key: u8 }, Gone }
        impl Door {
            fn turn(self, key: u8) -> Door {
                match self {
                    Door::Shut => Door::Locked { key },
                    Door::Locked { key: same } if same == key => Door::Shut,
                    other => other,
                }
            }
            fn push(self) -> Door {
                let Door::Shut = self else { return self.turn(0) };
                Door::opened()
            }
            fn pull(self) -> Door {
                match self {
                    Door::Open(_) => match 1 { 1 => Door::Shut, _ => Door::Open(2) },
                    Door::Shut | Door::Gone => self.push(),
                    Door::Locked { .. } => panic!(),
                }
            }
            fn opened() -> Door { Door::Open(1) }
            fn is_open(&self) -> bool { matches!(self, Door::Open(_)) }
        }
        enum Still { Here } impl Still { fn stay(&self) {} }";
    let machine = Machine::read(text, "Door").unwrap();
    assert_eq!(machine.states, ["Open", "Shut", "Locked", "Gone"]);
    let arrows: Vec<String> = machine
        .arrows
        .iter()
        .map(|((from, to), by)| {
            let [from, to] = [from, to].map(|state| &machine.states[*state]);
            format!("{from} {to} {}", by.join(","))
        })
        .collect();
    assert_eq!(
        arrows,
        [
            "Open Open pull",
            "Open Shut pull",
            "Shut Open push,pull",
            "Shut Locked turn",
            "Locked Shut turn"
        ]
    );
    let drawn = machine.draw("Door", "id");
    assert!(
        drawn.contains("From Open to Open by pull; from Open to Shut by pull;")
    );
    assert_eq!(drawn.matches("<rect").count(), 4);
    assert_eq!(drawn.matches("<path").count(), 5);
    let wrong = |name| Machine::read(text, name).unwrap_err();
    assert_eq!(
        wrong("Dor"),
        "there is no enum Dor; the nearest that there is: Door"
    );
    assert_eq!(
        wrong("Still"),
        "no method of Still leads from one state to another"
    );
}

#[test]
fn each_chapter_has_five_predictions_or_more_and_each_has_its_answer() {
    let book = book();
    let asks = |it: &&Chapter| it.text.contains("## Predict, then run");
    let chapters: Vec<&Chapter> = book.chapters.iter().filter(asks).collect();
    let pages: Vec<String> =
        chapters.iter().map(|it| format!("{}.html", it.name)).collect();
    for part in PARTS {
        let asks = |page: &&&str| pages.iter().any(|it| it == **page);
        let asking = part.pages.iter().filter(asks).count();
        assert_eq!(asking, 1, "one page of {} asks", part.name);
    }
    for chapter in chapters {
        let directives = chapter.text.lines().filter_map(directive::parse);
        let directives: Vec<Directive> = directives.map(Result::unwrap).collect();
        let asked = directives.iter().filter_map(|it| match it {
            Directive::Ask { name, step } => Some((name, *step)),
            _ => None,
        });
        let told = directives.iter().filter_map(|it| match it {
            Directive::Told { name, step } => Some((name, *step)),
            _ => None,
        });
        let asked: Vec<_> = asked.collect();
        assert_eq!(asked, told.collect::<Vec<_>>(), "{}", chapter.name);
        assert!(asked.len() >= 5, "{}", chapter.name);
    }
}

#[test]
fn a_step_that_is_not_there_is_a_mistake() {
    let ask = |step: &str| {
        edited("part1", |text| {
            text.replace(
                "{{#told part1_predict 2}}",
                &format!("{{{{#told part1_predict {step}}}}}"),
            )
        })
    };
    assert_eq!(
        ask("7"),
        "book/src/part1.md: the session part1_predict has 6 steps, and no 7\n"
    );
    assert_eq!(ask("0").lines().count(), 1);
    assert_eq!(ask("two"), "book/src/part1.md: two is no number of a step\n");
}

#[test]
fn figures_are_shown_row_by_row_with_the_machine_that_they_are_from() {
    let book = book();
    let all = fs::read_to_string(root().join("tests/figures/rates.txt")).unwrap();
    let index = book.chapters.iter().position(|it| it.name == "part4").unwrap();
    let (page, mistakes) = page::render(&book, index);
    assert_eq!(mistakes, []);
    let machine = all.lines().last().unwrap();
    assert!(page.contains(&format!("{machine}</p>")));
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let rows =
        page.lines().filter(|line| line.starts_with("<tr><th scope=\"row\">"));
    let rows: Vec<String> = rows
        .map(|row| tags.replace_all(row, " ").split_whitespace().collect())
        .collect();
    let on_record =
        all.lines().map(|row| row.split_whitespace().collect::<String>());
    let on_record: Vec<String> = on_record.collect();
    assert_eq!(rows.len(), 3, "part3, part4 and the original");
    assert!(rows.iter().all(|row| on_record.contains(row)), "{rows:?}");
}

#[test]
fn each_figure_stands_under_its_own_heading() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tests/figures");
    fs::create_dir_all(&folder).unwrap();
    let shown = |text: &str| {
        fs::write(folder.join("day.txt"), text).unwrap();
        figures::show(root.path(), "day", &[])
    };
    let cell = regex::Regex::new("<t[hd](?: [^>]*)?>(.*?)</t[hd]>").unwrap();
    let cells = |text: &str| -> Vec<Vec<String>> {
        let page = shown(text).unwrap();
        let rows = page.lines().filter(|line| line.contains("<tr>"));
        rows.map(|row| cell.captures_iter(row).map(|it| it[1].to_owned()).collect())
            .collect()
    };
    let under = [["", "cold", "warm"], ["ours", "1", "–"], ["theirs", "3", "4"]];
    assert_eq!(
        cells("          cold  warm\nours       1     –\ntheirs     3     4\n"),
        under
    );
    let mut named = under;
    named[0][0] = "CPU, µs";
    assert_eq!(
        cells("CPU, µs   cold  warm\nours       1     –\ntheirs     3     4\n"),
        named
    );
    let said = shown("     cold\nours  1  2\n").unwrap_err();
    assert_eq!(said, "tests/figures/day.txt has a row too long: ours  1  2");
}

#[test]
fn what_was_seen_over_time_is_drawn_a_curve_a_column() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tests/figures");
    fs::create_dir_all(&folder).unwrap();
    let record = |text: &str| fs::write(folder.join("day.txt"), text).unwrap();
    record("second  callers  MiB\n0  0  1.5\n60  50  3\n120  25  3\n\na machine\n");
    let drawn = plot::show(root.path(), "day").unwrap();
    assert!(
        drawn.contains("aria-label=\"callers, MiB, over 2 minutes\""),
        "{drawn}"
    );
    assert!(drawn.contains(">callers</text>") && drawn.contains(">50 at most<"));
    // From the left to the right, and as high as there is room.
    assert!(
        drawn.contains("points=\"0.0,110.0 320.0,30.0 640.0,70.0\""),
        "{drawn}"
    );
    assert_eq!(drawn.matches("<polyline").count(), 2);
    assert!(drawn.contains("<p>a machine</p>"));
    for (text, says) in [
        ("second  callers\n0  many\n", "has a line that is no row: 0  many"),
        ("second  callers\n0  1\n1  2  3\n", "has no rows of 2 numbers"),
        ("second  callers\n", "has no rows of 2 numbers"),
    ] {
        record(text);
        let said = plot::show(root.path(), "day").unwrap_err();
        assert!(said.contains(says), "{said}");
    }
    assert!(plot::show(root.path(), "night").unwrap_err().contains("night.txt"));
}

#[test]
fn what_grows_is_drawn_a_curve_a_column_and_stands_below_in_figures() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tests/figures");
    fs::create_dir_all(&folder).unwrap();
    let record = |text: &str| fs::write(folder.join("grows.txt"), text).unwrap();
    record("bytes  ours  theirs\n1  2  4\n100  2  –\n10000  8  4\n\na machine\n");
    let drawn = curves::show(root.path(), "grows").unwrap();
    assert!(drawn.contains("aria-label=\"bytes: ours, theirs\""), "{drawn}");
    // Ten times as much is as far everywhere, and where nothing was measured no point is.
    assert!(
        drawn.contains("points=\"58.0,246.9 307.0,246.9 556.0,41.1\""),
        "{drawn}"
    );
    assert!(drawn.contains("points=\"58.0,144.0 556.0,144.0\""), "{drawn}");
    for said in
        [">10,000</text>", ">theirs</text>", "<td style=\"--share:100.0%\">8<"]
    {
        assert!(drawn.contains(said), "{said} in {drawn}");
    }
    for (text, says) in [
        ("bytes  ours\n1  many\n2  2\n", "has a line that is no row: 1  many"),
        ("bytes  ours\n0  1\n2  2\n", "has a line that is no row: 0  1"),
        ("bytes  ours\n1  1  2\n2  2  2\n", "has no rows of 2 numbers"),
        ("bytes  ours\n1  1\n", "has no rows of 2 numbers"),
    ] {
        record(text);
        let said = curves::show(root.path(), "grows").unwrap_err();
        assert!(said.contains(says), "{said}");
    }
    assert!(curves::show(root.path(), "falls").unwrap_err().contains("falls.txt"));
}

#[test]
fn what_is_shown_twice_is_too_much() {
    let said = [
        edited("part3", |text| {
            format!("{text}\n{{{{#listing parts/part3.rs answer}}}}\n")
        }),
        edited("part5", |text| {
            format!("{text}\n{{{{#listing src/date.rs now}}}}\n")
        }),
    ];
    insta::assert_snapshot!("twice", said.concat());
}

#[test]
fn a_listing_that_goes_to_two_places_is_to_be_two() {
    let said = [
        edited("part2", |text| {
            // What stands between the two is shown first.
            text.replacen("Options, main}}", "Options, run}}", 1).replacen(
                "part2_thread run, serve}}",
                "part2_thread main, serve}}",
                1,
            )
        }),
        edited("part5", |text| {
            let text =
                text.replacen("Parser::finish}}", "Parser::finish, is_blank}}", 1);
            text.replacen("{{#listing src/h1/parse.rs is_blank}}", "", 1)
        }),
    ];
    insta::assert_snapshot!("two_places", said.concat());
}

#[test]
fn output_that_nobody_recorded_is_found() {
    let with = |fences: &[(&str, &str)]| {
        let fence =
            |(fence, line): &(&str, &str)| format!("\n{fence}\n{line}\n```\n");
        let fences: String = fences.iter().map(fence).collect();
        edited("part3", |text| text.to_owned() + &fences)
    };
    assert_eq!(with(&[("```sh", "cargo run --bin part3")]), "");
    let said = with(&[
        ("```sh", "$ curl localhost"),
        ("```text", "HTTP/1.1 200 OK"),
        ("```", "HTTP/1.1 200 OK"),
        ("```rust", "fn main() {}"),
    ]);
    insta::assert_snapshot!("by_hand", said);
}

#[test]
fn a_manifest_is_shown_where_it_grows_and_only_there() {
    let said = [
        edited("part4", |text| text.replacen("{{#manifest}}", "", 1)),
        edited("prologue", |text| format!("{text}\n{{{{#manifest}}}}\n")),
    ];
    insta::assert_snapshot!("manifest", said.concat());
}

#[test]
fn a_function_that_is_renamed_is_missed_where_it_was_shown() {
    let Book { mut house, mut chapters, manifest, .. } = book();
    let text = house.sources["parts/part3.rs"].lines.join("\n") + "\n";
    let renamed = text.replace("async fn answer(", "async fn reply(");
    assert_ne!(text, renamed);
    let source = Source::rust("parts/part3.rs", &renamed).unwrap();
    let names: Vec<String> = source.names().map(str::to_owned).collect();
    let before: BTreeSet<String> =
        house.sources["parts/part3.rs"].names().map(str::to_owned).collect();
    assert!(names.contains(&"reply".into()) && before.contains("answer"));
    house.sources.insert("parts/part3.rs".into(), source);
    // Whatever the chapter lists by name now, it listed before by the old ones.
    let chapter = chapters.iter_mut().find(|it| it.name == "part3").unwrap();
    if chapter.text.contains("{{#listing parts/part3.rs}}") {
        let all: Vec<&str> = before.iter().map(String::as_str).collect();
        let all: Vec<&&str> =
            all.iter().filter(|name| !name.contains("::")).collect();
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        let named = format!("{{{{#listing parts/part3.rs {}}}}}", all.join(", "));
        chapter.text = chapter.text.replace("{{#listing parts/part3.rs}}", &named);
    }
    let said = lines(&Book::new(house, chapters, manifest));
    assert!(said.contains("there is no answer in parts/part3.rs"), "{said}");
    assert!(said.contains("no chapter shows reply"), "{said}");
}

const SAMPLE: &str = "\
//! What it is.
#![allow(dead_code)]

use std::fmt;
use std::io;

// A word before.

/// A constant.
const ONE: u32 = 1;

#[derive(Debug)]
struct Thing;

impl Thing {
    /// First.
    fn first() {}

    // A word within.
    fn second() {
        let _ = 2;
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, _: &mut fmt::Formatter) -> fmt::Result {
        Ok(())
    }
}

mod inner {}

// The last word.
";

fn shown(names: &[&str]) -> String {
    let source = Source::rust("sample.rs", SAMPLE).unwrap();
    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let (shown, wrong) = listing::select(&[&source], &names, &BTreeMap::new());
    assert_eq!(wrong, Vec::<String>::new());
    listing::text(&source, &shown["sample.rs"])
}

#[test]
fn items_bring_their_comments_and_attributes_along() {
    let source = Source::rust("sample.rs", SAMPLE).unwrap();
    let members = |piece: &Piece| piece.members.clone();
    let pieces =
        source.pieces.iter().flat_map(|it| [vec![it.clone()], members(it)]);
    let names: Vec<String> = pieces.flatten().map(|it| it.name).collect();
    assert_eq!(
        names,
        [
            "//!",
            "use std::fmt",
            "use std::io",
            "ONE",
            "Thing",
            "impl Thing",
            "Thing::first",
            "Thing::second",
            "impl Display for Thing",
            "<Thing as Display>::fmt",
            "mod inner",
        ]
    );
    assert_eq!(shown(&["//!"]), "//! What it is.\n#![allow(dead_code)]\n");
    assert_eq!(shown(&["use"]), "use std::fmt;\nuse std::io;\n");
    assert_eq!(
        shown(&["ONE", "Thing"]),
        "// A word before.\n\n/// A constant.\nconst ONE: u32 = 1;\n\n\
         #[derive(Debug)]\nstruct Thing;\n"
    );
    assert_eq!(
        shown(&["Thing::second"]),
        "impl Thing {\n    // A word within.\n    fn second() {\n        \
         let _ = 2;\n    }\n}\n"
    );
    assert_eq!(shown(&["mod inner"]), "mod inner {}\n\n// The last word.\n");
    assert_eq!(shown(&[]), SAMPLE);
    let twice = shown(&["Thing::second", "Thing::first"]);
    assert_eq!(twice, shown(&["impl Thing"]), "in the file's order");
}

#[test]
fn every_kind_of_item_has_a_name() {
    let text = "\
#![no_std]
pub use self::inner::{
    Inner,
    Other as Another,
};
use hyper as http;
pub(crate) use core::*;
use {alloc, core};
mod inner;
pub(super) type Code = u16;
pub static NAME: &str = \"\";
const _: () = ();
pub union Bits { a: u8 }
thread_local! { static HERE: u8 = 1; }
macro_rules! twice { () => {}; }
unsafe trait Spoken {
    const WORDS: usize;
    type Word;
    fn say(&self);
}
impl<'a, T: Clone> Parser<'a, T> where T: Copy {
    const fn new() {}
    methods! {}
}
unsafe impl<T> Spoken for &'_ Inner<T> {
    fn say(&self) {}
}
impl From<[u8; 2]> for (u8, u8) {}
";
    let source = Source::rust("sample.rs", text).unwrap();
    let mut names: Vec<&str> = source.names().collect();
    names.dedup();
    insta::assert_snapshot!("names", names.join("\n"));
    for name in names {
        let (_, wrong) =
            listing::select(&[&source], &[name.into()], &BTreeMap::new());
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
        let line = format!("{{{{#listing sample.rs {name}, {name}}}}}");
        let Some(Ok(Directive::Listing { items, .. })) = directive::parse(&line)
        else {
            panic!("{line}");
        };
        assert_eq!(items, [name, name]);
    }
    let nameless = Source::rust("sample.rs", "\nextern crate core;\n");
    assert_eq!(nameless.unwrap_err(), "sample.rs:2: weave has no name for this");
}

#[test]
fn what_is_no_rust_is_an_error_with_its_line() {
    let error =
        Source::rust("sample.rs", "fn main() {\n    let = 1;\n}\n").unwrap_err();
    assert!(error.starts_with("sample.rs:2: "), "{error}");
}

#[test]
fn directives_stand_on_lines_of_their_own() {
    for line in ["text", "{{ x }}", "`{{#listing a}}`", "see {{#listing a}}"] {
        assert_eq!(directive::parse(line), None, "{line}");
    }
    let listing = directive::parse("{{#listing a.rs impl Display for A, use}}");
    let items = vec!["impl Display for A".into(), "use".into()];
    assert_eq!(
        listing,
        Some(Ok(Directive::Listing {
            file: "a.rs".into(),
            milestone: None,
            items,
            is_copied: false
        }))
    );
    let earlier = directive::parse("{{#copy a.rs@first use}}");
    assert_eq!(
        earlier,
        Some(Ok(Directive::Listing {
            file: "a.rs".into(),
            milestone: Some("first".into()),
            items: vec!["use".into()],
            is_copied: true
        }))
    );
    // mdBook's own can name what is not there, and nobody is told.
    assert!(directive::parse("{{#include a.md}}").unwrap().is_err());
}

#[test]
fn a_manifest_grows_by_chapter() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[package]\nname = \"a\"\npublish = false\n\n[dependencies]\n\
                # Part 1: one\nb = \"1\"\n# Part 5.5\nc = \"2\"\n\n[dev-dependencies]\n\
                d = \"3\"\n\n[[bin]]\nname = \"x\"\npath = \"parts/x.rs\"\ntest = false\n";
    fs::write(folder.path().join("Cargo.toml"), text).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap();
    let none = BTreeSet::new();
    let one = manifest.of(&["part1"], &none, true);
    assert_eq!(one, "[package]\nname = \"a\"\n\n[dependencies]\nb = \"1\"\n");
    let program = BTreeSet::from(["parts/x.rs"]);
    let two = manifest.of(&["part5_5"], &program, false);
    let bin = "[[bin]]\nname = \"x\"\npath = \"parts/x.rs\"\n";
    assert_eq!(two, format!("[dependencies]\nc = \"2\"\n\n{bin}"));
}

#[test]
fn a_manifest_says_what_the_workspace_says_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let load = |dependencies: &str| {
        let text = format!(
            "[package]\nname = \"a\"\nversion.workspace = true\n\n\
             [dependencies]\n# Part 1\n{dependencies}\n\
             [workspace.package]\nversion = \"0.1.0\"\n\n[workspace.dependencies]\n\
             b = \"1\"\nb-c = {{ version = \"2\", default-features = false }}\n"
        );
        fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        let manifest = Manifest::load(folder.path())?;
        Ok::<_, io::Error>(manifest.of(&["part1"], &BTreeSet::new(), true))
    };
    let all = load(
        "b.workspace = true\nb-c = { workspace = true, features = [\"d\"] }\n\
         b = { workspace = true, optional = true }\nb-c.workspace = true\n",
    );
    let expected = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n\n[dependencies]\n\
         b = \"1\"\nb-c = { version = \"2\", default-features = false, features = [\"d\"] }\n\
         b = { version = \"1\", optional = true }\n\
         b-c = { version = \"2\", default-features = false }\n";
    assert_eq!(all.unwrap(), expected);
    let unknown = load("e.workspace = true\n").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "Cargo.toml: e is not in [workspace.dependencies]"
    );
}

#[test]
fn a_session_is_run_and_masked() {
    let recorded = "$ printf 'a\\n\\nb'\na\n\nb\n$ false || pwd\n/home/you/rohttp\n$ (exit 7)\n$ echo $?\n7\n$ cd /\n\
                    $ sleep 0.1 && echo later &\nlater\n$ echo 2026-11-23T09:00:00.1Z pid 77\n\
                    ‹time› pid ‹pid›\n";
    let session = Session::parse(recorded);
    assert_eq!(session.text(), recorded);
    let found = session.run(&root(), &["/usr/bin".into()], Place::Here).unwrap();
    assert_eq!(found.text(), recorded);
    let recorded = "with src tests\n$ head -c 3 src/lib.rs && ls\n//!src\ntests\n";
    let session = Session::parse(recorded);
    assert_eq!(session.text(), recorded);
    let found = session.run(&root(), &["/usr/bin".into()], Place::Here).unwrap();
    assert_eq!(found.text(), recorded);
}

#[test]
fn a_session_has_no_descriptors_but_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("file")).unwrap();
    // One that whoever starts us has left open, as some do.
    let inherited = rustix::io::dup(&file).unwrap();
    rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::empty()).unwrap();
    let recorded = "$ echo /dev/fd/*\n/dev/fd/0 /dev/fd/1 /dev/fd/2 /dev/fd/3\n";
    let found = Session::parse(recorded)
        .run(&root(), &["/usr/bin".into()], Place::Here)
        .unwrap();
    // The fourth is the folder that the shell looks into.
    assert_eq!(found.text(), recorded);
}

#[test]
fn a_session_ends_though_somebody_in_it_does_not() {
    let recorded = "$ (trap '' TERM; while :; do sleep 0.1; done) &\n$ (trap '' INT; kill -STOP $BASHPID) &\n";
    let begun = std::time::Instant::now();
    let found = Session::parse(recorded)
        .run(&root(), &["/usr/bin".into()], Place::Here)
        .unwrap();
    assert_eq!(found.text(), recorded);
    assert!(begun.elapsed().as_secs() < 60, "it waits for ever");
}

#[test]
fn a_session_waits_for_what_is_on_record() {
    let recorded = "$ sleep 1 && echo late &\nlate\n$ echo next\nnext\n";
    let found = Session::parse(recorded)
        .run(&root(), &["/usr/bin".into()], Place::Here)
        .unwrap();
    assert_eq!(found.text(), recorded);
}

#[test]
fn who_speaks_while_a_command_ends_leaves_no_empty_line() {
    // Somebody who says something before each thing that the shell does.
    let recorded = "$ trap 'printf \"between\\n\"' DEBUG\n$ printf 'no end'\n";
    let found = Session::parse(recorded)
        .run(&root(), &["/usr/bin".into()], Place::Here)
        .unwrap();
    let text = found.text();
    assert!(text.contains("\nno end"), "{text}");
    assert!(text.matches("between\n").count() > 4, "{text}");
    assert!(!text.contains("\n\n"), "{text}");
}

#[test]
fn masks_are_for_what_differs_and_no_more() {
    let folder = Path::new("/tmp/x");
    let kept =
        "Last-Modified: Mon, 27 Jul 1987 00:00:00 GMT, port 1337, status=200";
    assert_eq!(mask(kept, folder), kept);
    assert_eq!(mask("HTTP/1.1 200 OK\r\n", folder), "HTTP/1.1 200 OK\n");
    let masked = mask(
        "Date: Mon, 23 Nov 2026 08:30:14 GMT peer=[::1]:5999 time=1.5ms",
        folder,
    );
    assert_eq!(masked, "Date: ‹date› peer=[::1]:‹port› time=‹time›");
}

#[test]
fn what_printf_is_given_comes_out_as_it_was_sent() {
    let exchange = "> GET /50%? 'a' HTTP/1.1\\r\\n\n< HTTP/1.1 200 OK\\r\\n\n\
                    > \\xff\\\\x41";
    let sent = "data-sent=\"GET /50%%? '\\''a'\\'' HTTP/1.1\\r\\n\\377\\\\x41\"";
    let shown = weave::exchange::figure("wire", "", exchange, "");
    assert!(shown.contains(sent), "{shown}");
}

#[test]
fn code_is_the_same_below_its_colours() {
    let code =
        "fn a() -> &'static str {\n    // it's \"so\"\n\n    \"two\n  lines\"\n}\n";
    let shown = weave::code::block("rust", code);
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let text = tags.replace_all(&shown, "").replace("&gt;", ">");
    assert_eq!(text.replace("&amp;", "&"), format!("{code}\n"));
    assert_eq!(shown.matches("<span").count(), code.lines().count());
    assert_eq!(shown.matches("<i class=\"s\">").count(), 2, "{shown}");
    assert!(!shown.contains("\n\n"), "Markdown would end the block");
}

#[test]
fn code_in_a_sentence_is_not_broken_at_a_hyphen() {
    let shown = |line| weave::inline::breakable(line);
    assert_eq!(
        shown("say `kill -9`."),
        "say <code class=\"word\">kill &#45;9</code>."
    );
    assert!(
        shown("`cargo run --bin part3 --config the/file`")
            .contains("run <span class=\"word\">&#45;&#45;bin</span> part3")
    );
    assert!(
        shown("`a_name_that_goes_on_for_longer_than_a_line`").contains("<wbr>")
    );
    assert_eq!(shown("## `kill -9`"), "## `kill -9`");
}
