//! Descriptors: how many files and connections the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Allows the process as many descriptors as it may allow itself: how many that is.
///
/// Mostly 1,024 is where a process starts, out of regard for programs that call
/// `select`, which can't wait for a descriptor with a larger number. The limit that the
/// administrator means is the other one, and is not passed.
pub fn raise() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let allowed = if raised.is_ok() { maximum } else { current };
    allowed.map_or(usize::MAX, |count| count.try_into().unwrap_or(usize::MAX))
}
