//! The student's server held to proctor's checks, one switch at a time.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proctor::check::Check;
use proctor::checks;
use proctor::report;
use proctor::run::{self, Done};
use proctor::stage::Stage;
use proctor::target::{Endpoint, Port, Target, Tls};
use proctor::tree::Tree;
use tokio_rustls::rustls::RootCertStore;

use super::student::{self, Area, Entry, Options, Student, Switch};

/// Where a switch is looked at, and how closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub stage: Stage,
    pub serves: Serves,
    pub effort: Effort,
}

/// What the student serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    TheVerse,
    Files,
}

/// Which checks are made, and how many cases each makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// All that wait for nothing, in the clear but for those that are about TLS; with
    /// some cases of each rule's whole dimension.
    Some,
    /// The same, on each port, with all cases.
    All,
    /// Those that wait for a deadline, or that a clock decides.
    Patient,
}

/// How many cases make `Effort::Some`.
const SOME: usize = 60;

/// How long the student may take for what ought to be done at once; and where deadlines
/// are waited for, those of the book.
const QUICK: Duration = Duration::from_millis(1000);
const PATIENT: Duration = Duration::from_secs(3);

impl Place {
    /// As `matrix.txt` has it: part5, part6 files, part5 all, part6 patient.
    pub fn name(self) -> String {
        let files = if self.serves == Serves::Files { " files" } else { "" };
        let effort = match self.effort {
            Effort::Some => "",
            Effort::All => " all",
            Effort::Patient => " patient",
        };
        format!("{}{files}{effort}", self.stage)
    }

    /// The place of a name.
    ///
    /// # Panics
    /// If it is none.
    pub fn named(name: &str) -> Place {
        let mut words = name.split(' ');
        let stage = words.next().unwrap_or_default().parse().expect(name);
        let mut place =
            Place { stage, serves: Serves::TheVerse, effort: Effort::Some };
        for word in words {
            match word {
                "files" => place.serves = Serves::Files,
                "all" => place.effort = Effort::All,
                "patient" => place.effort = Effort::Patient,
                other => panic!("{name}: what is {other}?"),
            }
        }
        place
    }

    /// The checks that are made at it, on their ports.
    fn checks(self, target: &Target, area: Area) -> Vec<Planned> {
        let is_patient = |check: &&Check| check.is_slow() || check.is_timed();
        let checks = checks::of(self.stage)
            .filter(|check| is_patient(check) == (self.effort == Effort::Patient));
        let mut plan =
            run::plan(target.ports(), checks.filter(|check| !check.is_alone()));
        if self.effort != Effort::All && area != Area::Tls {
            plan.retain(|(check, port)| {
                *port == Port::Clear || !check.is_about(Port::Clear)
            });
        }
        plan
    }
}

/// A server of the student's, and what it serves.
pub struct Held {
    pub target: Target,
    _student: Student,
    tree: Option<Untouched>,
}

impl Held {
    /// Starts one, with a switch.
    ///
    /// # Panics
    /// If it can't be started.
    pub fn start(id: &str, place: Place) -> Held {
        let tree = (place.serves == Serves::Files).then(Untouched::take);
        let root = tree.as_ref().map(|it| it.tree.root());
        let options = Options {
            root: root.clone(),
            listing: true,
            echo: true,
            ..Options::default()
        };
        let stage = student::Stage::ALL.into_iter();
        let stage = stage.into_iter().find(|it| it.name() == place.stage.name());
        let switch =
            if id.is_empty() { Some(Switch::NONE) } else { Switch::named(id) };
        let student = student::start(stage.unwrap(), switch.expect(id), options);
        let student = student.unwrap();
        let tls = student.tls.map(|address| Tls {
            endpoint: endpoint(address),
            roots: trusted(&student.root_ca_pem),
        });
        let patience = match place.effort {
            Effort::Some => QUICK,
            Effort::All | Effort::Patient => PATIENT,
        };
        let mut target = Target::new(endpoint(student.clear), tls, patience);
        target.root = root;
        if place.effort == Effort::Some {
            target.cases = SOME;
        }
        Held { target, _student: student, tree }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(tree) = self.tree.take() {
            tree.keep();
        }
    }
}

/// A tree that is as it was planted. To plant one takes longer than most checks.
struct Untouched {
    tree: Tree,
    seen: BTreeMap<PathBuf, (i64, i64)>,
}

thread_local! {
    /// The tree of whoever was served by this thread last.
    static TREE: Cell<Option<Untouched>> = const { Cell::new(None) };
}

impl Untouched {
    fn take() -> Untouched {
        TREE.take().unwrap_or_else(|| {
            let tree = Tree::plant().unwrap();
            Untouched { seen: changes_below(&tree.root()), tree }
        })
    }

    /// For the next, if no check has changed anything in it.
    fn keep(self) {
        if changes_below(&self.tree.root()) == self.seen {
            TREE.set(Some(self));
        }
    }
}

/// When everything below a folder was changed last.
fn changes_below(folder: &Path) -> BTreeMap<PathBuf, (i64, i64)> {
    let mut changes = BTreeMap::new();
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        if found.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            paths.extend(entries.map(|entry| entry.unwrap().path()));
        }
        changes.insert(path, (found.ctime(), found.ctime_nsec()));
    }
    changes
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint { name: "localhost:0".into(), addresses: vec![address] }
}

fn trusted(pem: &str) -> RootCertStore {
    let mut trusted = RootCertStore::empty();
    for root in rustls_pemfile::certs(&mut pem.as_bytes()) {
        trusted.add(root.unwrap()).unwrap();
    }
    trusted
}

/// How many checks are named that catch one mistake: who fails them all is known well
/// enough by then.
const MOST: usize = 20;

/// The checks that a switch does not pass at a place, in the book's order, of those that
/// are wanted.
pub fn caught(
    entry: &Entry,
    place: Place,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let held = Held::start(entry.id, place);
    let plan = place.checks(&held.target, entry.area);
    let plan = plan.into_iter().filter(|it| wanted(&name(it)));
    let plan: Vec<Planned> = plan.collect();
    if place.effort == Effort::Patient {
        let go_on = |_: &Done| run::Then::GoOn;
        let jobs = place.stage.part().jobs;
        let (done, _) =
            run::all(&held.target, place.stage, &plan, jobs, go_on, |_| {});
        let failed = done.iter().filter(|it| it.failure().is_some());
        return failed.map(|it| name(&(it.check, it.port))).collect();
    }
    let mut caught = Vec::new();
    let mut serves = Some(held);
    for planned in plan {
        let held = serves.get_or_insert_with(|| Held::start(entry.id, place));
        let done = one(&held.target, place.stage, planned.0, planned.1);
        if done.failure().is_none() {
            continue;
        }
        // What has been broken once may be dead: the next has a server of its own.
        serves = None;
        if done.waited_in_vain() && !fails_still(entry, place, planned) {
            continue;
        }
        caught.push(name(&planned));
        // As proctor has it: who says nothing at all is told so once.
        if planned.0 == checks::FIRST || caught.len() == MOST {
            break;
        }
    }
    caught
}

/// Makes a check: again if the machine was too busy to tell, a few times.
pub fn one(
    target: &Target,
    stage: Stage,
    check: &'static Check,
    port: Port,
) -> Done {
    const TIMES: usize = 10;
    let mut made = (0..TIMES).map(|_| run::one(target, stage, check, port));
    let told = made.find(|done| !was_too_busy(done));
    told.unwrap_or_else(|| run::one(target, stage, check, port))
}

/// Whether nothing can be said of a check for want of a machine that is quick enough.
pub fn was_too_busy(done: &Done) -> bool {
    done.skipped().is_some_and(|why| why.contains("too busy"))
}

/// A check, and the port that it is made on.
type Planned = (&'static Check, Port);

/// As it stands in `matrix.txt`, in one word.
fn name((check, port): &Planned) -> String {
    match port {
        Port::Clear => check.id.to_owned(),
        Port::Tls => format!("{}/tls", check.id),
    }
}

/// Whether a check that has waited in vain does so once more, for longer: a machine with
/// much to do is no mistake.
fn fails_still(entry: &Entry, place: Place, (check, port): Planned) -> bool {
    let mut held = Held::start(entry.id, place);
    held.target.patience = PATIENT;
    run::one(&held.target, place.stage, check, port).failure().is_some()
}

/// Where a variant is held: at the first stage that has it, and at the last.
pub fn places_of_variant(entry: &Entry) -> Vec<Place> {
    let serves = match entry.area {
        Area::Files | Area::Codings => Serves::Files,
        _ => Serves::TheVerse,
    };
    let stages = [entry.stages.0, entry.stages.1].map(|stage| stage.name());
    let stages = BTreeSet::from(stages).into_iter();
    let stages = stages.map(|name| name.parse().expect(name));
    stages.map(|stage| Place { stage, serves, effort: Effort::Some }).collect()
}

/// What proctor says against a variant at a place: nothing, if it is right, but where it
/// departs from a custom: then, that the check of the custom is silent. Of the checks those
/// that are wanted are made, with so many cases each and so many at once: some variants
/// take seconds for each connection, which is their right.
pub fn accused(
    entry: &Entry,
    place: Place,
    cases: usize,
    at_once: usize,
    wanted: impl Fn(usize, &str) -> bool,
) -> Vec<String> {
    let mut held = Held::start(entry.id, place);
    held.target.cases = cases;
    let plan = place.checks(&held.target, entry.area);
    let plan = plan.into_iter().enumerate();
    let plan = plan.filter(|(index, (check, _))| wanted(*index, check.id));
    let plan: Vec<Planned> = plan.map(|it| it.1).collect();
    let accused = side_by_side(&plan, at_once, |&(check, port)| {
        let done = run::one(&held.target, place.stage, check, port);
        if departs(entry.id, (check, port), place.stage) {
            let silent = format!("{}: {} has nothing to say", entry.id, check.id);
            return done.failure().is_none().then_some(silent);
        }
        done.failure()?;
        // Once more, alone and with patience.
        let mut held = Held::start(entry.id, place);
        held.target.patience = PATIENT;
        held.target.cases = cases;
        let done = run::one(&held.target, place.stage, check, port);
        done.failure()?;
        let report = report::failure(&held.target, &done, ("", ""));
        Some(format!("{} at {}: {report}", entry.id, place.name()))
    });
    accused.into_iter().flatten().collect()
}

/// A row of `matrix.txt`: a mistake, where it was looked at, and what caught it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub place: String,
    pub caught_by: Vec<String>,
}

impl Row {
    /// Whether `cargo test` holds this mistake to what the row names: where a check
    /// waits, or looks at a process, that takes too long.
    pub fn is_tested(&self) -> bool {
        !self.place.ends_with(" process")
            && Place::named(&self.place).effort != Effort::Patient
    }
}

/// The matrix, as it is kept.
///
/// # Panics
/// If a row is none.
pub fn rows(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [id, place, checks] = cells[..] else { panic!("no row: {line}") };
        let caught_by = checks.split(' ').map(str::to_owned).collect();
        Row { id: id.to_owned(), place: place.to_owned(), caught_by }
    };
    lines.map(row).collect()
}

/// Mistakes that no check catches, and why none has to.
pub fn passes() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("passes.txt").lines();
    let lines = lines.filter(|it| !it.is_empty() && !it.starts_with('#'));
    lines.map(|line| line.split_once(" | ").expect(line)).collect()
}

/// A variant that departs from a custom of the book's, and the checks that hold to it.
pub struct Departs {
    pub variant: &'static str,
    /// With a slash and a stage behind it, at that stage alone; or a port.
    pub complained_of_by: Vec<&'static str>,
}

/// Those variants: no other check may complain of them.
///
/// # Panics
/// If a line is none.
pub fn customs() -> Vec<Departs> {
    let lines = include_str!("customs.txt").lines();
    let lines = lines.filter(|it| !it.is_empty() && !it.starts_with('#'));
    let departs = |line: &'static str| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [variant, checks, _] = cells[..] else { panic!("no line: {line}") };
        Departs { variant, complained_of_by: checks.split(' ').collect() }
    };
    lines.map(departs).collect()
}

/// Whether a variant departs from the custom that a check holds to, on a port and at a
/// stage.
fn departs(variant: &str, planned: Planned, stage: Stage) -> bool {
    let mut of_it = customs().into_iter().filter(|it| it.variant == variant);
    of_it.any(|it| {
        it.complained_of_by.iter().any(|of| match of.split_once('/') {
            Some((_, "tls")) => *of == name(&planned),
            Some((id, of_stage)) => id == planned.0.id && of_stage == stage.name(),
            None => *of == planned.0.id,
        })
    })
}

/// Does something with each, several at a time: what comes of it, in their order.
pub fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    workers: usize,
    make: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let index = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(one) = all.get(index)
                {
                    let result = make(one);
                    made.lock().unwrap().push((index, result));
                }
                // Not left to the thread's end, which nobody waits for.
                TREE.set(None);
            });
        }
    });
    let mut made = made.into_inner().unwrap();
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use proctor::check::Level;
    use proctor::checks;
    use proctor::line::Failure;
    use proctor::report;
    use proctor::run::{self, Done};
    use proctor::target::Port;

    use super::{
        Departs, Held, PATIENT, Place, Row, accused, caught, customs, passes,
        places_of_variant, rows, side_by_side,
    };
    use crate::proven::student::{Area, Entry, VARIANTS, mistakes};
    use crate::proven::{book, read};

    /// Made by the example `matrix`, which takes minutes.
    fn matrix() -> Vec<Row> {
        rows(include_str!("matrix.txt"))
    }

    /// A new mistake needs a row, and whoever says that it may pass has to say why.
    #[test]
    fn each_mistake_is_caught_or_excused() {
        let excused: BTreeMap<&str, &str> = passes().into_iter().collect();
        let rows = matrix();
        let caught: BTreeSet<&str> = rows.iter().map(|row| &*row.id).collect();
        let all: BTreeSet<&str> = mistakes().map(|entry| entry.id).collect();
        let lost: Vec<&&str> = all
            .iter()
            .filter(|id| caught.contains(*id) == excused.contains_key(*id))
            .collect();
        assert!(lost.is_empty(), "caught and excused, or neither: {lost:?}");
        let named = caught.iter().chain(excused.keys());
        let gone: Vec<&&str> = named.filter(|id| !all.contains(*id)).collect();
        assert!(gone.is_empty(), "these are no mistakes: {gone:?}");
        assert!(excused.values().all(|why| why.len() > 20));
        let checks: BTreeSet<&str> = checks::all().map(|check| check.id).collect();
        for row in &rows {
            for check in &row.caught_by {
                let id = check.trim_end_matches("/tls");
                assert!(checks.contains(id), "{}: no check is called {id}", row.id);
            }
        }
    }

    /// What the book says of all this.
    #[test]
    fn the_book_has_the_figures() {
        let first = include_str!("first.txt").lines();
        let first = first.filter(|it| !it.is_empty() && !it.starts_with('#'));
        let first: Vec<&str> = first.collect();
        let ids: BTreeSet<&str> = mistakes().map(|entry| entry.id).collect();
        assert!(first.iter().all(|id| ids.contains(id)), "{first:?}");
        let page = read(&book().join("teaching.md"));
        for figure in [
            format!("each of {} mistakes", ids.len()),
            format!("first held against those, {} passed it", first.len()),
            format!("Today {} are caught", matrix().len()),
            format!("The other {} stand in `passes.txt`", passes().len()),
            format!("has {} more switches", VARIANTS.len()),
            format!("{} of them do otherwise than this book", customs().len()),
        ] {
            assert!(page.contains(&figure), "teaching.md does not say: {figure}");
        }
    }

    /// One of the checks that the matrix names still catches it, most often the first.
    /// Whether the others do, and those that wait or look at a process, is the example's.
    #[test]
    fn each_mistake_is_caught_by_what_the_matrix_says() {
        let of_entry: BTreeMap<&str, &Entry> =
            mistakes().map(|entry| (entry.id, entry)).collect();
        let rows = matrix().into_iter().filter(Row::is_tested);
        let rows: Vec<(Place, Row)> =
            rows.map(|row| (Place::named(&row.place), row)).collect();
        assert!(rows.len() > 700);
        let is_caught = |(place, row): &(Place, Row)| {
            let catches = |it: &String| {
                let entry = of_entry[&*row.id];
                !caught(entry, *place, |check| check == it).is_empty()
            };
            row.caught_by.iter().any(catches)
        };
        let caught = side_by_side(&rows, 16, is_caught);
        // A mistake of time can pass where all else is late too: once more, alone.
        let passed = rows.iter().zip(caught).filter(|(_, is_caught)| !is_caught);
        let passed: Vec<&(Place, Row)> = passed.map(|(row, _)| row).collect();
        let caught = side_by_side(&passed, 1, |row| is_caught(row));
        let passed = passed.iter().zip(caught).filter(|(_, is_caught)| !is_caught);
        let passed: Vec<&str> = passed.map(|((_, row), _)| &*row.id).collect();
        assert!(passed.is_empty(), "these pass all of their row: {passed:#?}");
    }

    /// Of what one mistake breaks, that is named first which says best what it is.
    #[test]
    fn who_is_to_begin_somewhere_is_told_where() {
        for (id, place, first) in [
            ("each-line-is-junk", "part3", "fields-are-part-of-it"),
            ("junk-closes", "part3", "refused-and-served-by-bytes"),
            ("length-by-characters", "part4", "length-is-kept"),
            ("refusals-of-head-have-bodies", "part5", "head-of-a-refusal"),
        ] {
            let place = Place::named(place);
            let mut held = Held::start(id, place);
            held.target.patience = PATIENT;
            let plan = place.checks(&held.target, Area::Heads);
            let go_on = |_: &Done| run::Then::GoOn;
            let jobs = place.stage.part().jobs;
            let (done, _) =
                run::all(&held.target, place.stage, &plan, jobs, go_on, |_| {});
            let summary = report::summary(&done).expect(id);
            let begins = format!("Mend {first} first.");
            assert!(summary.starts_with(&begins), "{id}: {summary}");
        }
        // What looks at all that a server does fails for anything that it does.
        let failed = |id: &str| Done {
            check: checks::all().find(|check| check.id == id).expect(id),
            port: Port::Clear,
            outcome: Err(Failure::new("something")),
            time: Duration::ZERO,
            log: Vec::new(),
            last_words: None,
        };
        let done = [failed("nothing-is-kept"), failed("several-ranges")];
        let summary = report::summary(&done).unwrap();
        assert!(summary.starts_with("Mend several-ranges first."), "{summary}");
    }

    /// What is required is no custom, and whoever departs from one is a variant.
    #[test]
    fn no_custom_is_required() {
        let variants: BTreeSet<&str> =
            VARIANTS.iter().map(|entry| entry.id).collect();
        for Departs { variant, complained_of_by } in customs() {
            assert!(variants.contains(variant), "{variant} is no variant");
            for id in complained_of_by {
                let id = id.split('/').next().unwrap_or_default();
                let check = checks::all().find(|check| check.id == id).expect(id);
                assert_ne!(check.rule.level(), Level::Must, "{variant}, {id}");
            }
        }
    }

    /// Each variant is held to one check in thirty, another at each; the example holds
    /// each to all.
    #[test]
    fn variants_are_accepted() {
        let variants: Vec<(usize, &Entry)> = VARIANTS.iter().enumerate().collect();
        let accused = side_by_side(&variants, 16, |(index, entry)| {
            let places = places_of_variant(entry).into_iter();
            let wanted = |check, _: &str| (check + index) % 30 == 0;
            places
                .flat_map(|it| accused(entry, it, 20, 1, wanted))
                .collect::<Vec<_>>()
        });
        let accused: Vec<String> = accused.into_iter().flatten().collect();
        assert!(accused.is_empty(), "{}", accused.join("\n"));
    }
}
