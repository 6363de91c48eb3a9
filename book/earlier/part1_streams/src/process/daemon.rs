/// Why a server could not take its place as a process.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The double fork failed.
    #[error("cannot detach: {0}")]
    Detach(io::Error),
    /// The daemon was killed while it started, and had no time to say a word.
    #[error("the daemon ended before it was ready")]
    Lost,
    /// The umask, the folder or the streams can't be changed.
    #[error("cannot set up the process: {0}")]
    Process(#[from] io::Error),
}

impl DaemonOptions {
    /// Detaches, with `--daemon`: then only the daemon comes back from this call, and
    /// the launcher prints `greeting` and exits once [`Process::ready`] is called.
    ///
    /// Forks, so it is called before any thread is started.
    ///
    /// # Errors
    /// If the process can't detach.
    pub fn start(&self, greeting: String) -> Result<Process, DaemonError> {
        let launcher = match self.daemon {
            true => Some(detach(&greeting)?),
            false => None,
        };
        Ok(Process { greeting, launcher })
    }
}

/// Forks twice around a new session, so that the daemon leads none and can never
/// acquire a terminal. Only the daemon comes back; the launcher waits for its word.
fn detach(greeting: &str) -> Result<PipeWriter, DaemonError> {
    let (word, launcher) = io::pipe()?;
    if let Fork::Parent(_) = fork().map_err(DaemonError::Detach)? {
        drop(launcher);
        wait_for_daemon(word, greeting);
    }
    fork::setsid().map_err(DaemonError::Detach)?;
    if let Fork::Parent(_) = fork().map_err(DaemonError::Detach)? {
        process::exit(0);
    }
    fork::chdir()?;
    let others = Mode::from_raw_mode(0o027);
    rustix::process::umask(rustix::process::umask(others) | others);
    Ok(launcher)
}

impl Process {
    /// Says that the server is ready: to the terminal, or to the launcher before
    /// letting go of the terminal's streams.
    ///
    /// # Errors
    /// If the streams can't be let go of.
    pub fn ready(&mut self) -> Result<(), DaemonError> {
        let Some(mut launcher) = self.launcher.take() else {
            greet(&self.greeting);
            return Ok(());
        };
        let null = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdout(&null).map_err(io::Error::from)?;
        rustix::stdio::dup2_stderr(&null).map_err(io::Error::from)?;
        launcher.write_all(&[READY])?;
        Ok(())
    }
}
