//! weave: mdBook's preprocessor, and the commands that hold the book to its word.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use clap::{Parser, Subcommand};
use fs_err as fs;
use mdbook_preprocessor::config::Config;
use mdbook_preprocessor::{Preprocessor, parse_input};
use tempfile::TempDir;
use weave::book::Book;
use weave::preprocessor::Weave;
use weave::questions::Format;
use weave::session::{self, Place, Session};
use weave::{
    Mistake, check, epub, house, milestone, publish, questions, root, slides,
    tangle,
};

/// Cuts the book's code, exchanges and sessions from the files that hold them
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Say whether a renderer is served, as mdBook asks
    Supports {
        /// The renderer's name
        renderer: String,
    },
    /// Check that the book shows every line of the code once, and nothing else
    Check,
    /// Say where the book is built, and how many lines are typed from one build to the next
    Milestones,
    /// Write the code that the book has shown by some place as a crate
    Tangle {
        /// A chapter, such as part3, of which the end is meant, or a milestone
        place: String,
        /// The folder to write to
        folder: PathBuf,
    },
    /// Run the terminal sessions and compare them with what is on record
    Sessions(Wanted),
    /// Print the questions that the book asks: predictions, with what happened, and
    /// exercises, with their hints
    Questions {
        /// markdown, json, or gift, which is Moodle's
        #[arg(default_value = "markdown", value_parser = str::parse::<Format>)]
        format: Format,
    },
    /// Make a book that was built ready for a public server: compressed files beside the
    /// others, and where book.toml has a site-url with a host, each page's address in it
    /// and a sitemap
    Publish {
        /// The folder that mdBook has built
        folder: PathBuf,
    },
    /// Write the book as an EPUB; takes mdBook, which makes its pages
    Epub {
        /// The file to write to; book/rohttp.epub, if none is named
        file: Option<PathBuf>,
    },
    /// Write slides for each chapter, a page of HTML each, with notes
    Slides {
        /// The folder to write to
        folder: PathBuf,
    },
}

/// Which sessions, and how.
#[derive(clap::Args)]
struct Wanted {
    /// Record what comes of them instead
    #[arg(long)]
    write: bool,
    /// Run milestones' sessions beside the others, each in a network and among
    /// processes of its own: takes Linux, and root
    #[arg(long)]
    side_by_side: bool,
    /// Where the parts are; beside weave, if nothing is said
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Which sessions; all, if none is named
    names: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "weave: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<bool, Box<dyn std::error::Error>>;

fn run(options: &Options) -> Outcome {
    let root = || root::find(Path::new("."));
    match &options.command {
        None => preprocess(),
        // All that weave makes is Markdown and HTML.
        Some(Task::Supports { renderer }) => Ok(renderer != "not-supported"),
        Some(Task::Check) => {
            let mistakes = check::check(&Book::load(&root()?)?);
            for mistake in &mistakes {
                writeln!(io::stderr(), "{mistake}")?;
            }
            Ok(mistakes.is_empty())
        }
        Some(Task::Milestones) => {
            for build in Book::load(&root()?)?.builds {
                writeln!(io::stdout(), "{:4}  {}", build.typed, build.name)?;
            }
            Ok(true)
        }
        Some(Task::Tangle { place, folder }) => {
            tangle::tangle(&Book::load(&root()?)?, place, folder)?;
            Ok(true)
        }
        Some(Task::Sessions(wanted)) => sessions(&root()?, wanted),
        Some(Task::Questions { format }) => {
            let all = questions::all(&Book::load(&root()?)?)?;
            io::stdout().write_all(questions::write(&all, *format).as_bytes())?;
            Ok(true)
        }
        Some(Task::Publish { folder }) => {
            let root = root()?;
            let config = Config::from_disk(root.join("book/book.toml"))?;
            let site: Option<String> = config.get("output.html.site-url")?;
            let site = site.as_deref().and_then(publish::address);
            publish::publish(&Book::load(&root)?, folder, site)?;
            Ok(true)
        }
        Some(Task::Epub { file }) => {
            let root = root()?;
            let pages = tempfile::tempdir()?;
            build(&root, pages.path())?;
            let file = file.clone().unwrap_or_else(|| root.join(epub::FILE));
            fs::write(file, epub::pack(&root, pages.path())?)?;
            Ok(true)
        }
        Some(Task::Slides { folder }) => slides(&Book::load(&root()?)?, folder),
    }
}

/// Has mdBook build the book's pages into a folder.
fn build(root: &Path, folder: &Path) -> io::Result<()> {
    let mut mdbook = Command::new("mdbook");
    mdbook.arg("build").arg(root.join("book")).arg("--dest-dir").arg(folder);
    match mdbook.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(io::Error::other("mdbook has failed")),
        Err(error) => Err(io::Error::other(format!("mdbook: {error}"))),
    }
}

/// Writes the slides of each chapter that shows something of the server.
fn slides(book: &Book, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for (index, chapter) in book.chapters.iter().enumerate() {
        let slides = match slides::of(book, index) {
            Ok(slides) => slides,
            Err(mistakes) => {
                let lines: Vec<String> =
                    mistakes.iter().map(Mistake::to_string).collect();
                return Err(lines.join("\nweave: ").into());
            }
        };
        let files = book.files_of(|it| it == index);
        if files.into_iter().any(house::is_shown) {
            let page = slides::page(chapter.title(), &slides);
            fs::write(folder.join(format!("{}.html", chapter.name)), page)?;
        }
    }
    Ok(true)
}

/// mdBook's book comes on stdin, and goes on stdout.
fn preprocess() -> Outcome {
    let (context, book) = parse_input(io::stdin())?;
    let book = Weave.run(&context, book)?;
    serde_json::to_writer(io::stdout(), &book)?;
    Ok(true)
}

/// How sessions are run.
struct Sessions<'a> {
    book: &'a Book,
    root: &'a Path,
    programs: PathBuf,
    write: bool,
    place: Place,
}

fn sessions(root: &Path, wanted: &Wanted) -> Outcome {
    let programs = match &wanted.programs {
        Some(folder) => fs::canonicalize(folder)?,
        None => {
            let weave = std::env::current_exe()?;
            weave.parent().expect("a program is in a folder").to_owned()
        }
    };
    // Sessions use the parts' own ports: one at a time, whoever runs them.
    let turn = fs::File::create(programs.join("sessions.lock"))?;
    turn.lock()?;
    let book = &Book::load(root)?;
    let mut names = wanted.names.clone();
    if names.is_empty() {
        names = session::names(root)?;
        // In the book's order: from one milestone to the next there is least to build.
        names.sort_by_key(|name| milestone::find(book, name).map(|build| build.at));
    }
    let &Wanted { write, side_by_side, .. } = wanted;
    let place = if side_by_side { Place::Own } else { Place::Here };
    let sessions = Sessions { book, root, programs, write, place };
    if !side_by_side {
        return Ok(sessions.run(&names)?);
    }
    let is_milestone = |name: &String| milestone::find(book, name).is_some();
    let (milestones, others): (Vec<String>, Vec<String>) =
        names.into_iter().partition(is_milestone);
    Ok(sessions.run_side_by_side(&milestones, &others)?)
}

/// Sessions are timed, and a busy machine is late: each has a second try.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Try {
    First,
    Last,
}

/// A session that can be run, with the programs that are its own.
struct Ready {
    name: String,
    recorded: Session,
    own: Option<TempDir>,
}

impl Sessions<'_> {
    fn run(&self, names: &[String]) -> io::Result<bool> {
        let mut went_well = true;
        for name in names {
            let ready = self.make_ready(name, 0)?;
            went_well &= self.run_one(&ready, Try::First)?
                || self.run_one(&ready, Try::Last)?;
        }
        Ok(went_well)
    }

    /// Runs several at a time, which mostly wait, while what milestones run is built.
    fn run_side_by_side(
        &self,
        milestones: &[String],
        others: &[String],
    ) -> io::Result<bool> {
        /// How many run at a time.
        const RUNNERS: usize = 4;
        /// How many milestones' programs wait for their turn.
        const AHEAD: usize = 4;
        let (sender, built) = sync_channel(AHEAD);
        let built = Mutex::new(built);
        let others = Mutex::new(others.iter());
        let milestones = Mutex::new(VecDeque::from_iter(milestones));
        let next_built = || lock(&built).recv().ok();
        let next_other =
            || lock(&others).next().map(|name| self.make_ready(name, 0));
        let again = Mutex::new(Vec::new());
        // One that can't be run is no reason to leave others out.
        let run_all = |next: &dyn Fn() -> Option<io::Result<Ready>>| {
            let mut outcome = io::Result::Ok(());
            while let Some(ready) = next() {
                let went = ready.and_then(|ready| {
                    if !self.run_one(&ready, Try::First)? {
                        lock(&again).push(ready);
                    }
                    Ok(())
                });
                outcome = outcome.and(went);
            }
            outcome
        };
        thread::scope(|scope| {
            // One row begins at the book's end: later ones take longer, and so neither
            // is left to itself.
            let ends = [VecDeque::pop_front, VecDeque::pop_back];
            for (row, next) in ends.into_iter().enumerate() {
                let (sender, milestones) = (sender.clone(), &milestones);
                scope.spawn(move || {
                    let names = iter::from_fn(|| next(&mut lock(milestones)));
                    let mut built = names.map(|name| self.make_ready(name, row));
                    built.try_for_each(|ready| sender.send(ready))
                });
            }
            drop(sender);
            // Half begin with one kind, half with the other, and each helps out.
            let run = |runner: usize| match runner % 2 {
                0 => run_all(&|| next_built().or_else(next_other)),
                _ => run_all(&|| next_other().or_else(next_built)),
            };
            let runners: Vec<_> = (0..RUNNERS)
                .map(|runner| scope.spawn(move || run(runner)))
                .collect();
            let join =
                |it: ScopedJoinHandle<_>| it.join().expect("it does not panic");
            runners.into_iter().try_for_each(join)
        })?;
        // With nobody beside them.
        let mut went_well = true;
        for ready in again.into_inner().unwrap_or_else(PoisonError::into_inner) {
            went_well &= self.run_one(&ready, Try::Last)?;
        }
        Ok(went_well)
    }

    /// Reads a session, and builds what it runs, if it is a milestone's: that is about
    /// the programs as they are there. What is in one row is built one after another.
    fn make_ready(&self, name: &str, row: usize) -> io::Result<Ready> {
        let &Sessions { book, root, ref programs, .. } = self;
        let recorded = session::read(root, name).map_err(io::Error::other)?;
        let own = milestone::find(book, name);
        let own = own.map(|_| tangle::build(book, name, &recorded, programs, row));
        let own = own.transpose().map_err(|it| io::Error::other(it.to_string()))?;
        Ok(Ready { name: name.to_owned(), recorded, own })
    }

    /// Whether a session goes as recorded, or is recorded now.
    fn run_one(&self, ready: &Ready, this: Try) -> io::Result<bool> {
        let &Sessions { root, ref programs, write, place, .. } = self;
        let Ready { name, recorded, own } = ready;
        let own = own.as_ref().map(|it| it.path().to_owned());
        let folders: Vec<PathBuf> =
            own.into_iter().chain([programs.clone()]).collect();
        let found = match recorded.run(root, &folders, place) {
            // One that does not end is late, too.
            Err(error) if this == Try::First => {
                writeln!(io::stdout(), "{name}: {error}; once more")?;
                return Ok(false);
            }
            found => found?,
        };
        let path = root.join(session::FOLDER).join(format!("{name}.txt"));
        if found == *recorded {
            writeln!(io::stdout(), "{name}: as recorded")?;
        } else if write {
            fs::write(&path, found.text())?;
            writeln!(io::stdout(), "{name}: recorded")?;
        } else if this == Try::First {
            writeln!(io::stdout(), "{name}: went otherwise, once more")?;
        } else {
            writeln!(io::stdout(), "{name}: goes otherwise than recorded")?;
            tell(recorded, &found)?;
        }
        Ok(found == *recorded || write)
    }
}

/// What a lock holds, whoever panicked with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(recorded: &Session, found: &Session) -> io::Result<()> {
    let (recorded, found) = (recorded.text(), found.text());
    let diff = similar::TextDiff::from_lines(&recorded, &found);
    let diff = diff.unified_diff().header("on record", "just now").to_string();
    io::stdout().write_all(diff.as_bytes())
}
