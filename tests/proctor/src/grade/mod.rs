//! A class: many submissions, each examined by a proctor of its own, so that whatever one
//! of them does is its own affair.

pub mod page;
pub mod sheet;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZero;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use crate::check::Check;
use crate::launch;
use crate::places::{PORT, TLS_PORT, mentions};
use crate::points::{Points, Weights};
use crate::target::Port;

/// What is to be graded, and how.
#[derive(Debug)]
pub struct Class<'a> {
    /// A folder for each submission.
    pub folders: &'a [PathBuf],
    /// What each is held to.
    pub plan: Vec<(&'static Check, Port)>,
    /// What that is worth.
    pub weights: Weights,
    /// How many are graded side by side, if that was said.
    pub jobs: Option<NonZero<usize>>,
    /// How long each may take.
    pub time_limit: Duration,
    /// What each proctor is told.
    pub arguments: Vec<String>,
    /// What starts a server.
    pub command: &'a [String],
}

/// What came of a submission.
#[derive(Debug)]
pub struct Row {
    /// Whose it is.
    pub name: String,
    /// What it has earned.
    pub points: Points,
    /// A mark for each check of the plan.
    pub marks: Vec<Mark>,
    /// What there is to say besides: why not all was made, for one.
    pub remark: Option<String>,
}

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark {
    /// It passed.
    Passed,
    /// It failed: all there is to say of that.
    Failed(String),
    /// It can't be made on this server, and why.
    Skipped(String),
    /// It was not made.
    NotMade,
}

/// How much longer than it should a proctor may take, whose last checks are still being
/// made, before it is ended.
const GRACE: Duration = Duration::from_secs(120);
/// How long it may take to end its server, and itself.
const END: Duration = Duration::from_secs(10);

impl Class<'_> {
    /// Whether all of it can be done.
    ///
    /// # Errors
    /// If not: in words.
    pub fn is_possible(&self) -> Result<(), String> {
        if let Some(no) = self.folders.iter().find(|it| !it.is_dir()) {
            return Err(format!("{} is no folder", no.display()));
        }
        let mut seen = BTreeSet::new();
        let mut again =
            self.folders.iter().filter(|it| !seen.insert(it.canonicalize().ok()));
        if let Some(twice) = again.next() {
            return Err(format!("{} is there twice", twice.display()));
        }
        match (self.jobs.map(NonZero::get), self.missing_place()) {
            (Some(2..), Some(place)) => Err(format!(
                "--jobs wants {place} in the command: side by side, each server has a \
                 port of its own"
            )),
            _ => Ok(()),
        }
    }

    /// What the command would need for servers to run side by side.
    fn missing_place(&self) -> Option<&'static str> {
        let is_missing = |port, place| {
            let is_used = self.plan.iter().any(|it| it.1 == port);
            is_used && !mentions(self.command, place)
        };
        let places = [(Port::Clear, PORT), (Port::Tls, TLS_PORT)];
        places.iter().find(|it| is_missing(it.0, it.1)).map(|it| it.1)
    }

    /// How many are graded side by side.
    fn jobs(&self) -> usize {
        match self.missing_place() {
            Some(_) => 1,
            None => {
                let jobs =
                    self.jobs.or_else(|| thread::available_parallelism().ok());
                jobs.map_or(1, NonZero::get)
            }
        }
    }

    /// Grades all, and tells of each in order.
    ///
    /// # Errors
    /// If this program can't be found, to be run for each.
    pub fn grade(&self, mut tell: impl FnMut(&Row)) -> Result<Vec<Row>, String> {
        let proctor = std::env::current_exe();
        let proctor = proctor.map_err(|error| format!("where am I? {error}"))?;
        let names = names(self.folders);
        let next = AtomicUsize::new(0);
        let (sender, receiver) = channel();
        let mut rows: Vec<Option<Row>> = names.iter().map(|_| None).collect();
        thread::scope(|scope| {
            for _ in 0..self.jobs() {
                let (sender, next) = (sender.clone(), &next);
                let (proctor, names) = (&proctor, &names);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(folder) = self.folders.get(index) else { return };
                        let result = self.examine(proctor, folder);
                        let row = self.row(names[index].clone(), result);
                        let _ = sender.send((index, row));
                    }
                });
            }
            drop(sender);
            let mut told = 0;
            for (index, row) in receiver {
                rows[index] = Some(row);
                while let Some(Some(row)) = rows.get(told) {
                    tell(row);
                    told += 1;
                }
            }
        });
        Ok(rows.into_iter().flatten().collect())
    }

    /// What a proctor says of a folder, as JSON.
    fn examine(&self, proctor: &Path, folder: &Path) -> Result<Value, String> {
        let mut running = launch::running();
        let child = Command::new(proctor)
            .args(&self.arguments)
            .arg("--")
            .args(self.command)
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", proctor.display()))?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        running.extend(group);
        drop(running);
        let output = self.wait(child, group);
        launch::running().retain(|&it| Some(it) != group);
        understood(&output?)
    }

    /// Waits for a proctor, for as long as it may take.
    fn wait(&self, child: Child, group: Option<Pid>) -> Result<Output, String> {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let _ = sender.send(child.wait_with_output());
        });
        let signals = [Signal::TERM, Signal::KILL];
        let patience = [self.time_limit + GRACE, END];
        for (signal, patience) in signals.into_iter().zip(patience) {
            match receiver.recv_timeout(patience) {
                Ok(output) => return output.map_err(|error| error.to_string()),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    group.map(|group| kill_process_group(group, signal));
                }
            }
        }
        let time = (self.time_limit + GRACE).as_secs();
        Err(format!("the examination itself had not ended after {time} s"))
    }

    fn row(&self, name: String, result: Result<Value, String>) -> Row {
        match result {
            Ok(result) => Row {
                name,
                points: points(&result),
                marks: self.plan.iter().map(|it| mark(&result, *it)).collect(),
                remark: result["remark"].as_str().map(str::to_owned),
            },
            Err(error) => Row {
                name,
                points: self.points_of_none(),
                marks: self.plan.iter().map(|_| Mark::NotMade).collect(),
                remark: Some(error),
            },
        }
    }

    fn points_of_none(&self) -> Points {
        Points::count(&self.weights, &[], self.plan.iter().map(|it| it.0))
    }
}

/// What submissions are called: as their folders are, with the way to them if two are
/// called the same.
fn names(folders: &[PathBuf]) -> Vec<String> {
    let name = |folder: &PathBuf| {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let short: Vec<String> = folders.iter().map(name).collect();
    match short.iter().collect::<BTreeSet<_>>().len() == short.len() {
        true => short,
        false => folders.iter().map(|it| it.display().to_string()).collect(),
    }
}

/// What a proctor has said, or why it could not.
fn understood(output: &Output) -> Result<Value, String> {
    if let Some(0 | 1) = output.status.code() {
        let value = serde_json::from_slice(&output.stdout);
        return value.map_err(|error| format!("proctor itself failed: {error}"));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match said.split_once("error: ") {
        Some((_, error)) => Err(error.trim().to_owned()),
        None => {
            Err(format!("proctor itself failed, with {}: {said}", output.status))
        }
    }
}

fn points(result: &Value) -> Points {
    let number = |name: &str| {
        let number = result[name].as_u64().and_then(|it| it.try_into().ok());
        number.unwrap_or_default()
    };
    Points { earned: number("points"), of: number("of") }
}

/// What a result says of a check.
fn mark(result: &Value, (check, port): (&Check, Port)) -> Mark {
    let name = port.name_of(check.id);
    let all = result["checks"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(it) = all.iter().find(|it| it["name"] == *name) else {
        return Mark::NotMade;
    };
    match (it["passed"].as_bool(), it["skipped"].as_str()) {
        (Some(true), _) => Mark::Passed,
        (_, Some(why)) => Mark::Skipped(why.to_owned()),
        _ => Mark::Failed(it["report"].as_str().unwrap_or_default().to_owned()),
    }
}

impl Row {
    fn count(&self, is_it: impl Fn(&Mark) -> bool) -> usize {
        self.marks.iter().filter(|mark| is_it(mark)).count()
    }
}

/// A line: the numbers, and the first line of the remark.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let passed = self.count(|it| *it == Mark::Passed);
        let failed = self.count(|it| matches!(it, Mark::Failed(_)));
        let skipped = self.count(|it| matches!(it, Mark::Skipped(_)));
        let not_made = self.count(|it| *it == Mark::NotMade);
        write!(f, "{}: {passed} passed, {failed} failed", self.name)?;
        for (count, what) in [(skipped, "skipped"), (not_made, "not made")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        write!(f, ": {}", self.points)?;
        match self.remark.as_deref().and_then(|it| it.lines().next()) {
            Some(remark) => {
                let remark = remark.strip_suffix("; it said:").unwrap_or(remark);
                write!(f, " ({remark})")
            }
            None => Ok(()),
        }
    }
}

/// How many checks are named of those that are failed most.
const MOST: usize = 6;

impl Class<'_> {
    /// What a class would best talk about: the checks that most have failed.
    pub fn most_failed(&self, rows: &[Row]) -> String {
        let count = |index: usize| {
            rows.iter()
                .filter(|it| matches!(it.marks[index], Mark::Failed(_)))
                .count()
        };
        let mut counts: Vec<(usize, String)> = self
            .plan
            .iter()
            .enumerate()
            .map(|(index, (check, port))| (count(index), port.name_of(check.id)))
            .filter(|it| it.0 > 0)
            .collect();
        // The order is the book's where as many have failed.
        counts.sort_by_key(|it| std::cmp::Reverse(it.0));
        let lines = counts.iter().take(MOST);
        let lines = lines.map(|(count, name)| format!("  {count} failed {name}\n"));
        lines.collect()
    }
}
