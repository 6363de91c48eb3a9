//! A process that outlives the terminal it was started from.
//!
//! Load and bind first, then detach: what can go wrong goes wrong while
//! somebody is still looking.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use fork::{CheckedDaemon, ChildSignalState, DaemonNotifier, DaemonOptions};
use rustix::fs::Mode;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::pid_file::{self, PidFile};

/// How long the launcher waits for the daemon to say that it is ready. What is
/// left to do by then takes milliseconds; a machine short of memory may page.
const START_DEADLINE: Duration = Duration::from_secs(10);

/// Turns what a part's `run` came to into the process's exit code: 0, or 1 and
/// one line on stderr.
pub fn exit_code<E: Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not eprintln!, which panics when nobody holds the other end.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why a server could not take its place as a process.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The double fork failed, or the daemon ended before it was ready.
    #[error("cannot detach: {0}")]
    Detach(String),
    /// The pid file is not to be had.
    #[error(transparent)]
    PidFile(#[from] pid_file::Error),
    /// Signals can't be handled, or the streams not be replaced.
    #[error("cannot set up the process: {0}")]
    Process(#[from] io::Error),
}

/// The options that make a daemon.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Options {
    /// Serve in the background: return to the shell once the server listens
    #[arg(long)]
    pub daemon: bool,
    /// Write the process id to FILE; a second server on the same FILE won't start
    #[arg(long, value_name = "FILE")]
    pub pid_file: Option<PathBuf>,
}

impl Options {
    /// Takes the pid file and, with `--daemon`, detaches: only the daemon comes
    /// back from this call, the launcher prints `greeting` and exits with 0 once
    /// [`Process::ready`] is called, and with 1 if it never is.
    ///
    /// Forks, so it is called before any thread is started.
    pub fn start(&self, greeting: String) -> Result<Process, Error> {
        let pid_file = self.pid_file.as_deref().map(PidFile::claim);
        let mut pid_file = pid_file.transpose()?;
        let launcher = match self.daemon {
            true => Some(detach(&greeting)?),
            false => None,
        };
        if let Some(file) = &mut pid_file {
            file.write()?;
        }
        Ok(Process { greeting, launcher, pid_file })
    }
}

/// Forks twice around a new session, so that the daemon leads none and can
/// never acquire a terminal.
fn detach(greeting: &str) -> Result<DaemonNotifier, Error> {
    let failed = |error: &dyn Display| Error::Detach(error.to_string());
    let mut options = DaemonOptions::new();
    options.current_directory("/")?;
    // Rust ignores SIGPIPE; a reset would have one lost reader end the daemon.
    options.signal_state(ChildSignalState::Inherit);
    match fork::checked_daemon(options, START_DEADLINE) {
        Ok(CheckedDaemon::Daemon(launcher)) => {
            rustix::process::umask(Mode::from_raw_mode(0o027));
            Ok(launcher)
        }
        Ok(CheckedDaemon::Parent(_)) => {
            greet(greeting);
            process::exit(0)
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Prints a line for people. Nobody may be listening, which is no failure.
fn greet(greeting: &str) {
    let _ = io::stdout().write_all(greeting.as_bytes());
}

/// The process that serves, not yet ready to.
#[must_use]
pub struct Process {
    greeting: String,
    launcher: Option<DaemonNotifier>,
    pid_file: Option<PidFile>,
}

impl Process {
    /// Says that the server is ready: to the terminal, or to the launcher before
    /// letting go of the terminal's streams. The pid file goes when what comes
    /// back is dropped.
    pub fn ready(self) -> Result<Option<PidFile>, Error> {
        match self.launcher {
            None => greet(&self.greeting),
            Some(launcher) => {
                let null =
                    File::options().read(true).write(true).open("/dev/null")?;
                rustix::stdio::dup2_stdin(&null).map_err(io::Error::from)?;
                rustix::stdio::dup2_stdout(&null).map_err(io::Error::from)?;
                rustix::stdio::dup2_stderr(&null).map_err(io::Error::from)?;
                launcher.notify_ready()?;
            }
        }
        Ok(self.pid_file)
    }

    /// Says that the server is ready, and has HUP, TERM and INT end the process
    /// with exit code 0 from now on.
    pub fn end_on_signals(self) -> Result<(), Error> {
        let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT])?;
        let pid_file = self.ready()?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            signals.forever().next();
            drop(pid_file);
            process::exit(0)
        })?;
        Ok(())
    }
}
