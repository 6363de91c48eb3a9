//! Terminal sessions: recorded by running them, and run again to see whether they
//! still go as recorded.
//!
//! A session is a file of commands, each after `$ `, and of what came of them. It is
//! run by one shell, in an empty folder, with the parts on its path. A first line
//! `with FOLDER…` has copies of the repository's folders put there.

use std::cmp::Ordering;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use fs_err as fs;
use regex::Regex;

use crate::nearest;

/// Where sessions are, from the repository's root.
pub const FOLDER: &str = "tests/sessions";

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long it has to be quiet after a command for everything to have been said, by
/// servers in the background too.
const QUIET: Duration = Duration::from_millis(300);
/// The same, once as many lines have come as are on record.
const SETTLED: Duration = Duration::from_millis(100);
/// How long it may be quiet while fewer lines have come than are on record.
const OVERDUE: Duration = Duration::from_secs(5);
/// What the shell says after each command, to be told apart from all else.
const DONE: &str = "\u{1}done";
/// What the shell does first: everything comes in one order, and of the descriptors of
/// whoever called us none is handed on, since some sessions count theirs.
const FIRST: &str = "exec 2>&1
for fd in /dev/fd/*; do [ ${fd##*/} -le 2 ] || eval \"exec ${fd##*/}>&-\"; done";
/// What it does last: whoever is left ends. They are told again until they do, since a
/// signal that finds a process in the hands of a debugger can be lost with it.
const LAST: &str =
    "for _ in {1..50}; do kill $(jobs -p) 2>/dev/null || break; sleep 0.1; done
kill -KILL $(jobs -p) 2>/dev/null; wait; exit 0";

/// What was typed, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command.
    pub command: String,
    /// What was printed, with what differs from run to run masked.
    pub output: String,
}

/// Where a session is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where everything else is.
    Here,
    /// In a network and among processes of its own.
    Own,
}

impl Place {
    fn shell(self) -> Command {
        // The first process of its own world gathers up daemons that have ended.
        const OWN: &str = "ip link set lo up; bash --noprofile --norc; exit";
        let mut shell = Command::new(match self {
            Place::Here => "bash",
            Place::Own => "unshare",
        });
        match self {
            Place::Here => shell.args(["--noprofile", "--norc"]),
            Place::Own => shell
                .args(["--net", "--pid", "--fork", "--mount-proc", "bash", "-c"])
                .arg(OWN),
        };
        shell
    }
}

/// A recorded session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Folders of the repository that it finds in its own, which is empty otherwise.
    pub with: Vec<String>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

impl Session {
    /// Reads a session's file.
    pub fn parse(text: &str) -> Session {
        let mut steps: Vec<Step> = Vec::new();
        let mut with = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    let command = command.to_owned();
                    steps.push(Step { command, output: String::new() });
                }
                (None, Some(step)) => {
                    step.output.push_str(line);
                    step.output.push('\n');
                }
                (None, None) => {
                    let folders = line.strip_prefix("with ").unwrap_or_default();
                    with.extend(folders.split_whitespace().map(str::to_owned));
                }
            }
        }
        Session { with, steps }
    }

    /// Whether a command of it has a program's name in it.
    pub fn names(&self, program: &str) -> bool {
        let is_named = |command: &str| {
            let words = |c: char| !c.is_alphanumeric() && c != '_';
            command.split(words).any(|word| word == program)
        };
        self.steps.iter().any(|step| is_named(&step.command))
    }

    /// The session as its file has it.
    pub fn text(&self) -> String {
        let step = |step: &Step| format!("$ {}\n{}", step.command, step.output);
        let with = match &self.with[..] {
            [] => String::new(),
            with => format!("with {}\n", with.join(" ")),
        };
        with + &self.steps.iter().map(step).collect::<String>()
    }

    /// Runs its commands anew, with the folders of programs on the path.
    pub fn run(
        &self,
        root: &Path,
        programs: &[PathBuf],
        place: Place,
    ) -> io::Result<Session> {
        let folder = tempfile::Builder::new().prefix("weave-").tempdir()?;
        for with in &self.with {
            let copied = Command::new("cp")
                .arg("-r")
                .arg(root.join(with))
                .arg(folder.path())
                .status()
                .map_err(|error| io::Error::other(format!("cp: {error}")))?;
            if !copied.success() {
                return Err(io::Error::other(format!("cannot copy {with}")));
            }
        }
        self.run_in(folder.path(), programs, place)
    }

    fn run_in(
        &self,
        folder: &Path,
        programs: &[PathBuf],
        place: Place,
    ) -> io::Result<Session> {
        // The examples come last: none of them takes the place of a tool.
        let first = programs.iter().cloned();
        let tools = std::env::var_os("PATH").unwrap_or_default();
        let last = programs.iter().map(|folder| folder.join("examples"));
        let path = first.chain(std::env::split_paths(&tools)).chain(last);
        let path = std::env::join_paths(path).map_err(io::Error::other)?;
        let mut shell = place
            .shell()
            .current_dir(folder)
            .env("PATH", path)
            .env("HOME", folder)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::other(format!("bash: {error}")))?;
        let mut typed = shell.stdin.take().expect("it is piped");
        let said = lines(shell.stdout.take().expect("it is piped"));
        writeln!(typed, "{FIRST}")?;
        let mut steps = Vec::new();
        for step in &self.steps {
            // In one write, so that nobody in the background gets a word in. `$?` is
            // still the command's for the one that comes next.
            let mark = format!("status=$?; echo {DONE}; (exit $status)");
            writeln!(typed, "{}\n{mark}", step.command)?;
            let output = collect(&said, step.output.lines().count())?;
            let output = mask(&output, folder);
            steps.push(Step { command: step.command.clone(), output });
        }
        writeln!(typed, "{LAST}")?;
        drop(typed);
        shell.wait()?;
        Ok(Session { with: self.with.clone(), steps })
    }
}

/// Reads a session by its name.
pub fn read(root: &Path, name: &str) -> Result<Session, String> {
    let folder = root.join(FOLDER);
    fs::read_to_string(folder.join(format!("{name}.txt")))
        .map(|text| Session::parse(&text))
        .map_err(|_| {
            let names = names(root).unwrap_or_default();
            let near = nearest(name, names.iter().map(String::as_str));
            format!("no session {name} is on record{near}")
        })
}

/// Reads one step of a session, counted from 1.
pub fn read_step(root: &Path, name: &str, step: usize) -> Result<Step, String> {
    let mut session = read(root, name)?;
    let count = session.steps.len();
    match step.checked_sub(1).filter(|&index| index < count) {
        Some(index) => Ok(session.steps.swap_remove(index)),
        None => Err(format!("the session {name} has {count} steps, and no {step}")),
    }
}

/// The names of all sessions.
///
/// # Errors
/// If their folder cannot be read.
pub fn names(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER))? {
        let file = entry?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(".txt"));
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn lines(stdout: impl io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            line.clear();
        }
    });
    receiver
}

/// What is said up to the end of a command, and until it is quiet; `expected` is how
/// many lines that was when it was recorded.
fn collect(said: &Receiver<String>, expected: usize) -> io::Result<String> {
    let mut output = String::new();
    let mut done = false;
    loop {
        let wait = match (done, output.lines().count().cmp(&expected)) {
            (false, _) => PATIENCE,
            (true, Ordering::Less) => OVERDUE,
            (true, Ordering::Equal) => SETTLED,
            (true, Ordering::Greater) => QUIET,
        };
        match said.recv_timeout(wait) {
            Ok(line) => {
                let Some(last) = line.trim_end().strip_suffix(DONE) else {
                    output.push_str(&line);
                    continue;
                };
                done = true;
                // It may come after a line that has no end.
                output.push_str(last);
                output.truncate(output.trim_end_matches('\n').len());
                if !output.is_empty() {
                    output.push('\n');
                }
            }
            Err(RecvTimeoutError::Timeout) if done => return Ok(output),
            Err(_) => {
                return Err(io::Error::other(format!("no end of it: {output}")));
            }
        }
    }
}

/// Makes what differs from run to run the same, and shows that it did.
pub fn mask(output: &str, folder: &Path) -> String {
    const MASKS: [(&str, &str); 12] = [
        (r"\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT", "‹date›"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "‹time›"),
        (r"[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d 20\d\d GMT", "‹date›"),
        (r"time=[\d.]+(ns|µs|ms|s)", "time=‹time›"),
        (r"(peer=(127\.0\.0\.1|\[::1\])):\d+", "$1:‹port›"),
        (r"\bpid \d+", "pid ‹pid›"),
        (r"\broot [0-9a-f]{8}\b", "root ‹number›"),
        (r"(curl|OpenSSL)/[\d.]+", "$1/‹version›"),
        (r"\bport \d{5}\b", "port ‹port›"),
        (r#""[0-9a-f]+\.[0-9a-f]+-[0-9a-f]+""#, "\"‹tag›\""),
        (r"\d\d/\w{3}/20\d\d:\d\d:\d\d:\d\d \+0000", "‹time›"),
        (r"\b[0-9a-f]{32}\b", "‹boundary›"),
    ];
    let output = output.replace(&*folder.to_string_lossy(), "/home/you/rohttp");
    // A terminal shows no difference, and neither does a file that is read by lines.
    let output = output.replace("\r\n", "\n");
    MASKS.iter().fold(output, |output, (pattern, shown)| {
        let pattern = Regex::new(pattern).expect("a constant pattern");
        pattern.replace_all(&output, *shown).into_owned()
    })
}
