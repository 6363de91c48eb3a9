//! `proctor STAGE` holds a running server to a stage of the book;
//! `proctor STAGE -- COMMAND…` starts one first, and ends it afterwards.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Parser;
use proctor::check::{Check, Level};
use proctor::exercises::Judged;
use proctor::launch::Server;
use proctor::report::Count;
use proctor::run::{self, Done, Then, plan};
use proctor::stage::{PARTS, Stage};
use proctor::target::{Endpoint, Port, SEED, Target, Tls, roots};
use proctor::tree::Tree;
use proctor::{catalogue, checks, launch, narrow, report, watch};

/// Holds a web server, in any language, to a stage of the book, over the wire alone
///
/// Exit codes: 0 if all checks pass, 1 if some fail, 2 if they can't be made: nothing
/// listens, or the arguments make no sense.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[arg(help = help_on_stage(), value_parser = str::parse::<Stage>, required_unless_present_any = ["list", "explain", "exercise"])]
    stage: Option<Stage>,
    /// Hold it to an exercise of the book instead, such as 2.4
    #[arg(long, value_name = "NUMBER", conflicts_with = "stage")]
    exercise: Option<String>,
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
    /// Print the result as JSON, and nothing else
    #[arg(long)]
    json: bool,
    /// Write the result as JUnit's XML, for graders
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Do it again whenever a file of the command's changes
    #[arg(long, requires = "command")]
    watch: bool,
    /// A command that starts the server. {port} and {tls_port} in it are ports that
    /// nobody has, or those of --connect and --tls; {root} is a folder of files for it
    /// to serve
    #[arg(last = true)]
    command: Vec<String>,
}

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

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
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
    if options.list && options.stage.is_none() && options.exercise.is_none() {
        anstream::print!("{}", fit(&catalogue::all()));
        return Ok(true);
    }
    let mut task = Task::of(options)?;
    if options.list {
        anstream::print!("{}", fit(&catalogue::list(&task.checks)));
        return Ok(true);
    }
    if !options.only.is_empty() {
        task.checks = task.only(&options.only)?;
    }
    launch::end_together().map_err(|error| error.to_string())?;
    let mut changed_before = BTreeSet::new();
    loop {
        let watched = options.watch.then(|| watch::Files::of(&options.command));
        let result = examine(options, &task);
        if let (Err(error), Some(path)) = (&result, &options.junit) {
            write(path, &report::junit_of_error(&task.name, error)?)?;
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
        if let Some(number) = &options.exercise {
            let exercise = catalogue::exercise(number)?;
            if let Judged::ByHand(how) = exercise.judged {
                return Err(format!("{number} is judged by hand: {how}"));
            }
            let name = format!("exercise {number}");
            let (stage, jobs) = (exercise.stage, exercise.jobs());
            let checks = exercise.checks().collect();
            return Ok(Task { name, stage, jobs, checks });
        }
        let stage = options.stage.ok_or("which stage?")?;
        let is_strict = |check: &&Check| check.rule.level() <= options.level;
        let checks = checks::of(stage).filter(is_strict).collect();
        Ok(Task { name: stage.to_string(), stage, jobs: stage.part().jobs, checks })
    }

    /// Those of its checks that are called so.
    fn only(&self, ids: &[String]) -> Result<Vec<&'static Check>, String> {
        let find = |id: &String| {
            let check = catalogue::check(id)?;
            match self.checks.iter().any(|it| it.id == check.id) {
                true => Ok(check),
                false => Err(format!("{id} is no check of {}", self.name)),
            }
        };
        ids.iter().map(find).collect()
    }
}

/// How long checks may take in all that are made a second time, alone.
const TIME_FOR_DOUBTS: Duration = Duration::from_secs(30);

/// Makes the checks once: whether all passed.
fn examine(options: &Options, task: &Task) -> Result<bool, String> {
    let mut examination = Examination::begin(options, task)?;
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
}

impl<'a> Examination<'a> {
    /// Starts the server, if there is a command for it, and plans what to make.
    fn begin(options: &'a Options, task: &'a Task) -> Result<Self, String> {
        let part = task.stage.part();
        let clear =
            endpoint(options, PORT, options.connect.as_deref(), part.clear)?;
        let tls = options.tls.as_deref().or(part.tls).filter(|_| !options.no_tls);
        let tls =
            tls.map(|it| endpoint(options, TLS_PORT, options.tls.as_deref(), it));
        let tls = tls.transpose()?;
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
            ..Target::new(clear, tls, patience)
        };
        if options.command.is_empty() {
            reachable(&target)?;
        }
        let plan = plan(&target, task.checks.iter().copied());
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
        })
    }

    /// What the server said last, if it has ended.
    fn last_words(&self) -> Option<String> {
        last_words(&self.server)
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
    fn goes_on(&self) -> bool {
        let failed = self.done.iter().any(|it| it.failure().is_some());
        let left = !self.rest.is_empty() || !self.doubtful.is_empty();
        left && !(self.options.fail_fast && failed)
    }

    /// Starts the server again if it has ended: whether there is one.
    fn is_served(&mut self) -> bool {
        let Some(words) = self.last_words() else { return true };
        self.unexplained.get_or_insert(words);
        // The old one is put away before the next has its ports.
        drop(lock(&self.server).take());
        match start(self.options, &self.command, &self.ports) {
            Ok(again) => {
                self.target.process = again.as_ref().and_then(Server::group);
                *lock(&self.server) = again;
                true
            }
            Err(error) => {
                self.shown.end();
                anstream::eprintln!("the server ended, and then: {error}");
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

    /// Makes what is still to be made, several at a time.
    fn make_the_rest(&mut self) {
        let jobs = self.options.jobs.unwrap_or(self.task.jobs);
        let fail_fast = self.options.fail_fast;
        let server = &self.server;
        // Not every server can do two things at a time: who has waited in vain beside
        // others tries again alone, and so does who found the server gone.
        let then = |it: &Done| match it.failure() {
            None => Then::GoOn,
            Some(_) if last_words(server).is_some() => Then::DoubtAndStop,
            Some(_) if jobs > 1 && it.is_doubtful() => match fail_fast {
                true => Then::DoubtAndStop,
                false => Then::Doubt,
            },
            Some(_) if fail_fast => Then::Stop,
            Some(_) => Then::GoOn,
        };
        let (target, shown) = (&self.target, &mut self.shown);
        let (made, doubtful) =
            run::all(target, self.task.stage, &self.rest, jobs, then, |it| {
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
        let Examination { options, target, done, .. } = &self;
        let name = &self.task.name;
        let doubtful = self.doubtful.iter().map(|it| (it.check, it.port));
        let not_made = self.rest.iter().chain(&self.unheard).copied();
        let not_made: Vec<Planned> = not_made.chain(doubtful).collect();
        if let Some(path) = &options.junit {
            write(path, &report::junit(target, name, done, &not_made)?)?;
        }
        let count = Count::of(done);
        if let Some(summary) = report::summary(done).filter(|_| !options.json) {
            anstream::println!("{}", fit(&summary));
        }
        match (options.json, not_made.len()) {
            (true, _) => {
                anstream::println!(
                    "{}",
                    report::json(target, name, done, &not_made)
                );
            }
            (_, 0) => anstream::println!("{name}: {count}"),
            (_, some) => anstream::println!("{name}: {count}, {some} not made"),
        }
        if !self.unheard.is_empty() {
            let what = "the server says nothing at all: mend that first";
            anstream::eprintln!("{what}, and the other checks are made");
        }
        if let Some(words) = &self.unexplained
            && done.iter().all(|it| it.last_words.is_none())
        {
            anstream::eprintln!("the server has ended meanwhile{words}");
        }
        Ok(count.passed + count.skipped == self.plan.len())
    }
}

/// Where a check stands in a plan.
fn place(plan: &[Planned], done: &Done) -> Option<usize> {
    plan.iter().position(|&it| it == (done.check, done.port))
}

/// What stands in a command for a port, and for the folder that is to be served.
const PORT: &str = "{port}";
const TLS_PORT: &str = "{tls_port}";
const ROOT: &str = "{root}";

fn mentions(command: &[String], place: &str) -> bool {
    command.iter().any(|word| word.contains(place))
}

/// Where the server is: where it is said to be, or at a free port, if its command has a
/// place for one.
fn endpoint(
    options: &Options,
    place: &str,
    given: Option<&str>,
    default: &str,
) -> Result<Endpoint, String> {
    match given {
        None if mentions(&options.command, place) => Endpoint::free(),
        given => Endpoint::parse(given.unwrap_or(default)),
    }
}

/// A command with what belongs in its places.
fn filled(
    command: &[String],
    clear: &Endpoint,
    tls: Option<&Endpoint>,
    tree: Option<&Tree>,
) -> Vec<String> {
    let fill = |word: &String| {
        let mut word = word.replace(PORT, &clear.port().to_string());
        if let Some(tls) = tls {
            word = word.replace(TLS_PORT, &tls.port().to_string());
        }
        match tree {
            Some(tree) => word.replace(ROOT, &tree.root().to_string_lossy()),
            None => word,
        }
    };
    command.iter().map(fill).collect()
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
    Server::start(command, ports, patience, say).map(Some)
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

/// Whether lines are drawn over on a terminal: not for those who want no escapes in
/// what they see (<https://no-color.org>).
fn draws(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// What is seen while checks are being made.
struct Progress {
    quiet: bool,
    terminal: bool,
    count: usize,
    done: usize,
    failed: usize,
    /// Why checks were skipped: each reason is said once.
    reasons: BTreeSet<String>,
}

/// How wide a terminal is that has room for the longest line.
const WIDE: usize = 100;
/// How wide text is on one that has not, and how narrow it gets.
const COLUMNS: RangeInclusive<usize> = 40..=80;

/// Text as wide as the terminal, where one is there, and too narrow for ours.
fn fit(text: &str) -> String {
    match width() {
        Some(width) => narrow::narrow(text, width),
        None => text.to_owned(),
    }
}

/// The most columns for text on standard output: there is a limit where that is a
/// terminal, and not a wide one.
fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    let columns = usize::from(size.ws_col);
    let is_narrow = stdout.is_terminal() && (1..WIDE).contains(&columns);
    is_narrow.then(|| columns.clamp(*COLUMNS.start(), *COLUMNS.end()))
}

impl Progress {
    fn new(quiet: bool, count: usize) -> Progress {
        let terminal = draws(std::io::stderr().is_terminal());
        Progress {
            quiet,
            terminal,
            count,
            done: 0,
            failed: 0,
            reasons: BTreeSet::new(),
        }
    }

    fn tell(&mut self, target: &Target, done: &Done) {
        self.done += 1;
        if self.quiet {
            return;
        }
        let failed = done.failure().is_some();
        self.failed += usize::from(failed);
        self.clear();
        if failed {
            anstream::println!("{}", fit(&report::failure(target, done, RED)));
        } else if let Some(why) = done.skipped() {
            if self.reasons.insert(why.to_owned()) {
                let skip = format!("skip {}: {why}\n", done.name());
                anstream::print!("{}", fit(&skip));
            }
        } else if !self.terminal {
            anstream::println!("ok   {}", done.name());
        }
        if self.terminal {
            let _ = write!(
                std::io::stderr(),
                "{}/{} made, {} failed",
                self.done,
                self.count,
                self.failed
            );
        }
    }

    /// Takes the progress line away.
    fn clear(&self) {
        if self.terminal && !self.quiet {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    fn end(&self) {
        self.clear();
    }
}

/// How a failure's first line begins; `anstream` leaves it out where nobody sees it.
const RED: (&str, &str) = ("\x1b[31;1m", "\x1b[0m");
