//! Signals: what the terminal, a service manager or an operator wants of the process.

use std::io;
use std::thread;

use signal_hook::consts::{
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ,
};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What the process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal is gone; for a daemon, to read its files anew.
    Hangup,
    /// Somebody pressed Ctrl-C.
    Interrupt,
    /// To end.
    Terminate,
}

impl Signal {
    fn of(number: i32) -> Option<Signal> {
        match number {
            SIGHUP => Some(Signal::Hangup),
            SIGINT => Some(Signal::Interrupt),
            // Which to nginx is to end in good order, as we always do.
            SIGTERM | SIGQUIT => Some(Signal::Terminate),
            _ => None,
        }
    }
}

/// Signals that cannot be caught.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the thread for signals: {0}")]
pub struct SignalError(#[from] io::Error);

/// Hands each signal to `handle`, from now on and on a thread of its own: whatever
/// else waits, nobody is deaf. A signal that was ignored when the process started, as
/// HUP is under nohup, stays ignored.
///
/// Three are caught and nothing comes of them, lest they end the process: SIGXFSZ, which
/// comes when a file would grow beyond its limit (the write fails, and whoever writes
/// sees to it), and SIGUSR1 and SIGUSR2, which mean something to other servers.
///
/// # Errors
/// If the system lets no thread start.
pub fn catch(
    mut handle: impl FnMut(Signal) + Send + 'static,
) -> Result<(), SignalError> {
    let numbers = [SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGXFSZ, SIGUSR1, SIGUSR2];
    let ignored = ignored();
    let caught = numbers.iter().filter(|&&number| !ignored(number));
    let mut signals = Signals::new(caught)?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().filter_map(Signal::of).for_each(&mut handle);
    })?;
    Ok(())
}

/// Whether a signal is ignored. Only Linux says so; elsewhere the call is `unsafe`.
fn ignored() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let mask = mask.unwrap_or_default();
    // Signals are counted from 1, and their bits from 0.
    move |number| mask >> (number - 1) & 1 == 1
}

/// The signals as they come, for whoever waits in a runtime.
///
/// # Errors
/// As [`catch`].
pub fn channel() -> Result<UnboundedReceiver<Signal>, SignalError> {
    let (sender, receiver) = unbounded_channel();
    catch(move |signal| _ = sender.send(signal))?;
    Ok(receiver)
}
