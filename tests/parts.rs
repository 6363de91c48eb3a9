//! What a part needs besides its row in the table of parts, `tests/proctor/src/stage.rs`:
//! what is missing, or there and in no row, is said here by its name and place.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proctor::stage::{PARTS, Part, programs};

/// The files that list the modules beside them. One that is on no list is compiled by
/// nobody, and what it tests is not tested.
const LISTS: [&str; 6] = [
    "tests/house.rs",
    "tests/answers/mod.rs",
    "tests/proven/mod.rs",
    "tests/support/mod.rs",
    "tests/proctor/src/checks/mod.rs",
    "tests/proctor/src/exercises/mod.rs",
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The names in a folder, those of files without what is behind their dot.
fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(path(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let names = paths.map(|path| path.file_stem().unwrap().to_owned());
    let mut names: Vec<String> =
        names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Fails unless a place has what the table asks for and no more, in the table's order.
fn assert_has(place: &str, found: &[String], wanted: &[String]) {
    if let Some(it) = wanted.iter().find(|it| !found.contains(it)) {
        panic!("{place} lacks {it}, which the table of parts asks for");
    }
    if let Some(it) = found.iter().find(|it| !wanted.contains(it)) {
        panic!("{place} has {it}, which the table of parts does not have");
    }
    assert_eq!(found, wanted, "{place}: in the order of the table of parts");
}

fn program_names() -> Vec<String> {
    programs().map(|program| program.name.to_owned()).collect()
}

/// A line for each page that is about a part, with what is said of the part.
fn pages(line: impl Fn(&Part, &str) -> String) -> Vec<String> {
    let of = |part: &'static Part| {
        let names = part.pages.iter().map(|page| page.trim_end_matches(".html"));
        names.map(move |name| (part, name))
    };
    PARTS.iter().flat_map(of).map(|(part, page)| line(part, page)).collect()
}

#[test]
fn cargo_builds_each_program() {
    let manifest = read("Cargo.toml");
    let sections = manifest.split("[[bin]]\nname = \"").skip(1);
    let names = sections.map(|it| it.split('"').next().unwrap().to_owned());
    assert_has("Cargo.toml, [[bin]]", &names.collect::<Vec<_>>(), &program_names());
}

#[test]
fn each_program_has_its_source() {
    let mut wanted = program_names();
    wanted.sort();
    assert_has("parts/", &names_in("parts"), &wanted);
}

#[test]
fn the_summary_has_each_part_on_its_storey() {
    let mut storey = "";
    let mut found = Vec::new();
    let summary = read("book/src/SUMMARY.md");
    for line in summary.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            storey = heading.split(" · ").next().unwrap();
        } else if let Some((_, page)) = line.split_once("](part") {
            let page = page.trim_end_matches(".md)");
            found.push(format!("part{page}.md on storey {storey}"));
        }
    }
    let wanted = pages(|part, page| format!("{page}.md on storey {}", part.storey));
    assert_has("book/src/SUMMARY.md", &found, &wanted);
}

#[test]
fn the_summary_has_every_page() {
    let summary = read("book/src/SUMMARY.md");
    let links = summary.split("](").skip(1);
    let listed = links.filter_map(|rest| Some(rest.split_once(".md)")?.0));
    let listed: BTreeSet<&str> = listed.collect();
    let pages = fs::read_dir(path("book/src")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().file_name());
    let pages = pages.map(|name| name.into_string().unwrap());
    for name in pages.filter_map(|it| it.strip_suffix(".md").map(str::to_owned)) {
        let is_listed = name == "SUMMARY" || listed.contains(&*name);
        assert!(
            is_listed,
            "book/src/SUMMARY.md lacks {name}.md, so nobody reads it"
        );
    }
    for part in PARTS {
        let answers = format!("answers_{}", part.name);
        let is_listed = listed.contains(&*answers);
        assert!(is_listed, "book/src/SUMMARY.md lacks {answers}.md");
    }
}

#[test]
fn the_introduction_has_each_part_on_its_storey() {
    let mut storey = "".to_owned();
    let mut found = Vec::new();
    let introduction = read("book/src/introduction.md");
    for row in introduction.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            storey = cells[1].to_owned();
        }
        if let Some((_, page)) = cells[2].split_once("](part") {
            let title = cells[2].split([']', ',']).next().unwrap();
            let page = page.trim_end_matches(')');
            found.push(format!("the row {storey}, {title}](part{page})"));
        }
    }
    let wanted = pages(|part, page| {
        format!("the row {}, [{}]({page}.md)", part.storey, part.title())
    });
    assert_has("book/src/introduction.md", &found, &wanted);
}

#[test]
fn the_readme_has_each_part() {
    let readme = read("README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `part"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap().trim());
    let found: Vec<String> = cells.map(|cell| format!("the row {cell}")).collect();
    let row = |part: &Part| format!("the row `{}`", part.programs.join("`, `"));
    let wanted: Vec<String> = PARTS.iter().map(row).collect();
    assert_has("README.md", &found, &wanted);
}

#[test]
fn each_part_is_held_to_recorded_exchanges() {
    for part in PARTS {
        assert!(!part.exchanges.is_empty(), "{} is held to no exchange", part.name);
    }
    let wanted = PARTS.iter().flat_map(|part| part.exchanges);
    let wanted: BTreeSet<String> = wanted.map(|it| it.to_string()).collect();
    let wanted: Vec<String> = wanted.into_iter().collect();
    assert_has("tests/exchanges/", &names_in("tests/exchanges"), &wanted);
}

#[test]
fn each_program_is_measured() {
    let rates = read("tests/figures/rates.txt");
    let rows = rates.lines().skip(1);
    let names = rows.filter_map(|row| row.split_once("  "));
    let names = names.map(|(name, _)| name.to_owned());
    let found: Vec<String> = names
        .filter(|name| name.starts_with("part") && !name.contains(' '))
        .collect();
    let place = "tests/figures/rates.txt, which cargo bench -- --record writes,";
    assert_has(place, &found, &program_names());
}

#[test]
fn each_file_of_tests_is_a_module() {
    for list in LISTS {
        let text = read(list);
        let (folder, list_name) = list.rsplit_once('/').unwrap();
        let files = fs::read_dir(path(folder)).unwrap();
        let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
        for name in names.filter(|name| name != list_name) {
            let Some(module) = name.strip_suffix(".rs") else { continue };
            let is_listed = text.contains(&format!("mod {module};"));
            assert!(is_listed, "{list} lacks `mod {module};`: nobody compiles it");
        }
    }
}
