//! What a server and its children use, as Linux tells it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Add;

use rustix::process::{Pid, getpid};

/// What some processes use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many descriptors they have open.
    pub descriptors: usize,
    /// How much memory they have touched and not given back, in KiB.
    pub memory: u64,
    /// For how long they have had a processor, in hundredths of a second.
    pub processor: u64,
    /// For how long they had something to do and others had the processor, in hundredths
    /// of a second; 0 where the system does not tell.
    pub queued: u64,
}

impl Add for Usage {
    type Output = Usage;

    fn add(self, other: Usage) -> Usage {
        Usage {
            descriptors: self.descriptors + other.descriptors,
            memory: self.memory + other.memory,
            processor: self.processor + other.processor,
            queued: self.queued + other.queued,
        }
    }
}

/// A process, as `/proc/PID/stat` has it.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// Which.
    pub pid: Pid,
    /// Its group.
    pub group: Option<Pid>,
    /// Whether it has ended, and nobody has taken note yet.
    pub is_over: bool,
    /// How many threads it has.
    pub threads: u64,
    parent: i32,
    processor: u64,
}

impl Process {
    /// How much memory is its own, in KiB: of what it shares with others, its share.
    /// Where the system does not tell (before Linux 4.14), all that it touches.
    pub fn memory(&self) -> u64 {
        let share = self.kibibytes("smaps_rollup", "Pss:");
        share.unwrap_or_else(|| self.touched())
    }

    /// How much memory it has touched and not given back, in KiB, shared or not.
    pub fn touched(&self) -> u64 {
        self.kibibytes("status", "VmRSS:").unwrap_or_default()
    }

    fn kibibytes(&self, file: &str, name: &str) -> Option<u64> {
        let path = format!("/proc/{}/{file}", self.pid.as_raw_nonzero());
        fs::read_to_string(path).ok()?.lines().find_map(|line| {
            line.strip_prefix(name)?.trim().split(' ').next()?.parse().ok()
        })
    }

    /// What it uses.
    pub fn usage(&self) -> Usage {
        let path = format!("/proc/{}/fd", self.pid.as_raw_nonzero());
        Usage {
            descriptors: fs::read_dir(path).map_or(0, Iterator::count),
            memory: self.touched(),
            processor: self.processor,
            queued: self.queued(),
        }
    }

    /// For how long its threads have waited for a processor: the second number of each, in
    /// nanoseconds.
    fn queued(&self) -> u64 {
        let tasks = format!("/proc/{}/task", self.pid.as_raw_nonzero());
        let tasks = fs::read_dir(tasks).into_iter().flatten().flatten();
        let waits = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').nth(1)?.parse::<u64>().ok()
        });
        waits.sum::<u64>() / 10_000_000
    }
}

/// How much of a second is none for who has nothing to do, in hundredths of a second.
const BUSY: u64 = 20;
/// The same of what they would have used, had there been a processor for them: others may
/// keep somebody waiting who has only a moment's work, but not whoever has some all the
/// time.
const WANTED: u64 = 50;

impl Usage {
    /// Whether they were idle since an earlier look, a second ago.
    pub fn is_idle_since(&self, before: &Usage) -> bool {
        let used = self.processor.saturating_sub(before.processor);
        let queued = self.queued.saturating_sub(before.queued);
        used < BUSY && used + queued < WANTED
    }

    /// What a process uses, with its descendants and its group; none where nobody tells.
    pub fn of(pid: Pid) -> Option<Usage> {
        family(pid).iter().map(Process::usage).reduce(Usage::add)
    }
}

/// A process with its descendants and its group; none where nobody tells, or if it is gone.
pub fn family(pid: Pid) -> Vec<Process> {
    let processes = processes();
    if !processes.contains_key(&raw(pid)) {
        return Vec::new();
    }
    let its = processes.values().filter(|process| {
        process.group == Some(pid) || descends(&processes, process, pid)
    });
    its.copied().collect()
}

/// The processes that descend from this one, itself aside; none where nobody tells.
pub fn descendants() -> Vec<Process> {
    let processes = processes();
    let this = getpid();
    let its = processes.values().filter(|process| process.pid != this);
    its.filter(|process| descends(&processes, process, this)).copied().collect()
}

fn descends(all: &BTreeMap<i32, Process>, process: &Process, first: Pid) -> bool {
    let parent = |pid: &i32| all.get(pid).map(|it| it.parent);
    let mut ancestors = std::iter::successors(Some(raw(process.pid)), parent);
    ancestors.any(|pid| pid == raw(first))
}

fn raw(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

/// All processes, by number.
pub fn processes() -> BTreeMap<i32, Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|it| it.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, process(pid)?))).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses, and may have any in it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Process {
        pid: Pid::from_raw(pid)?,
        // One that is ending has -1.
        group: Pid::from_raw(fields.get(2)?.parse::<i32>().ok()?.max(0)),
        is_over: matches!(fields.first(), Some(&"Z" | &"X")),
        threads: number(17)?,
        parent: fields.get(1)?.parse().ok()?,
        processor: number(11)? + number(12)?,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;

    use rustix::process::{Pid, getpid};

    use super::Usage;

    /// What spins on a machine that has no time for it spins all the same.
    #[test]
    fn who_waits_for_a_processor_is_not_idle() {
        let usage =
            |processor, queued| Usage { processor, queued, ..Usage::default() };
        let before = usage(100, 100);
        assert!(usage(119, 130).is_idle_since(&before));
        assert!(!usage(120, 100).is_idle_since(&before));
        assert!(!usage(104, 196).is_idle_since(&before));
    }

    #[test]
    fn what_is_opened_is_counted() {
        let usage = || Usage::of(getpid()).expect("Linux tells");
        let before = usage();
        assert!(before.memory > 100, "{before:?}");
        let files: Vec<File> = (0..200)
            .map(|_| File::open("/dev/null").expect("it is there"))
            .collect();
        assert!(usage().descriptors >= before.descriptors + 150);
        drop(files);
        assert_eq!(Usage::of(Pid::from_raw(i32::MAX).expect("not 0")), None);
    }
}
