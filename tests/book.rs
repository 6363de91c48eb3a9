//! The book alone suffices: the code that it has shown by each milestone compiles, and
//! by the end of each chapter its programs hold their word.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::{env, fs, iter, thread};

use weave::book::Book;
use weave::house::is_shown;
use weave::milestone::Build;
use weave::tangle::{build_folder, files, give_version, tangle};

use crate::exchanges::hold_to_record;
use crate::support::Server;

#[test]
fn each_chapter_builds_from_what_the_book_has_shown_by_then() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let book = Book::load(&root).unwrap();
    let target = temporary().join("tangle");
    let first = book.listings.first().expect("the book shows code").chapter;
    let (mut last, mut held) = (target.clone(), 0);
    for (index, chapter) in book.chapters.iter().enumerate().skip(first) {
        // One that shows none of the server's code leaves the crate as it was.
        let files = book.files_of(|other| other == index);
        if !files.iter().any(|file| is_shown(file)) {
            continue;
        }
        let folder = target.join(&chapter.name);
        tangle(&book, &chapter.name, &folder).unwrap();
        last.clone_from(&folder);
        give_version(&folder.join("Cargo.toml"), index).unwrap();
        let shows_examples = put_examples(&book, index, &root, &folder);
        let examples = shows_examples.then_some("--examples");
        let all: Vec<&str> =
            ["check", "--bins"].into_iter().chain(examples).collect();
        builds(&all, &chapter.name, &folder);
        assert_formatted(&folder, &root);
        // A part is a file, or a folder.
        let parts = files.iter().filter_map(|file| file.strip_prefix("parts/"));
        let parts = parts.filter_map(|file| file.split(['/', '.']).next());
        let parts: BTreeSet<&str> = parts.collect();
        // One that is still to become what its part is, is not held to that. To make
        // machine code takes longer than all the rest: what is not run is done without.
        for part in parts.into_iter().filter(|part| is_whole(&book, index, part)) {
            held += 1;
            builds(&["build", "--bin", part], &chapter.name, &folder);
            let program = target.join("target/debug").join(part);
            hold_to_record(part, &Server::start_program(part, &program));
        }
    }
    assert_eq!(tangled(&last), tangled(&root), "nothing is left out");
    assert!(held >= 9, "only {held} parts are held to their records");
}

/// Fails unless cargo does something with what the book has shown by a chapter's end.
fn builds(what: &[&str], chapter: &str, folder: &Path) {
    let output = cargo(what, folder, temporary().parent().unwrap());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "what the book has shown by the end of {chapter} does not build: {said}\n\
         Something that it needs is shown in a later chapter, or nowhere."
    );
}

/// Puts the examples that a chapter shows where its captions say: whether there are any.
fn put_examples(book: &Book, chapter: usize, root: &Path, folder: &Path) -> bool {
    let shown = book.listings.iter().filter(|it| it.chapter == chapter);
    let files = shown.map(|it| it.file.as_str());
    let is_example = |it: &&str| {
        it.starts_with("tests/broken/") || it.starts_with("book/asides/")
    };
    let examples = files.filter(|it| is_example(it) && it.ends_with(".rs"));
    let mut any = false;
    for file in examples {
        let examples = folder.join("examples");
        fs::create_dir_all(&examples).unwrap();
        let name = Path::new(file).file_name().unwrap();
        fs::copy(root.join(file), examples.join(name)).unwrap();
        any = true;
    }
    add_what_is_asked_for(&book.chapters[chapter].text, root, folder);
    any
}

/// Does what a page says to do for an example that needs more than the server:
/// `cargo add --dev NAME`.
fn add_what_is_asked_for(page: &str, root: &Path, folder: &Path) {
    let ours = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, ours) = ours.split_once("[dev-dependencies]\n").unwrap();
    for asked in page.split("`cargo add --dev ").skip(1) {
        let name = asked.split('`').next().unwrap();
        let line = ours.lines().find(|it| it.starts_with(&format!("{name} =")));
        let path = folder.join("Cargo.toml");
        let text = fs::read_to_string(&path).unwrap();
        let line = line.unwrap_or_else(|| panic!("we don't need {name}"));
        fs::write(path, format!("{text}\n[dev-dependencies]\n{line}\n")).unwrap();
    }
}

/// Whether a part has no form at a chapter's end that is replaced later.
fn is_whole(book: &Book, chapter: usize, part: &str) -> bool {
    let mut files = book.house.shown().filter(|(path, _)| {
        let file = path.strip_prefix("parts/").unwrap_or_default();
        file.split(['/', '.']).next() == Some(part)
    });
    files.all(|(path, source)| {
        let edition = book.before((chapter, usize::MAX), path);
        edition.is_some_and(|it| it.text() == source.lines.join("\n") + "\n")
    })
}

/// What is shown by a milestone compiles, with nothing to be said against it. (That it
/// does what its session says is seen when sessions are run.) One that was seen to
/// compile, with the same compiler, is not compiled again.
#[test]
fn each_milestone_compiles_from_what_the_book_has_shown_by_then() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let book = Book::load(&root).unwrap();
    let common = [
        said_by("rustc", &["--version", "--verbose"]),
        fs::read_to_string(root.join("Cargo.lock")).unwrap(),
        fs::read_to_string(root.join("rustfmt.toml")).unwrap(),
    ];
    let compiled = Compiled::load(temporary().join("compiled"));
    let is_milestone = |build: &&Build| build.at.1 < usize::MAX;
    let milestones: VecDeque<&Build> =
        book.builds.iter().filter(is_milestone).collect();
    assert!(milestones.len() > 10, "{} milestones", milestones.len());
    let milestones = Mutex::new(milestones);
    // In two rows: from one milestone to the next of a row there is little to compile. One
    // begins at the book's end, where they take longer, so that both end together.
    let ends = [VecDeque::pop_front, VecDeque::pop_back];
    thread::scope(|scope| {
        for (number, next) in ends.into_iter().enumerate() {
            let (book, root, common, compiled) = (&book, &root, &common, &compiled);
            let milestones = &milestones;
            scope.spawn(move || {
                for build in iter::from_fn(|| next(&mut milestones.lock().unwrap()))
                {
                    let files = files(book, &build.name).unwrap();
                    let what = hash(&(common, &files));
                    if !compiled.holds(&what) {
                        compiles(book, build, &files, root, number);
                        compiled.add(what);
                    }
                }
            });
        }
    });
}

/// Fails unless what a milestone has shown compiles and is formatted.
fn compiles(
    book: &Book,
    Build { name, at, .. }: &Build,
    files: &BTreeMap<String, String>,
    root: &Path,
    row: usize,
) {
    // One crate for all of a row, so that only what is new is compiled, and nothing in it
    // that the book has not shown yet.
    let folder = temporary().join(format!("milestones{row}"));
    let _ = fs::remove_dir_all(folder.join("src"));
    let _ = fs::remove_dir_all(folder.join("parts"));
    tangle(book, name, &folder).unwrap();
    // Not those of chapters, of which there are fewer.
    give_version(&folder.join("Cargo.toml"), 100 + row).unwrap();
    // The parts of other chapters are built at the chapter's end.
    let shown = book.files_of(|chapter| chapter == at.0);
    let programs = shown.iter().filter_map(|file| book.manifest.program(file));
    let is_there =
        |name: &&str| files["Cargo.toml"].contains(&format!("name = \"{name}\"\n"));
    let programs = programs.filter(is_there).flat_map(|name| ["--bin", name]);
    let library = files.contains_key("src/lib.rs").then_some("--lib");
    let what = ["check"].into_iter().chain(library).chain(programs);
    let what: Vec<&str> = what.collect();
    let target = temporary().parent().unwrap().to_owned();
    let output = cargo(&what, &folder, &build_folder(&target, row).unwrap());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "", "what the book has shown by {name} does not compile");
    assert!(output.status.success(), "{name}");
    assert_formatted(&folder, root);
}

/// Which crates were seen to compile: a line of a file for each, its hash.
struct Compiled {
    path: PathBuf,
    hashes: Mutex<BTreeSet<String>>,
}

impl Compiled {
    fn load(path: PathBuf) -> Compiled {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let hashes = text.lines().map(str::to_owned).collect();
        Compiled { path, hashes: Mutex::new(hashes) }
    }

    fn holds(&self, hash: &str) -> bool {
        self.hashes.lock().unwrap().contains(hash)
    }

    fn add(&self, hash: String) {
        let mut hashes = self.hashes.lock().unwrap();
        hashes.insert(hash);
        let lines: String = hashes.iter().map(|it| format!("{it}\n")).collect();
        fs::write(&self.path, lines).unwrap();
    }
}

fn hash(what: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A folder beside that which this test was built in, wherever that is by now.
fn temporary() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().join("tmp")
}

/// Runs cargo in a tangled crate.
fn cargo(arguments: &[&str], folder: &Path, build: &Path) -> Output {
    Command::new(env::var("CARGO").unwrap_or("cargo".into()))
        .args(arguments)
        .args(["--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", temporary().join("tangle/target"))
        // What the crate stands on has been built for these tests already, if
        // cargo finds it, and finds it built alike.
        .env("CARGO_BUILD_BUILD_DIR", build)
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_INCREMENTAL", "1")
        .env_remove("RUSTFLAGS")
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Fails unless a crate is as rustfmt would have it, by the rules of this repository.
fn assert_formatted(folder: &Path, root: &Path) {
    let output = Command::new("cargo")
        .args(["fmt", "--check", "--", "--config-path"])
        .arg(root)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}", folder.display());
}

/// The sources below a folder.
fn tangled(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.join("parts"), folder.join("src")];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let text = fs::read_to_string(&path).unwrap();
                    files.push((
                        path.strip_prefix(folder).unwrap().to_owned(),
                        text,
                    ));
                }
            }
        }
    }
    files.sort();
    files
}
