//! A process that outlives the terminal it was started from.
//!
//! Load and bind first, then detach: what can go wrong goes wrong while
//! somebody is still looking.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, PipeReader, PipeWriter, Read, Write};
use std::mem;
use std::path::PathBuf;
use std::process::{self, ExitCode};

use fork::{Fork, fork};
use rustix::fs::Mode;

use super::pid_file::{PidFile, PidFileError};

/// What the daemon tells its launcher: that it is ready, or that it is not going to
/// be and will say why.
const READY: u8 = b'+';
const FAILED: u8 = b'-';

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
pub enum DaemonError {
    /// The double fork failed.
    #[error("cannot detach: {0}")]
    Detach(io::Error),
    /// The daemon was killed while it started, and had no time to say a word.
    #[error("the daemon ended before it was ready")]
    Lost,
    /// The pid file is not to be had.
    #[error(transparent)]
    PidFile(#[from] PidFileError),
    /// The umask, the folder or the streams can't be changed.
    #[error("cannot set up the process: {0}")]
    Process(#[from] io::Error),
}

/// The options that make a daemon.
#[derive(Debug, clap::Args)]
pub struct DaemonOptions {
    /// Serve in the background: return to the shell once the server listens
    #[arg(long)]
    pub daemon: bool,
    /// Write the process id to FILE; a second server on the same FILE won't start
    #[arg(long, value_name = "FILE")]
    pub pid_file: Option<PathBuf>,
}

impl DaemonOptions {
    /// Takes the pid file and, with `--daemon`, detaches: only the daemon comes
    /// back from this call, the launcher prints `greeting` and exits with 0 once
    /// [`Process::ready`] is called, and with 1 if it never is.
    ///
    /// Forks, so it is called before any thread is started.
    ///
    /// # Errors
    /// If the pid file is not to be had, or the process can't detach.
    pub fn start(&self, greeting: String) -> Result<Process, DaemonError> {
        let pid_file = self.pid_file.as_deref().map(PidFile::claim);
        let mut pid_file = pid_file.transpose()?;
        let launcher = match self.daemon {
            true => Some(detach(&greeting)?),
            false => None,
        };
        if let Some(file) = &mut pid_file {
            file.write()?;
        }
        Ok(Process { greeting, launcher, _pid_file: pid_file })
    }
}

/// Forks twice around a new session, so that the daemon leads none and can never
/// acquire a terminal. Only the daemon comes back; the launcher waits for its word.
fn detach(greeting: &str) -> Result<Launcher, DaemonError> {
    let (word, launcher) = io::pipe()?;
    match fork().map_err(DaemonError::Detach)? {
        Fork::Parent(_) => {
            drop(launcher);
            Err(wait_for_daemon(word, greeting)?)
        }
        Fork::Child => {
            let launcher = Launcher(Some(launcher));
            fork::setsid().map_err(DaemonError::Detach)?;
            if let Fork::Parent(_) = fork().map_err(DaemonError::Detach)? {
                // At once and without destructors: all that is here is the daemon's.
                process::exit(0);
            }
            fork::chdir()?;
            let others = Mode::from_raw_mode(0o027);
            rustix::process::umask(rustix::process::umask(others) | others);
            Ok(launcher)
        }
    }
}

/// The rest of the launcher's life: it exits with the daemon's outcome, unless the
/// daemon never told it.
fn wait_for_daemon(word: PipeReader, greeting: &str) -> io::Result<DaemonError> {
    let mut failed = false;
    for byte in BufReader::new(word).bytes() {
        match byte? {
            READY => {
                greet(greeting);
                process::exit(0);
            }
            byte => failed |= byte == FAILED,
        }
    }
    // The pipe has closed, so the daemon is gone, and has said why.
    if failed {
        process::exit(1);
    }
    Ok(DaemonError::Lost)
}

/// The daemon's way to tell its launcher: there until it has told it something.
struct Launcher(Option<PipeWriter>);

impl Launcher {
    fn tell_ready(mut self) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |mut pipe| pipe.write_all(&[READY]))
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.take() {
            let _ = pipe.write_all(&[FAILED]);
            // It closes with the process, when everything has been said.
            mem::forget(pipe);
        }
    }
}

/// Prints a line for people. Nobody may be listening, which is no failure.
fn greet(greeting: &str) {
    let _ = io::stdout().write_all(greeting.as_bytes());
}

/// The process that serves. Its pid file goes when it is dropped.
#[must_use]
pub struct Process {
    greeting: String,
    launcher: Option<Launcher>,
    _pid_file: Option<PidFile>,
}

impl Process {
    /// Says that the server is ready: to the terminal, or to the launcher before
    /// letting go of the terminal's streams.
    ///
    /// # Errors
    /// If the streams can't be let go of.
    pub fn ready(&mut self) -> Result<(), DaemonError> {
        let Some(launcher) = self.launcher.take() else {
            greet(&self.greeting);
            return Ok(());
        };
        let null = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdout(&null).map_err(io::Error::from)?;
        rustix::stdio::dup2_stderr(&null).map_err(io::Error::from)?;
        launcher.tell_ready()?;
        Ok(())
    }
}
