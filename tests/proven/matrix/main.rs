//! The student's mistakes, each held to all of proctor's checks, and the variants too:
//! some minutes, and so no test.
//!
//! ```text
//! cargo run --release --example matrix             compares with tests/proven/matrix.txt
//! cargo run --release --example matrix -- --write  makes that anew
//! cargo run --release --example matrix -- --only strip-takes-controls
//! cargo run --release --example matrix -- --check any-two-together
//! ```

#[path = "../held.rs"]
mod held;
#[path = "../student/mod.rs"]
mod student;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use proctor::checks;
use proctor::run;
use proctor::stage::Stage;
use proctor::target::{Endpoint, Target};
use proctor::tree::Tree;

use held::{
    Effort, Place, Row, Serves, accused, caught, passes, places_of_variant, rows,
    side_by_side,
};
use student::{Area, Entry, Options, Rule, Switch, VARIANTS, mistakes};

/// Where the matrix is kept.
const KEPT: &str = "tests/proven/matrix.txt";

/// What stands before it.
const HEAD: &str = "\
# Which checks catch which mistake: made by `cargo run --release --example matrix -- --write`.
#
# mistake | where it was looked at, and how closely | the checks, twenty at most
#
# all: with all cases of each check, where else some will do. patient: by the checks that
# wait. process: by those that look at a process. /tls: on that port.

";

/// How many are held at a time: most of what they do is to wait.
const AT_ONCE: usize = 12;

/// How many checks are made of a variant at a time.
const CHECKS_AT_ONCE: usize = 6;

/// How many cases each check makes of a variant, and where only some are made.
const CASES: usize = 60;
const CASES_OF_SOME: usize = 600;

/// The student's server as it is without a switch, to be held to the checks of any area.
const RIGHT: Entry = Entry {
    id: "",
    stages: (student::Stage::Part1, student::Stage::Part6),
    area: Area::Tls,
    rule: Rule::Rfc,
    sentence: "it is right",
};

/// Holds the student's mistakes and variants to all checks.
#[derive(Parser)]
struct Arguments {
    /// Make the matrix anew
    #[arg(long)]
    write: bool,
    /// Look at this switch alone, may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Make this check alone of variants, may be repeated
    #[arg(long, value_name = "ID")]
    check: Vec<String>,
    /// Of the mistakes, look only at those that `cargo test` leaves out
    #[arg(long)]
    untested: bool,
    /// Be a server of this stage, with that switch
    #[arg(long, num_args = 2, value_names = ["STAGE", "ID"])]
    serve: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let [stage, id] = &arguments.serve[..] {
        serve(stage, id);
    }
    let wanted = |entry: &&Entry| {
        arguments.only.is_empty() || arguments.only.iter().any(|it| it == entry.id)
    };
    let wrong = match arguments.write {
        true => {
            make_anew(&mistakes().filter(wanted).collect::<Vec<_>>(), &arguments)
        }
        false => {
            let mistakes = mistakes().filter(wanted).collect::<Vec<_>>();
            let variants = VARIANTS.iter().filter(wanted).collect::<Vec<_>>();
            let mut wrong = match arguments.check[..] {
                [] => mistakes_pass(&mistakes, arguments.untested),
                _ => Vec::new(),
            };
            wrong.extend(false_alarms(&variants, &arguments.check));
            wrong
        }
    };
    for complaint in &wrong {
        println!("{complaint}");
    }
    match wrong.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Mistakes that are not caught, or no longer by what caught them.
fn mistakes_pass(mistakes: &[&Entry], untested: bool) -> Vec<String> {
    let passes = passes();
    let kept: BTreeMap<String, Row> = rows(&fs::read_to_string(KEPT).unwrap())
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let begun = Instant::now();
    let passes_some = |entry: &Entry| {
        if passes.iter().any(|(id, _)| *id == entry.id) {
            return None;
        }
        let Some(row) = kept.get(entry.id) else {
            return Some(format!("{}: {KEPT} has no row for it", entry.id));
        };
        if untested && row.is_tested() {
            return None;
        }
        let named = |id: &str| row.caught_by.iter().any(|it| it == id);
        let found = look(entry, &row.place, named);
        // Some of a row may have caught by luck, on a machine that was busy then.
        for id in row.caught_by.iter().filter(|it| !found.contains(it)) {
            println!("{} at {}: no longer caught by {id}", entry.id, row.place);
        }
        found.is_empty().then(|| format!("{} at {}: passes", entry.id, row.place))
    };
    let again =
        side_by_side(mistakes, AT_ONCE, |&entry| passes_some(entry).map(|_| entry));
    println!("{} mistakes, {:.0?}", mistakes.len(), begun.elapsed());
    // A machine that the others keep busy may be too slow to tell: once more, alone.
    again.into_iter().flatten().filter_map(passes_some).collect()
}

/// What catches a mistake at the place of this name, of the checks that are wanted.
fn look(entry: &Entry, place: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    match place.strip_suffix(" process") {
        Some(stage) => caught_as_process(entry, stage.parse().unwrap(), wanted),
        None => caught(entry, Place::named(place), wanted),
    }
}

/// What is said of variants, which is false.
fn false_alarms(variants: &[&Entry], checks: &[String]) -> Vec<String> {
    let begun = Instant::now();
    let cases = if checks.is_empty() { CASES } else { CASES_OF_SOME };
    let accuse = |entry: &&Entry| -> Vec<String> {
        let accused: Vec<String> = places_of_variant(entry)
            .into_iter()
            .flat_map(|place| {
                let wanted = |_, id: &str| {
                    checks.is_empty() || checks.iter().any(|it| it == id)
                };
                accused(entry, place, cases, CHECKS_AT_ONCE, wanted)
            })
            .collect();
        eprintln!("{}: {} complaints", entry.id, accused.len());
        accused
    };
    let complaints = side_by_side(variants, AT_ONCE, accuse);
    println!("{} variants, {:.0?}", variants.len(), begun.elapsed());
    // As with mistakes: once more, alone.
    let accused = variants.iter().zip(complaints).filter(|it| !it.1.is_empty());
    accused.flat_map(|(entry, _)| accuse(entry)).collect()
}

/// Makes the matrix, or these rows of it: the mistakes that nothing catches and nobody
/// excuses, and those that are caught although somebody does.
fn make_anew(mistakes: &[&Entry], arguments: &Arguments) -> Vec<String> {
    let passes = passes();
    // To find that nothing catches a mistake takes minutes: who asks for it has it.
    let is_excused = |id: &str| {
        arguments.only.is_empty() && passes.iter().any(|(it, _)| *it == id)
    };
    let mistakes: Vec<&Entry> =
        mistakes.iter().copied().filter(|it| !is_excused(it.id)).collect();
    let made = side_by_side(&mistakes, AT_ONCE, |entry| {
        let row = find(entry);
        eprintln!("{} | {row:?}", entry.id);
        row
    });
    let mut wrong = blamed_for_nothing(&made);
    if !wrong.is_empty() {
        return wrong;
    }
    let mut kept: BTreeMap<String, Row> = BTreeMap::new();
    if !arguments.only.is_empty() {
        let text = fs::read_to_string(KEPT).unwrap_or_default();
        kept.extend(rows(&text).into_iter().map(|row| (row.id.clone(), row)));
    }
    for (entry, row) in mistakes.iter().zip(made) {
        let excused = passes.iter().any(|(id, _)| *id == entry.id);
        match row {
            None if !excused => {
                let Entry { id, rule, sentence, .. } = entry;
                wrong.push(format!(
                    "{id} ({rule:?}): nothing catches it: {sentence}"
                ))
            }
            None => {}
            Some(row) if excused => {
                wrong.push(format!("{}: it is caught, {row:?}", entry.id));
            }
            Some(row) => drop(kept.insert(entry.id.to_owned(), row)),
        }
    }
    // In the order of the tables.
    let rows = student::mistakes().filter_map(|entry| kept.get(entry.id));
    let lines = rows.map(|Row { id, place, caught_by }| {
        format!("{id} | {place} | {}\n", caught_by.join(" "))
    });
    fs::write(KEPT, HEAD.to_owned() + &lines.collect::<String>()).unwrap();
    wrong
}

/// What the student without a mistake fails of the checks that these rows name, where
/// they name them: whatever was looked at there would be called caught.
fn blamed_for_nothing(rows: &[Option<Row>]) -> Vec<String> {
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.iter().flatten() {
        let of_place = named.entry(&row.place).or_default();
        of_place.extend(row.caught_by.iter().map(String::as_str));
    }
    let named: Vec<(&str, BTreeSet<&str>)> = named.into_iter().collect();
    let wrong = side_by_side(&named, AT_ONCE, |(place, checks)| {
        let failed = look(&RIGHT, place, |id| checks.contains(id));
        let failed = failed.into_iter();
        failed.map(|id| format!("{place}: {id} fails without a mistake")).collect()
    });
    wrong.into_iter().flat_map(|it: Vec<String>| it).collect()
}

/// Where a mistake is caught, and by what.
fn find(entry: &Entry) -> Option<Row> {
    let mut places: Vec<String> =
        places(entry).into_iter().map(Place::name).collect();
    let process = format!("{} process", entry.stages.0.name());
    match entry.area {
        Area::Resources => places.insert(0, process),
        _ => places.push(process),
    }
    let row = |place: String| {
        let caught_by = look(entry, &place, |_| true);
        let id = entry.id.to_owned();
        (!caught_by.is_empty()).then_some(Row { id, place, caught_by })
    };
    places.into_iter().find_map(row)
}

/// The places at which a switch may show, in the order in which they are tried: the
/// cheapest first.
fn places(entry: &Entry) -> Vec<Place> {
    let (first, last) = entry.stages;
    let stages =
        Stage::all().filter(|it| (first.name()..=last.name()).contains(&it.name()));
    let mut grounds = Vec::new();
    for stage in stages {
        grounds.push((stage, Serves::TheVerse));
        if stage == Stage::Part6 {
            grounds.push((stage, Serves::Files));
        }
    }
    if matches!(entry.area, Area::Files | Area::Codings) {
        grounds.reverse();
    }
    let efforts = [Effort::Some, Effort::Patient, Effort::All];
    let places = efforts.into_iter().flat_map(|effort| {
        grounds.iter().map(move |&(stage, serves)| Place { stage, serves, effort })
    });
    places.collect()
}

/// What catches a mistake of those checks that look at a process and are wanted.
fn caught_as_process(
    entry: &Entry,
    stage: Stage,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let (mut child, target) = start(entry, stage);
    // Whoever ends at a signal is another program: the student hears none.
    let checks = checks::of(stage).filter(|it| {
        it.is_alone() && it.id != "ends-in-good-order" && wanted(it.id)
    });
    let plan = run::plan(target.ports(), checks);
    let done =
        plan.iter().map(|&(check, port)| run::one(&target, stage, check, port));
    let failed = done.filter(|it| it.failure().is_some());
    let caught = failed.map(|it| it.check.id.to_owned()).collect();
    let _ = child.kill();
    let _ = child.wait();
    caught
}

/// Starts this program as a server, for its process to be looked at.
fn start(entry: &Entry, stage: Stage) -> (Child, Target) {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--serve", stage.name(), entry.id]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().parse().unwrap();
    let clear = Endpoint { name: "localhost:0".into(), addresses: vec![address] };
    let mut target = Target::new(clear, None, Duration::from_secs(3));
    target.process = rustix::process::Pid::from_raw(child.id().cast_signed());
    (child, target)
}

fn serve(stage: &str, id: &str) -> ! {
    let stage =
        student::Stage::ALL.into_iter().find(|it| it.name() == stage).unwrap();
    let switch = if id.is_empty() { Some(Switch::NONE) } else { Switch::named(id) };
    let switch = switch.unwrap();
    let tree = Tree::plant().unwrap();
    let is_of_files = mistakes().any(|it| it.id == id && it.area == Area::Files);
    let root = is_of_files.then(|| tree.root());
    let options = Options { root, ..Options::default() };
    let student = student::start(stage, switch, options).unwrap();
    println!("{}", student.clear);
    loop {
        std::thread::park();
    }
}
