//! What a server may use, with all its children: who uses more is ended.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Pid;

use crate::launch;
use crate::usage::{self, Process};

/// How much a server may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confines {
    /// How much memory it may have with all its children, in MiB.
    pub memory: u64,
}

/// How many processes it may have: a thousand callers may have one each.
const PROCESSES: usize = 2000;
/// How long a file of its may be, in bytes: none has to be, and a disk is full soon.
#[cfg(target_os = "linux")]
const FILE: u64 = 100 << 20;
/// How often it is looked at.
const OFTEN: Duration = Duration::from_millis(100);

impl Confines {
    /// Holds a process, and those that it starts, to what Linux itself counts.
    #[cfg(target_os = "linux")]
    pub(crate) fn impose(pid: Pid) {
        use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
        let most = [
            (Resource::Fsize, FILE),
            (Resource::Core, 0),
            // This one counts all processes of a user, and their threads.
            (Resource::Nproc, threads() + PROCESSES as u64),
        ];
        for (resource, most) in most {
            let ours = getrlimit(resource).maximum.unwrap_or(u64::MAX);
            let most = Some(most.min(ours));
            // It may be gone already.
            let limit = Rlimit { current: most, maximum: most };
            let _ = prlimit(Some(pid), resource, limit);
        }
    }

    /// Nobody is confined where there is no such thing: who asks for it is told so.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn impose(_: Pid) {}

    /// Looks at all that descends from us until `end` is gone. Who uses too much is
    /// ended, and `verdict` says why.
    pub(crate) fn watch(
        self,
        end: &Receiver<()>,
        verdict: &Arc<Mutex<Option<String>>>,
    ) {
        while end.recv_timeout(OFTEN) == Err(RecvTimeoutError::Timeout) {
            if let Some(what) = self.exceeded_by(&usage::descendants()) {
                *verdict.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(what);
                launch::end_descendants();
                return;
            }
        }
    }

    /// What some processes have too much of, in words.
    fn exceeded_by(self, processes: &[Process]) -> Option<String> {
        let count = processes.iter().filter(|it| !it.is_over).count();
        if count > PROCESSES {
            return Some(format!(
                "it had {count} processes, and {PROCESSES} is enough"
            ));
        }
        // What is shared is counted once, which takes longer than to count it often.
        let touched: u64 = processes.iter().map(Process::touched).sum();
        if touched / 1024 <= self.memory {
            return None;
        }
        let memory = processes.iter().map(Process::memory).sum::<u64>() / 1024;
        let allowed = self.memory;
        (memory > allowed).then(|| {
            format!("it had {memory} MiB of memory, and may have {allowed}")
        })
    }
}

/// How many threads there are on this machine.
#[cfg(target_os = "linux")]
fn threads() -> u64 {
    usage::processes().values().map(|it| it.threads).sum()
}
