//! `proctor STAGE` holds a running server to a stage of the book;
//! `proctor STAGE -- COMMAND…` starts one first, and ends it afterwards.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::{self, Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use proctor::check::{Check, Level};
use proctor::confine::Confines;
use proctor::exercises::Judged;
use proctor::grade::{Class, page, sheet};
use proctor::launch::Server;
use proctor::places::{self, PORT, ROOT, TLS_PORT, filled, mentions};
use proctor::points::{Points, Weights};
use proctor::progress::{Progress, fit};
use proctor::report::Count;
use proctor::results::{self, Results};
use proctor::run::{self, Done, Then, plan};
use proctor::stage::{PARTS, Stage};
use proctor::target::{Endpoint, Port, SEED, Target, Tls, roots};
use proctor::tree::Tree;
use proctor::variant::Variant;
use proctor::{catalogue, checks, launch, report, watch};
use rustix::process::Signal;

/// Holds a web server, in any language, to a stage of the book, over the wire alone
///
/// Exit codes: 0 if all checks pass, 1 if some fail, 2 if they can't be made: nothing
/// listens, or the arguments make no sense.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true, disable_help_subcommand = true)]
#[command(subcommand_value_name = "TASK", subcommand_help_heading = "Tasks")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    task: Option<Subcommand>,
}

#[derive(clap::Subcommand)]
enum Subcommand {
    /// Hold the servers of a class to a stage, each in a folder of its own
    ///
    /// The command is run in each folder. Exit codes: 0 if all were graded, whatever
    /// their grades; 2 if the arguments make no sense.
    Grade(Grading),
}

#[derive(clap::Args)]
struct Options {
    #[arg(help = help_on_stage(), value_parser = str::parse::<Stage>, required_unless_present_any = ["list", "explain", "exercise", "variants"])]
    stage: Option<Stage>,
    /// Hold it to an exercise of the book instead, such as 2.4. A stage beside it says
    /// what the server is by now, if it is more than the exercise starts from
    #[arg(long, value_name = "NUMBER")]
    exercise: Option<String>,
    /// What you said before you looked, for an exercise that asks for it: words with
    /// spaces between them
    #[arg(long, value_name = "WORDS", requires = "exercise")]
    said: Option<String>,
    #[arg(long, value_name = "ADDRESS", help = help_on_connect())]
    connect: Option<String>,
    #[arg(long, value_name = "ADDRESS", help = help_on_tls())]
    tls: Option<String>,
    /// Leave TLS out, where a stage has it
    #[arg(long, conflicts_with = "tls")]
    no_tls: bool,
    /// The root that vouches for its certificate, in PEM
    #[arg(long, value_name = "FILE", default_value = "certs/rootCA.pem")]
    ca: PathBuf,
    /// Hold it to a variant of the stage, as --variants wrote it
    #[arg(long, value_name = "FILE", conflicts_with = "exercise")]
    variant: Option<PathBuf>,
    /// Write so many variants to a folder, and that is all: rules of a course's own, so
    /// that the book's programs are no answers
    #[arg(long, value_names = ["NUMBER", "FOLDER"], num_args = 2)]
    variants: Vec<String>,
    /// Make those checks alone that are as strict: must is what a standard requires,
    /// should what one recommends besides, ours all that this book asks for
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "ours",
        conflicts_with = "exercise"
    )]
    level: Level,
    /// Make this check alone, may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// List the checks, of a stage, of an exercise, or all
    #[arg(long)]
    list: bool,
    /// Say what a check, or an exercise, is about
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
    /// Stop at the first check that fails
    #[arg(long)]
    fail_fast: bool,
    #[arg(long, value_name = "NUMBER", help = help_on_jobs())]
    jobs: Option<usize>,
    /// How long the server may take for what ought to be done at once
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = seconds)]
    patience: f64,
    /// How long the server may take to start: a number of seconds, such as 60s. What is
    /// waited for is said after the first
    #[arg(long, value_name = "SECONDS", default_value = "120s", value_parser = seconds)]
    start_timeout: f64,
    /// What generated requests are made from: the same number, the same requests
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// Say what it comes to in points as well: must=3,should=2,ours=1, or other numbers
    #[arg(
        long,
        value_name = "WEIGHTS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "must=3,should=2,ours=1"
    )]
    points: Option<Weights>,
    /// Begin no check after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = time_limit)]
    time_limit: Option<f64>,
    #[arg(long, value_name = "MIB", requires = "command", help = HELP_ON_MEMORY)]
    memory_limit: Option<u64>,
    /// Print the result as JSON, and nothing else
    #[arg(long)]
    json: bool,
    /// Write the result as JUnit's XML, for graders
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the result in the shape that GitHub Classroom's autograder reads
    #[arg(long, value_name = "FILE")]
    classroom: Option<PathBuf>,
    /// Do it again whenever a file of the command's changes
    #[arg(long, requires = "command")]
    watch: bool,
    /// A command that starts the server. {port} and {tls_port} in it are ports that
    /// nobody has, or those of --connect and --tls; {root} is a folder of files for it
    /// to serve
    #[arg(last = true)]
    command: Vec<String>,
}

/// What `proctor grade` is told.
#[derive(clap::Args)]
struct Grading {
    #[arg(help = help_on_stage(), value_parser = str::parse::<Stage>)]
    stage: Stage,
    /// The folders, one for each submission
    #[arg(value_name = "FOLDER", required = true)]
    folders: Vec<PathBuf>,
    /// Write a table for spreadsheets: a row for each submission, a column for each check
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the same as a page for browsers, with what was said of each failure
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many submissions are graded side by side, if the command has a place for
    /// {port} [default: as many as there are processors]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
    /// Leave TLS out, where a stage has it
    #[arg(long)]
    no_tls: bool,
    /// As strict as this: must, should or ours
    #[arg(long, value_name = "LEVEL", default_value = "ours")]
    level: Level,
    /// Make this check alone, may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Hold them to a variant of the stage, as --variants wrote it
    #[arg(long, value_name = "FILE")]
    variant: Option<PathBuf>,
    /// What a check is worth
    #[arg(long, value_name = "WEIGHTS", default_value_t)]
    points: Weights,
    /// How long a server may take for what ought to be done at once
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = seconds)]
    patience: f64,
    /// How long a server may take to start
    #[arg(long, value_name = "SECONDS", default_value = "60s", value_parser = seconds)]
    start_timeout: f64,
    /// Begin no check of a submission after so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "300s", value_parser = time_limit)]
    time_limit: f64,
    #[arg(long, value_name = "MIB", default_value_t = 1024, help = HELP_ON_MEMORY)]
    memory_limit: u64,
    /// What generated requests are made from
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// The command that starts a server, run in its folder; {port}, {tls_port} and {root}
    /// in it are filled in
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

const HELP_ON_MEMORY: &str = "End a server that has more memory than so many MiB, with \
    all its children; and one that has thousands of processes, or a file of more than \
    100 MiB (on Linux)";

fn help_on_stage() -> String {
    format!("The stage: {}", Stage::names())
}

fn help_on_connect() -> String {
    let default = Stage::LAST.part().clear;
    format!("Where the server speaks in the clear, HOST:PORT [default: {default}]")
}

fn help_on_tls() -> String {
    let first = PARTS.iter().find_map(|part| Some((part.name, part.tls?)));
    let (stage, default) = first.unwrap_or_default();
    format!("Where it speaks TLS [default, from {stage} on: {default}]")
}

fn help_on_jobs() -> String {
    let default = Stage::LAST.part().jobs;
    let alone = PARTS.iter().filter(|part| part.jobs == 1).map(|part| part.name);
    let alone = alone.collect::<Vec<_>>().join(", ");
    format!(
        "How many checks are made side by side [default: {default}, and 1 for {alone}]"
    )
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.strip_suffix('s').unwrap_or(text).parse::<f64>() {
        Ok(seconds) if (0.05..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds, between 0.05 and 600".into()),
    }
}

fn time_limit(text: &str) -> Result<f64, String> {
    match text.strip_suffix('s').unwrap_or(text).parse::<f64>() {
        Ok(seconds) if (1.0..=86400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds, between 1 and 86400".into()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.task {
        Some(Subcommand::Grade(grading)) => grade(grading).map(|()| true),
        None => run(&arguments.options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does what was asked for: whether all is well.
fn run(options: &Options) -> Result<bool, String> {
    if let Some(id) = &options.explain {
        anstream::print!("{}", fit(&catalogue::explain(id)?));
        return Ok(true);
    }
    if let [count, folder] = &options.variants[..] {
        return write_variants(count, Path::new(folder)).map(|()| true);
    }
    if options.list && options.stage.is_none() && options.exercise.is_none() {
        anstream::print!("{}", fit(&catalogue::all()));
        return Ok(true);
    }
    let task = Task::of(options)?;
    if options.list {
        anstream::print!("{}", fit(&catalogue::list(&task.checks)));
        return Ok(true);
    }
    let task = task.only(&options.only)?;
    launch::end_together(Signal::KILL).map_err(|error| error.to_string())?;
    launch::adopt_orphans();
    let mut changed_before = BTreeSet::new();
    loop {
        let watched = options.watch.then(|| watch::Files::of(&options.command));
        let result = examine(options, &task);
        if let Err(error) = &result {
            write_error(options, &task, error)?;
        }
        let Some(mut watched) = watched else { return result };
        if let Err(error) = &result {
            anstream::eprintln!("error: {error}");
        }
        // What changes every time is written by the server and not by its author.
        let changed = watched.changed();
        watched.ignore(changed.intersection(&changed_before).cloned().collect());
        changed_before = changed;
        anstream::eprintln!("watching {} files, Ctrl-C to end", watched.count());
        watched.wait_for_change();
    }
}

/// Writes that no check could be made, for those who count.
fn write_error(options: &Options, task: &Task, error: &str) -> Result<(), String> {
    let weights = options.points.unwrap_or_default();
    let plan = plan(task.ports(options), task.checks.iter().copied());
    let points = Points::count(&weights, &[], plan.iter().map(|it| it.0));
    if let Some(path) = &options.junit {
        write(path, &results::junit_of_error(&task.name, error, points.of)?)?;
    }
    if let Some(path) = &options.classroom {
        write(path, &results::classroom_of_error(error, points.of).to_string())?;
    }
    Ok(())
}

/// Grades a class.
fn grade(grading: &Grading) -> Result<(), String> {
    launch::end_together(Signal::TERM).map_err(|error| error.to_string())?;
    let is_variant = grading.variant.is_some();
    let task = Task::of_stage(grading.stage, grading.level, is_variant);
    let task = task.only(&grading.only)?;
    let class = Class {
        folders: &grading.folders,
        plan: plan(ports(grading.stage, grading.no_tls), task.checks),
        weights: grading.points,
        jobs: grading.jobs,
        time_limit: Duration::from_secs_f64(grading.time_limit),
        arguments: grading.arguments()?,
        command: &grading.command,
    };
    class.is_possible()?;
    // Nobody wants to wait for an hour to be told that there is no such folder.
    for path in [&grading.csv, &grading.html].into_iter().flatten() {
        write(path, "")?;
    }
    let rows =
        class.grade(|row| anstream::println!("{}", fit(&row.to_string())))?;
    anstream::print!("{}", fit(&class.most_failed(&rows)));
    if let Some(path) = &grading.csv {
        write(path, &sheet::csv(&class, &rows))?;
    }
    if let Some(path) = &grading.html {
        write(path, &page::html(&class, &rows))?;
    }
    Ok(())
}

impl Grading {
    /// What is told to each of those who examine.
    fn arguments(&self) -> Result<Vec<String>, String> {
        let mut arguments = vec![
            self.stage.to_string(),
            format!("--level={}", self.level),
            format!("--points={}", self.points),
            format!("--patience={}", self.patience),
            format!("--start-timeout={}", self.start_timeout),
            format!("--time-limit={}", self.time_limit),
            format!("--seed={}", self.seed),
            "--json".into(),
        ];
        arguments.extend(self.only.iter().map(|id| format!("--only={id}")));
        arguments.extend(self.no_tls.then(|| "--no-tls".into()));
        if cfg!(target_os = "linux") {
            arguments.push(format!("--memory-limit={}", self.memory_limit));
        }
        if let Some(file) = &self.variant {
            // Each submission is graded in its own folder.
            variant(file)?;
            let path = path::absolute(file).map_err(|error| error.to_string())?;
            arguments.push(format!("--variant={}", path.display()));
        }
        Ok(arguments)
    }
}

/// What a server is held to.
struct Task {
    /// A stage or an exercise, in words.
    name: String,
    stage: Stage,
    jobs: usize,
    checks: Vec<&'static Check>,
}

impl Task {
    fn of(options: &Options) -> Result<Task, String> {
        let Some(number) = &options.exercise else {
            let stage = options.stage.ok_or("which stage?")?;
            let is_variant = options.variant.is_some();
            return Ok(Task::of_stage(stage, options.level, is_variant));
        };
        let exercise = catalogue::exercise(number)?;
        if let Judged::ByHand(rubric) = &exercise.judged {
            return Err(format!("{number} is judged by hand:\n{rubric}"));
        }
        let name = format!("exercise {number}");
        let stage = options.stage.unwrap_or(exercise.stage);
        if stage < exercise.stage {
            let from = exercise.stage;
            return Err(format!("{number} starts from {from}, not from {stage}"));
        }
        let jobs = exercise.jobs();
        let checks = exercise.checks_at(stage).collect();
        Ok(Task { name, stage, jobs, checks })
    }

    /// The checks of a stage, or of a variant of it.
    fn of_stage(stage: Stage, level: Level, is_variant: bool) -> Task {
        let is_strict = |check: &&Check| check.rule.level() <= level;
        let checks = match is_variant {
            true => Variant::checks(stage),
            false => checks::of(stage).collect(),
        };
        let checks = checks.into_iter().filter(is_strict).collect();
        Task { name: stage.to_string(), stage, jobs: stage.part().jobs, checks }
    }

    /// The ports that it is about.
    fn ports(&self, options: &Options) -> &'static [Port] {
        ports(self.stage, options.no_tls)
    }

    /// With those of its checks alone that are called so, if any are.
    fn only(mut self, ids: &[String]) -> Result<Task, String> {
        let find = |id: &String| {
            let check = catalogue::check(id)?;
            match self.checks.iter().any(|it| it.id == check.id) {
                true => Ok(check),
                false => Err(format!("{id} is no check of {}", self.name)),
            }
        };
        if !ids.is_empty() {
            self.checks = ids.iter().map(find).collect::<Result<_, String>>()?;
        }
        Ok(self)
    }
}

/// The ports of a stage that are to be looked at.
fn ports(stage: Stage, no_tls: bool) -> &'static [Port] {
    match stage.part().tls.filter(|_| !no_tls) {
        Some(_) => &[Port::Clear, Port::Tls],
        None => &[Port::Clear],
    }
}

/// How long checks may take in all that are made a second time, alone.
const TIME_FOR_DOUBTS: Duration = Duration::from_secs(30);

/// Makes the checks once: whether all passed.
fn examine(options: &Options, task: &Task) -> Result<bool, String> {
    let mut examination = Examination::begin(options, task)?;
    if let Some(variant) = &examination.target.variant {
        anstream::eprintln!("{}", variant.statuses_in_words());
    }
    examination.hear_first_words();
    while examination.goes_on() && examination.is_served() {
        match examination.doubtful.pop() {
            Some(doubt) => examination.make_again(doubt),
            None => examination.make_the_rest(),
        }
    }
    examination.report()
}

/// A check, and the port that it is to be made on.
type Planned = (&'static Check, Port);

/// Checks being made.
struct Examination<'a> {
    options: &'a Options,
    task: &'a Task,
    target: Target,
    ports: Vec<Endpoint>,
    /// What starts the server.
    command: Vec<String>,
    /// What it serves, if its command says so.
    _tree: Option<Tree>,
    server: Mutex<Option<Server>>,
    plan: Vec<Planned>,
    shown: Progress,
    /// What is still to be made.
    rest: Vec<Planned>,
    /// What was made, and may have failed for another's sake: it is made again, alone.
    doubtful: Vec<Done>,
    time_for_doubts: Duration,
    done: Vec<Done>,
    /// What is not made, as the server says nothing at all on its port.
    unheard: Vec<Planned>,
    /// The last words of a server that ended, whoever's doing it was.
    unexplained: Option<String>,
    /// How often it has ended.
    ends: usize,
    /// When no other check is to be begun.
    deadline: Option<Instant>,
    /// Why there is no going on, if there is none.
    why_not: Option<String>,
}

impl<'a> Examination<'a> {
    /// Starts the server, if there is a command for it, and plans what to make.
    fn begin(options: &'a Options, task: &'a Task) -> Result<Self, String> {
        let part = task.stage.part();
        let time_limit = options.time_limit.map(Duration::from_secs_f64);
        let deadline = time_limit.map(|it| Instant::now() + it);
        let endpoint = |place, given: &Option<String>, default| {
            places::endpoint(&options.command, place, given.as_deref(), default)
        };
        let clear = endpoint(PORT, &options.connect, part.clear)?;
        let tls = options.tls.as_deref().or(part.tls).filter(|_| !options.no_tls);
        let tls = tls.map(|it| endpoint(TLS_PORT, &options.tls, it)).transpose()?;
        let ports: Vec<Endpoint> =
            [Some(&clear), tls.as_ref()].into_iter().flatten().cloned().collect();
        let tree = mentions(&options.command, ROOT).then(Tree::plant).transpose();
        let tree = tree.map_err(|error| format!("cannot plant files: {error}"))?;
        let command = filled(&options.command, &clear, tls.as_ref(), tree.as_ref());
        let server = start(options, &command, &ports)?;
        let process = server.as_ref().and_then(Server::group);
        let server = Mutex::new(server);
        let patience = Duration::from_secs_f64(options.patience);
        // The server may have made the root only now.
        let tls = tls.map(|endpoint| with_roots(options, endpoint)).transpose()?;
        let root = tree.as_ref().map(Tree::root);
        let target = Target {
            seed: options.seed,
            root,
            process,
            variant: options.variant.as_deref().map(variant).transpose()?,
            said: options.said.iter().flat_map(|it| words(it)).collect(),
            ..Target::new(clear, tls, patience)
        };
        if options.command.is_empty() {
            reachable(&target)?;
        }
        let plan = plan(target.ports(), task.checks.iter().copied());
        Ok(Examination {
            options,
            task,
            target,
            ports,
            command,
            _tree: tree,
            server,
            shown: Progress::new(options.json, plan.len()),
            rest: plan.clone(),
            plan,
            doubtful: Vec::new(),
            time_for_doubts: TIME_FOR_DOUBTS,
            done: Vec::new(),
            unheard: Vec::new(),
            unexplained: None,
            ends: 0,
            deadline,
            why_not: None,
        })
    }

    /// What the server said last, if it has ended.
    fn last_words(&self) -> Option<String> {
        last_words(&self.server)
    }

    /// Why we have ended the server, if it used too much.
    fn verdict(&self) -> Option<String> {
        let verdict = lock(&self.server).as_ref().and_then(Server::verdict);
        verdict.map(|it| format!("proctor ended the server: {it}"))
    }

    fn make(&self, (check, port): Planned) -> Done {
        run::one(&self.target, self.task.stage, check, port)
    }

    /// Shows what came of a check, and counts it.
    fn count(&mut self, done: Done) {
        self.shown.tell(&self.target, &done);
        self.rest.retain(|&it| it != (done.check, done.port));
        self.done.push(done);
    }

    /// Makes the first check alone, unless some were picked. Who says nothing at all is
    /// told so once, and not by each check in turn.
    fn hear_first_words(&mut self) {
        if !self.options.only.is_empty() {
            return;
        }
        let first = self.plan.iter().filter(|(check, _)| *check == checks::FIRST);
        for planned in first.copied().collect::<Vec<_>>() {
            let done = self.make(planned);
            if done.waited_in_vain() && self.last_words().is_none() {
                self.count(done);
                let port = planned.1;
                self.unheard.extend(self.rest.iter().filter(|it| it.1 == port));
                self.rest.retain(|it| it.1 != port);
            } else if done.outcome.is_ok() {
                self.count(done);
            }
        }
    }

    /// Whether there is anything to be made.
    fn goes_on(&mut self) -> bool {
        let failed = self.done.iter().any(|it| it.failure().is_some());
        let left = !self.rest.is_empty() || !self.doubtful.is_empty();
        if left && is_past(self.deadline) {
            let seconds = self.options.time_limit.unwrap_or_default();
            self.why_not =
                Some(format!("after {seconds} s (--time-limit) it was not done"));
            return false;
        }
        left && !(self.options.fail_fast && failed)
    }

    /// Starts the server again if it has ended: whether there is one.
    fn is_served(&mut self) -> bool {
        let Some(words) = self.last_words() else { return true };
        self.unexplained.get_or_insert(words);
        self.ends += 1;
        if self.verdict().is_some() {
            return false;
        }
        // The old one is put away before the next has its ports.
        drop(lock(&self.server).take());
        match start(self.options, &self.command, &self.ports) {
            Ok(again) => {
                self.target.process = again.as_ref().and_then(Server::group);
                *lock(&self.server) = again;
                true
            }
            Err(error) => {
                self.why_not = Some(format!("the server ended, and then: {error}"));
                false
            }
        }
    }

    /// Makes a check again, alone, if there is time.
    fn make_again(&mut self, doubtful: Done) {
        let mut done = doubtful;
        if !self.time_for_doubts.is_zero() {
            done = self.make((done.check, done.port));
            self.time_for_doubts = self.time_for_doubts.saturating_sub(done.time);
        }
        if done.failure().is_some() {
            done.last_words = self.last_words();
        }
        self.count(done);
    }

    /// Makes what is still to be made, several at a time. What is to be alone waits until
    /// there is no doubt about the others: the last of it ends the server.
    fn make_the_rest(&mut self) {
        let (alone, beside): (Vec<Planned>, Vec<Planned>) =
            self.rest.iter().partition(|(check, _)| check.is_alone());
        let next = if beside.is_empty() { alone } else { beside };
        let jobs = self.options.jobs.unwrap_or(self.task.jobs);
        let fail_fast = self.options.fail_fast;
        let server = &self.server;
        // Not every server can do two things at a time: who has waited in vain beside
        // others tries again alone, and so does who found the server gone.
        let deadline = self.deadline;
        let then = |it: &Done| match it.failure() {
            None if is_past(deadline) => Then::Stop,
            None => Then::GoOn,
            Some(_) if last_words(server).is_some() => Then::DoubtAndStop,
            Some(_) if is_past(deadline) => Then::Stop,
            Some(_) if jobs > 1 && !it.check.is_alone() && it.is_doubtful() => {
                match fail_fast {
                    true => Then::DoubtAndStop,
                    false => Then::Doubt,
                }
            }
            Some(_) if fail_fast => Then::Stop,
            Some(_) => Then::GoOn,
        };
        let (target, shown) = (&self.target, &mut self.shown);
        let (made, doubtful) =
            run::all(target, self.task.stage, &next, jobs, then, |it| {
                shown.tell(target, it);
            });
        let begun = made.iter().chain(&doubtful);
        let begun: Vec<Planned> = begun.map(|it| (it.check, it.port)).collect();
        self.rest.retain(|it| !begun.contains(it));
        self.done.extend(made);
        self.doubtful.extend(doubtful);
        self.doubtful.sort_by_key(|it| Reverse(place(&self.plan, it)));
    }

    /// Says what came of it: whether all passed.
    fn report(mut self) -> Result<bool, String> {
        self.shown.end();
        self.done.sort_by_key(|it| place(&self.plan, it));
        let remark = self.remark();
        let doubtful = self.doubtful.iter().map(|it| (it.check, it.port));
        let not_made = self.rest.iter().chain(&self.unheard).copied();
        let not_made: Vec<Planned> = not_made.chain(doubtful).collect();
        let results = Results {
            name: &self.task.name,
            target: &self.target,
            done: &self.done,
            not_made: &not_made,
            remark: remark.as_deref(),
            weights: self.options.points.unwrap_or_default(),
        };
        self.write(&results)?;
        match self.options.json {
            true => anstream::println!("{}", results.json()),
            false => self.say(&results),
        }
        if let Some(remark) = remark {
            anstream::eprintln!("{remark}");
        }
        let count = Count::of(&self.done);
        Ok(count.passed + count.skipped == self.plan.len())
    }

    /// What there is to say besides what came of the checks.
    fn remark(&self) -> Option<String> {
        if !self.unheard.is_empty() {
            let what = "the server says nothing at all: mend that first, and the other \
                checks are made";
            return Some(what.into());
        }
        let words = self.unexplained.as_ref();
        let ended = words.map(|words| match self.ends {
            0 | 1 => format!("the server has ended meanwhile{words}"),
            times => format!("the server has ended {times} times{words}"),
        });
        // Each check that it ended at says so itself.
        let is_told = self.done.iter().any(|it| it.last_words.is_some());
        let ended = ended.filter(|_| self.options.json || !is_told);
        self.verdict().or_else(|| self.why_not.clone()).or(ended)
    }

    /// Writes the result for graders.
    fn write(&self, results: &Results) -> Result<(), String> {
        if let Some(path) = &self.options.junit {
            write(path, &results.junit()?)?;
        }
        if let Some(path) = &self.options.classroom {
            write(path, &results.classroom().to_string())?;
        }
        Ok(())
    }

    /// Says the result to people.
    fn say(&self, results: &Results) {
        if let Some(summary) = report::summary(&self.done) {
            anstream::println!("{}", fit(&summary));
        }
        let (name, count) = (results.name, Count::of(&self.done));
        match results.not_made.len() {
            0 => anstream::println!("{name}: {count}"),
            some => anstream::println!("{name}: {count}, {some} not made"),
        }
        if self.options.points.is_some() {
            anstream::println!("{name}: {}", results.points());
        }
    }
}

fn is_past(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|it| Instant::now() >= it)
}

/// Reads a variant.
fn variant(path: &Path) -> Result<Variant, String> {
    let say = |what: String| format!("{}: {what}", path.display());
    let text =
        std::fs::read_to_string(path).map_err(|error| say(error.to_string()))?;
    text.parse().map_err(say)
}

/// Writes the first so many variants, a file each.
fn write_variants(count: &str, folder: &Path) -> Result<(), String> {
    let count = count.parse::<u64>();
    let count = count.map_err(|_| "how many variants? a number is wanted first")?;
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    (1..=count).try_for_each(|number| {
        let path = folder.join(format!("variant-{number:03}.txt"));
        write(&path, &Variant::numbered(number).to_string())
    })
}

/// What stands between spaces or commas.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    words.map(str::to_owned)
}

/// Where a check stands in a plan.
fn place(plan: &[Planned], done: &Done) -> Option<usize> {
    plan.iter().position(|&it| it == (done.check, done.port))
}

/// Starts the server, if there is a command for it.
fn start(
    options: &Options,
    command: &[String],
    ports: &[Endpoint],
) -> Result<Option<Server>, String> {
    if command.is_empty() {
        return Ok(None);
    }
    let patience = Duration::from_secs_f64(options.start_timeout);
    let say = |what: &str| anstream::eprintln!("{what}");
    let confines = options.memory_limit.map(|memory| Confines { memory });
    if confines.is_some() && !cfg!(target_os = "linux") {
        return Err("--memory-limit can be held on Linux alone".into());
    }
    Server::start(command, ports, patience, confines, say).map(Some)
}

fn with_roots(options: &Options, endpoint: Endpoint) -> Result<Tls, String> {
    let roots = roots(&options.ca).map_err(|error| {
        format!("{error}: say with --ca whom to believe about {}", endpoint.name)
    })?;
    Ok(Tls { endpoint, roots })
}

fn last_words(server: &Mutex<Option<Server>>) -> Option<String> {
    lock(server).as_mut().and_then(Server::last_words)
}

fn lock(server: &Mutex<Option<Server>>) -> MutexGuard<'_, Option<Server>> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text)
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Whether anything listens at all.
fn reachable(target: &Target) -> Result<(), String> {
    let endpoints =
        [Some(&target.clear), target.tls.as_ref().map(|tls| &tls.endpoint)];
    for endpoint in endpoints.into_iter().flatten() {
        endpoint.connect(target.patience).map(drop).map_err(|error| {
            format!("nothing to check at {}: {error}", endpoint.name)
        })?;
    }
    Ok(())
}
