//! What a server and its children use, as Linux tells it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Add;

use rustix::process::Pid;

/// What some processes use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many descriptors they have open.
    pub descriptors: usize,
    /// How much memory they have touched and not given back, in KiB.
    pub memory: u64,
    /// For how long they have had a processor, in hundredths of a second.
    pub processor: u64,
}

impl Add for Usage {
    type Output = Usage;

    fn add(self, other: Usage) -> Usage {
        Usage {
            descriptors: self.descriptors + other.descriptors,
            memory: self.memory + other.memory,
            processor: self.processor + other.processor,
        }
    }
}

/// A process, as `/proc` has it.
struct Process {
    parent: i32,
    group: i32,
    usage: Usage,
}

impl Usage {
    /// What a process uses, with its descendants and its group; none where nobody tells.
    pub fn of(pid: Pid) -> Option<Usage> {
        let first = pid.as_raw_nonzero().get();
        let processes = processes();
        processes.get(&first)?;
        let is_its = |pid: i32| {
            let mut ancestors = std::iter::successors(Some(pid), |pid| {
                processes.get(pid).map(|it| it.parent)
            });
            ancestors.any(|it| it == first)
        };
        let its = processes
            .iter()
            .filter(|(pid, process)| process.group == first || is_its(**pid));
        its.map(|(_, process)| process.usage).reduce(Usage::add)
    }
}

fn processes() -> BTreeMap<i32, Process> {
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
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?.trim().split(' ').next()?.parse().ok()
    });
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        usage: Usage {
            descriptors: descriptors.map_or(0, Iterator::count),
            memory: resident.unwrap_or_default(),
            processor: number(11)? + number(12)?,
        },
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;

    use rustix::process::{Pid, getpid};

    use super::Usage;

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
