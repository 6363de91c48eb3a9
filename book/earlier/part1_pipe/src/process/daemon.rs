use std::io::{self, PipeReader, PipeWriter, Read, Write};

/// What the daemon tells its launcher: that it is ready.
const READY: u8 = b'+';

impl DaemonOptions {
    /// Detaches, with `--daemon`: then only the daemon comes back from this call, and
    /// the launcher prints `greeting` and exits once [`Process::ready`] is called.
    ///
    /// Forks, so it is called before any thread is started.
    ///
    /// # Errors
    /// If the process can't detach.
    pub fn start(&self, greeting: String) -> io::Result<Process> {
        let launcher = match self.daemon {
            true => Some(detach(&greeting)?),
            false => None,
        };
        Ok(Process { greeting, launcher })
    }
}

/// Forks twice around a new session, so that the daemon leads none and can never
/// acquire a terminal. Only the daemon comes back; the launcher waits for its word.
fn detach(greeting: &str) -> io::Result<PipeWriter> {
    let (word, launcher) = io::pipe()?;
    if let Fork::Parent(_) = fork()? {
        drop(launcher);
        wait_for_daemon(word, greeting);
    }
    fork::setsid()?;
    if let Fork::Parent(_) = fork()? {
        process::exit(0);
    }
    fork::chdir()?;
    let others = Mode::from_raw_mode(0o027);
    rustix::process::umask(rustix::process::umask(others) | others);
    Ok(launcher)
}

/// The rest of the launcher's life: it exits with the daemon's outcome.
fn wait_for_daemon(mut word: PipeReader, greeting: &str) -> ! {
    let mut byte = [0];
    if word.read_exact(&mut byte).is_ok() && byte == [READY] {
        greet(greeting);
        process::exit(0);
    }
    process::exit(1);
}

/// The process that serves.
#[must_use]
pub struct Process {
    greeting: String,
    launcher: Option<PipeWriter>,
}

impl Process {
    /// Says that the server is ready: to the terminal, or to the launcher.
    ///
    /// # Errors
    /// If the launcher is gone.
    pub fn ready(&mut self) -> io::Result<()> {
        let Some(mut launcher) = self.launcher.take() else {
            greet(&self.greeting);
            return Ok(());
        };
        launcher.write_all(&[READY])
    }
}
