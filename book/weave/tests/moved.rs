//! weave in a repository that is somewhere else than the one it was built in.

mod house;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::str::FromStr;

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

/// The program, beside the folder of the tests, wherever those have been moved to.
fn weave() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("weave")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(weave());
    command.args(arguments).current_dir(folder).output().unwrap()
}

/// What is said of what goes wrong, with the folder's own name left out.
fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let folder = folder.canonicalize().unwrap();
    said.replace(&*folder.to_string_lossy(), "HERE")
}

const CHAPTERS: [(&str, &str); 1] = [("one", "{{#listing src/lib.rs}}\n")];

#[test]
fn a_house_is_checked_where_it_is_now() {
    let root = house::build(&[("lib", "//! Here.\n")], &CHAPTERS);
    house::write(root.path(), "src/lib.rs", "//! Here.\n\n/// More.\nmod more;\n");
    for folder in ["", "book", "book/src", "src"] {
        let checked = run(&root.path().join(folder), &["check"]);
        let said = String::from_utf8_lossy(&checked.stderr);
        assert_eq!(said, "");
        assert!(checked.status.success());
    }
    house::write(root.path(), "src/other.rs", "//! Not shown.\n");
    assert_eq!(
        complaint(root.path(), &["check"]),
        "src/other.rs:1: no chapter shows this file: put {{#listing src/other.rs}} \
         where it is taught\n"
    );
}

#[test]
fn mdbook_builds_the_book_of_a_house_that_was_moved() {
    let root = house::build(&[("lib", "//! This house.\n")], &CHAPTERS);
    let folder = tempfile::tempdir().unwrap();
    let moved = folder.path().join("moved");
    fs::rename(root.path(), &moved).unwrap();
    let config = format!("[preprocessor.weave]\ncommand = {:?}\n", weave());
    let config = Config::from_str(&config).unwrap();
    let book = MDBook::load_with_config(moved.join("book"), config).unwrap();
    book.build().unwrap();
    let page = fs::read_to_string(moved.join("book/book/one.html")).unwrap();
    assert!(page.contains("//! This house."), "{page}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(
        complaint(nowhere.path(), &["check"]),
        "weave: neither HERE nor a folder above it has book/book.toml and Cargo.toml\n"
    );
    let said_without = |path: &str, arguments: &[&str]| {
        let root = house::build(&[("lib", "//! Here.\n")], &CHAPTERS);
        fs::remove_file(root.path().join(path)).unwrap();
        let said = complaint(root.path(), arguments);
        assert!(said.starts_with("weave: "), "{said}");
        assert!(said.contains(&format!("`HERE/{path}`: No such file")), "{said}");
    };
    said_without("book/src/SUMMARY.md", &["check"]);
    said_without("book/src/one.md", &["check"]);
    said_without("Cargo.lock", &["tangle", "one", "tangled"]);
    let root = house::build(&[("lib", "//! Here.\n")], &CHAPTERS);
    let said = complaint(root.path(), &["sessions"]);
    assert!(said.contains("`HERE/tests/sessions`: No such file"), "{said}");
    let said = complaint(root.path(), &["tangle", "one", "Cargo.toml"]);
    assert!(said.contains("Cargo.toml"), "{said}");
}
