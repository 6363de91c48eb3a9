//! The book as pages: built by mdBook itself, with weave in it, and looked over.

mod epub;
mod typist;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::LazyLock;
use std::{env, fs};

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use proctor::check::Check;
use proctor::stage::PARTS;
use regex::Regex;
use weave::book::Book;
use weave::cite;
use weave::milestone::Build;
use weave::preprocessor::Weave;
use weave::publish;
use weave::tangle::tangle;

use typist::Typist;

fn root() -> PathBuf {
    weave::root::find(Path::new(".")).unwrap()
}

/// Builds the book, as book.toml's text has it, into a folder.
fn build(text: &str, folder: &Path) {
    let root = root();
    // weave is here already: it need not be run through cargo.
    let start = text.find("[preprocessor.weave]").unwrap();
    let end = start + text[start..].find("\n\n").unwrap();
    let mut config =
        Config::from_str(&(text[..start].to_owned() + &text[end..])).unwrap();
    config.build.build_dir = folder.to_owned();
    let mut book = MDBook::load_with_config(root.join("book"), config).unwrap();
    book.with_preprocessor(Weave);
    book.build().unwrap();
}

#[test]
fn what_is_published_knows_where_it_is() {
    const SITE: &str = "https://example.org/rohttp/";
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("book/book.toml")).unwrap();
    let key = format!("\nsite-url = \"{SITE}\"\n");
    let text =
        text.replace(&format!("\n#{}", key.replace('\n', " ").trim_end()), &key);
    build(&text, folder.path());
    let book = Book::load(&root()).unwrap();
    assert_eq!(publish::address("/rohttp/"), None);
    let site = publish::address(SITE);
    publish::publish(&book, folder.path(), site).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (map, mut count) = (read("sitemap.xml"), 0);
    for chapter in &book.chapters {
        let url = format!("{SITE}{}.html", chapter.name);
        let page = read(&format!("{}.html", chapter.name));
        let canonical = format!("<link rel=\"canonical\" href=\"{url}\">");
        assert_eq!(page.matches(&canonical).count(), 1, "{url}");
        assert!(map.contains(&format!("<loc>{url}</loc>")), "{url}");
        count += 1;
    }
    assert_eq!(map.matches("<loc>").count(), count);
    assert!(read("index.html").contains(&format!("{SITE}introduction.html\">")));
    // What is linked is shown with a card, of the size that is asked for.
    let card = fs::read(folder.path().join("card.png")).unwrap();
    assert_eq!(card[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1200 by 630");
    // Wherever somebody has lost the way, what the page is made of is found.
    let lost = read("404.html");
    assert!(lost.contains(&format!("<base href=\"{SITE}\">")), "{lost}");
    let made_of = Regex::new("(?:src|href)=\"([^\"#:]+)\"").unwrap();
    for part in made_of.captures_iter(&lost) {
        assert!(folder.path().join(&part[1]).is_file(), "{}", &part[1]);
    }
    for name in ["part5.html", "searchindex.js", "sitemap.xml"] {
        let compressed = folder.path().join(format!("{name}.gz"));
        let unpacked = Command::new("gzip").arg("-dc").arg(compressed).output();
        assert_eq!(unpacked.unwrap().stdout, read(name).as_bytes(), "{name}");
    }
}

/// All pages, by name: what each links to, and which ids it has.
struct Pages {
    folder: PathBuf,
    texts: BTreeMap<String, String>,
}

impl Pages {
    /// The book as it is. It is built once for all tests that look at it.
    fn get() -> &'static Pages {
        static PAGES: LazyLock<Pages> = LazyLock::new(Pages::build);
        &PAGES
    }

    fn build() -> Pages {
        // Beside this test, wherever that is by now: a folder for good, which the next
        // run fills anew.
        let test = env::current_exe().unwrap();
        let folder = test.ancestors().nth(3).unwrap().join("tmp/pages");
        let config = fs::read_to_string(root().join("book/book.toml")).unwrap();
        build(&config, &folder);
        let mut texts = BTreeMap::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "html") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                texts.insert(name, fs::read_to_string(path).unwrap());
            }
        }
        Pages { folder, texts }
    }

    fn all(&self, pattern: &str) -> Vec<(&str, &str)> {
        let pattern = Regex::new(pattern).unwrap();
        let mut found = Vec::new();
        for (name, text) in &self.texts {
            for capture in pattern.captures_iter(text) {
                found.push((name.as_str(), capture.get(1).unwrap().as_str()));
            }
        }
        found
    }
}

#[test]
fn pages_link_to_what_is_there_and_fetch_nothing_from_elsewhere() {
    let pages = Pages::get();
    for page in PARTS.iter().flat_map(|part| part.pages) {
        assert!(pages.texts.contains_key(*page), "{page} is not built");
    }
    let ids: BTreeSet<(&str, &str)> =
        pages.all("[ \n]id=\"([^\"]+)\"").into_iter().collect();
    let external = Regex::new("^https?://[a-z0-9.-]+\\.[a-z]+(/[!-~]*)?$").unwrap();
    let local =
        Regex::new("^https?://(localhost|127\\.0\\.0\\.1)(:\\d+)?/?$").unwrap();
    let mut wrong = Vec::new();
    let saved = pages.all("<[a-z]+ [^<>]*?href=\"(data:[^\"]*)\"");
    for (page, link) in pages.all("<[a-z]+ [^<>]*?href=\"([^\"]*)\"") {
        if saved.contains(&(page, link)) {
            continue;
        }
        let (file, id) = link.split_once('#').unwrap_or((link, ""));
        let file = if file.is_empty() { page } else { file };
        let is_there = if file.contains("://") {
            external.is_match(link) || local.is_match(link)
        } else {
            let found = pages.folder.join(file).is_file();
            // mdBook sees to the links of pages that it makes itself.
            let anchored = id.is_empty() || ids.contains(&(file, id));
            ["print.html", "404.html"].contains(&page) || (found && anchored)
        };
        if !is_there {
            wrong.push(format!("{page} links to {link}, which is not there"));
        }
    }
    for (page, source) in pages.all("<[a-z]+ [^<>]*?src=\"([^\"]*)\"") {
        if source.contains("//") || !pages.folder.join(source).is_file() {
            wrong.push(format!("{page} fetches {source}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What a link to save a file has in it is the file, to the byte.
#[test]
fn files_to_take_away_are_those_of_the_repository() {
    let pages = Pages::get();
    let offered = Regex::new(
        "<figcaption><b>([^<> ]+)</b> <span><a download=\"([^\"]+)\" \
         href=\"data:text/plain;charset=utf-8,([^\"]*)\">",
    );
    let page = &pages.texts["teaching.html"];
    let mut names = BTreeSet::new();
    for offer in offered.unwrap().captures_iter(page) {
        let (file, name) = (&offer[1], &offer[2]);
        let mut bytes = Vec::new();
        let mut rest = &offer[3];
        while let Some(first) = rest.bytes().next() {
            let length = if first == b'%' { 3 } else { 1 };
            bytes.push(match first {
                b'%' => u8::from_str_radix(&rest[1..3], 16).unwrap(),
                byte => byte,
            });
            rest = &rest[length..];
        }
        let path = root().join("book/starters").join(file);
        assert_eq!(bytes, fs::read(&path).unwrap(), "{file}");
        assert!(file.ends_with(name), "{file} would be saved as {name}");
        names.insert(file.to_owned());
    }
    let whole = weave::offer::files_below(&root().join("book/starters"));
    assert_eq!(names, whole.into_iter().collect());
}

/// What a teacher is told to type has been typed, by a machine, and what came of it is
/// on record.
#[test]
fn commands_to_show_are_those_of_recorded_sessions() {
    let mut recorded = BTreeSet::new();
    for name in weave::session::names(&root()).unwrap() {
        let session = weave::session::read(&root(), &name).unwrap();
        recorded.extend(session.steps.into_iter().map(|step| step.command));
    }
    let text = fs::read_to_string(root().join("book/src/teaching.md")).unwrap();
    let fences = Regex::new("(?s)```sh\n(.*?)```").unwrap();
    let lines: Vec<&str> = fences
        .captures_iter(&text)
        .flat_map(|fence| fence.get(1).unwrap().as_str().lines())
        .collect();
    assert!(lines.len() > 20, "{lines:?}");
    for line in lines.into_iter().filter(|line| !line.starts_with("cargo ")) {
        assert!(recorded.contains(line), "{line}: of which session is it?");
    }
}

/// Who types at a terminal is told there of each job that has ended, before the next
/// line, and from then on the shell knows it no more.
#[test]
fn whoever_types_a_session_waits_for_jobs_that_the_shell_still_knows() {
    for name in weave::session::names(&root()).unwrap() {
        let session = weave::session::read(&root(), &name).unwrap();
        for step in session.steps {
            let waits = step.command.starts_with("wait %");
            assert!(!waits, "{name}: {}: wait where it is ended", step.command);
        }
    }
}

#[test]
fn no_directive_is_left_on_a_page_and_no_id_stands_twice() {
    let pages = Pages::get();
    let mut wrong = Vec::new();
    for (name, text) in &pages.texts {
        if name != "print.html"
            && text.contains("{{#")
            && !text.contains("<code>{{#")
        {
            wrong.push(format!("{name} has a directive left in it"));
        }
    }
    let mut seen = BTreeSet::new();
    for (page, id) in pages.all("[ \n]id=\"([^\"]+)\"") {
        if page != "print.html" && !seen.insert((page, id)) {
            wrong.push(format!("{page} has two ids {id}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// How large the index may be, in bytes. mdBook's own had 5,600,000.
const INDEX: usize = 600_000;

#[test]
fn search_finds_what_the_book_is_about() {
    let pages = Pages::get();
    let mut size = 0;
    for entry in fs::read_dir(&pages.folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("searchindex") {
            size += usize::try_from(entry.metadata().unwrap().len()).unwrap();
        }
    }
    assert!(size < INDEX, "{size} bytes");
    let index = pages.folder.join(weave::search::FILE);
    let index = fs::read_to_string(index).unwrap();
    let (documents, _) = index.split_once(";\n").unwrap();
    let documents = documents.strip_prefix("const documents = ").unwrap();
    let documents: Vec<[String; 4]> = serde_json::from_str(documents).unwrap();
    let ids: BTreeSet<(&str, &str)> =
        pages.all("[ \n]id=\"([^\"]+)\"").into_iter().collect();
    for [url, ..] in &documents {
        let place = url.split_once('#').unwrap();
        assert!(ids.contains(&place), "{url} is nowhere");
    }
    let found = |words: &[&str]| {
        let sections = documents.iter().filter(|[_, title, body, _]| {
            let text = format!("{title} {body}").to_lowercase();
            words.iter().all(|word| text.contains(word))
        });
        let pages = sections.map(|[url, ..]| url.split('.').next().unwrap());
        pages.collect::<BTreeSet<&str>>()
    };
    for (words, page) in [
        (&["408"][..], "part5"),
        (&["408"], "part7_server"),
        (&["smuggling", "proxy"], "part3"),
        (&["close_notify"], "part5_5"),
        (&["mkcert"], "prologue"),
        // The names of what a listing shows, and of its file.
        (&["src/h1/receiving.rs", "impl default for receiving"], "part6"),
    ] {
        assert!(found(words).contains(page), "{words:?}: {:?}", found(words));
    }
    // What only stands in code, or in what a program printed, is not looked through.
    let code = "`input` is all that has come so far";
    assert!(pages.texts["part5.html"].contains(code));
    assert!(found(&[code]).is_empty(), "{:?}", found(&[code]));
}

#[test]
fn tests_and_files_that_the_book_names_are_there() {
    let root = root();
    let named = Regex::new("`([a-z]+)::([a-z0-9_]{12,})`").unwrap();
    let file =
        Regex::new("`((?:src|parts|tests|book|certs)/[a-z0-9_/]+\\.[a-z]+)`")
            .unwrap();
    let (mut tests, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(root.join("book/src")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for name in named.captures_iter(&text) {
            let source =
                fs::read_to_string(root.join(format!("tests/{}.rs", &name[1])));
            let function = format!("fn {}(", &name[2]);
            tests += 1;
            if !source.is_ok_and(|source| source.contains(&function)) {
                wrong.push(format!(
                    "{} names the test {}",
                    path.display(),
                    &name[0]
                ));
            }
        }
        for name in file.captures_iter(&text) {
            if !root.join(&name[1]).is_file() {
                wrong.push(format!(
                    "{} names the file {}",
                    path.display(),
                    &name[1]
                ));
            }
        }
    }
    assert!(tests > 50, "the rules and the errata name their tests");
    assert_eq!(wrong, Vec::<String>::new());
}

/// What the table of checks in the rules has for each that proctor makes.
fn rows_of_checks() -> String {
    let row = |check: &Check| {
        let Check { id, since, rule, title, .. } = check;
        format!("| `{id}` | {since} | {rule} | {title} |\n")
    };
    proctor::checks::all().map(row).collect()
}

#[test]
fn the_rules_have_each_check_of_proctor() {
    let rows = rows_of_checks();
    let page = fs::read_to_string(root().join("book/src/rules.md")).unwrap();
    assert!(page.contains(&rows), "rules.md is to have these rows:\n{rows}");
}

#[test]
fn each_section_that_a_check_or_a_rule_is_about_has_its_row() {
    let page = &Pages::get().texts["sections.html"];
    let mut sections = BTreeSet::new();
    for check in proctor::checks::all() {
        let rule = check.rule.to_string();
        for section in cite::sections(&rule, None).unwrap() {
            sections.insert(section.address());
            let id = check.id.replace('.', "-");
            let link = format!("href=\"rules.html#check-{id}\"");
            assert!(page.contains(&link), "{}", check.id);
        }
    }
    for address in sections {
        let row = format!("href=\"{address}\"");
        assert_eq!(page.matches(&row).count(), 1, "{address}");
    }
    // What is said in a comment leads to the listing that has it.
    for (item, listing) in [
        ("persistence", "part5.html#src-h1-framing-rs-"),
        ("EntityTag::is_strong_match", "part6_files.html#src-resource-"),
    ] {
        let link = format!("href=\"{listing}[^>]*\">(?:<[^>]*>)*{item}<");
        assert!(Regex::new(&link).unwrap().is_match(page), "{item}");
    }
}

#[test]
fn a_section_is_of_the_rfc_that_was_named_last() {
    let read = |text| {
        let sections = cite::sections(text, Some("1"));
        let sections = sections.unwrap().into_iter();
        sections.map(|it| format!("{} {}", it.rfc, it.number)).collect::<Vec<_>>()
    };
    assert_eq!(read("as in section 3, or RFC 2 (1999)"), ["1 3"]);
    let text = "RFC 2 sections 3.1 and C.2, and RFC 4: the sections, section 5.";
    assert_eq!(read(text), ["2 3.1", "2 C.2", "4 5"]);
    assert_eq!(cite::sections("section 3.1 of what", None).unwrap_err(), "3.1");
}

#[test]
fn whoever_types_each_listing_where_its_caption_says_has_the_whole_server() {
    let pages = Pages::get();
    let listing = Regex::new(
        "(?s)<figure class=\"listing[^\"]*\">\\s*<figcaption>(.*?)<span>(.*?)</span>\
         .*?<code[^>]*>(.*?)</code></pre>\
         |<figure id=\"([a-z0-9_]+)\" class=\"session milestone\">",
    )
    .unwrap();
    let tags = Regex::new("<[^>]*>").unwrap();
    let text = |html: &str| {
        let text = tags.replace_all(html, "");
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
    };
    let (mut typist, mut milestones) = (Typist::default(), 0);
    let book = Book::load(&root()).unwrap();
    let summary = fs::read_to_string(root().join("book/src/SUMMARY.md")).unwrap();
    let chapter = Regex::new(r"\(([a-z0-9_]+)\.md\)").unwrap();
    for chapter in chapter.captures_iter(&summary) {
        let page = &pages.texts[&format!("{}.html", &chapter[1])];
        for listing in listing.captures_iter(page) {
            if let Some(milestone) = listing.get(4) {
                assert_is_tangled(&typist, &book, milestone.as_str());
                milestones += 1;
                continue;
            }
            let file = text(&listing[1]).trim().to_owned();
            if !file.starts_with("src/") && !file.starts_with("parts/") {
                continue;
            }
            let (place, code) = (text(&listing[2]), text(&listing[3]));
            if let Err(why) = typist.take(&file, &place, &code) {
                panic!("{}: {file} {place}: {why}", &chapter[1]);
            }
        }
    }
    assert!(typist.files.len() > 40, "{:?}", typist.files.keys());
    assert!(milestones > 10, "{milestones}");
    for file in typist.files.keys() {
        let text = fs::read_to_string(root().join(file)).unwrap();
        typist.assert_has(file, &text);
    }
}

/// Fails unless what has been typed by a milestone is what is built there.
fn assert_is_tangled(typist: &Typist, book: &Book, milestone: &str) {
    let folder = tempfile::tempdir().unwrap();
    tangle(book, milestone, folder.path()).unwrap();
    for file in typist.files.keys() {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        typist.assert_has(file, &text);
    }
}

/// How far apart builds may be, in lines that are typed.
const STEP: usize = 60;

#[test]
fn no_more_than_sixty_lines_are_typed_from_one_build_to_the_next() {
    let builds = Book::load(&root()).unwrap().builds;
    assert!(builds.len() > 20, "{builds:?}");
    for Build { name, typed, .. } in &builds {
        assert!(
            *typed <= STEP,
            "{name} comes after {typed} lines, more than {STEP}"
        );
    }
}
