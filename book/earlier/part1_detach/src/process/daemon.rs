/// The option that makes a daemon.
#[derive(Debug, clap::Args)]
pub struct DaemonOptions {
    /// Serve in the background: return to the shell once the server listens
    #[arg(long)]
    pub daemon: bool,
}

impl DaemonOptions {
    /// Detaches, with `--daemon`: then only the daemon comes back from this call.
    ///
    /// Forks, so it is called before any thread is started.
    ///
    /// # Errors
    /// If the process can't detach.
    pub fn start(&self) -> io::Result<()> {
        if self.daemon { detach() } else { Ok(()) }
    }
}

/// Forks twice around a new session, so that the daemon leads none and can never
/// acquire a terminal.
fn detach() -> io::Result<()> {
    if let Fork::Parent(_) = fork()? {
        process::exit(0);
    }
    fork::setsid()?;
    if let Fork::Parent(_) = fork()? {
        process::exit(0);
    }
    fork::chdir()?;
    let others = Mode::from_raw_mode(0o027);
    rustix::process::umask(rustix::process::umask(others) | others);
    Ok(())
}
