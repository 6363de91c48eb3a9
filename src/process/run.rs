//! From bound sockets to a server that runs: what goes around any of them.

use std::error::Error;
use std::path::PathBuf;

use super::daemon::{DaemonOptions, Process};
use super::sandbox::Needs;
use crate::io::threads;
use crate::observe::log::{Ground, Log, LogOptions};

/// The options of a process that serves.
#[derive(Debug, clap::Args)]
pub struct ProcessOptions {
    #[command(flatten)]
    daemon: DaemonOptions,
    #[command(flatten)]
    log: LogOptions,
}

impl ProcessOptions {
    /// The files that the process keeps.
    pub fn files(&self) -> Vec<PathBuf> {
        let files = [&self.daemon.pid_file, &self.log.log];
        files.into_iter().flatten().cloned().collect()
    }

    /// What is needed of them while the process serves: a log is opened anew, and the
    /// pid file goes in the end.
    pub fn need(&self, needs: &mut Needs) {
        self.log.log.iter().for_each(|path| needs.log(path));
        self.daemon.pid_file.iter().for_each(|path| needs.removal(path));
    }

    /// Opens the log, takes the pid file, detaches if that is wanted, and has `serve`
    /// serve in a runtime. It says when it is ready, by [`Process::ready`], upon
    /// which `greeting` is printed.
    ///
    /// # Errors
    /// If anything is not to be had, or what `serve` fails with.
    pub fn run(
        &self,
        greeting: String,
        serve: impl AsyncFnOnce(&mut Process) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        self.start(greeting)?.serve(serve)
    }

    /// The first half of that, in which no thread is started: a fork takes only one
    /// along.
    ///
    /// # Errors
    /// If anything is not to be had.
    pub fn start(&self, greeting: String) -> Result<Started, Box<dyn Error>> {
        let ground = if self.daemon.daemon { Ground::Back } else { Ground::Fore };
        let log = self.log.open(ground)?;
        let process = self.daemon.start(greeting)?;
        Ok(Started { log, process })
    }
}

/// The process that is to serve, with everything open, and one thread.
#[must_use]
pub struct Started {
    log: Log,
    process: Process,
}

impl Started {
    /// Starts the log and a runtime, and serves.
    ///
    /// # Errors
    /// If there are no threads to be had, or what `serve` fails with.
    pub fn serve(
        self,
        serve: impl AsyncFnOnce(&mut Process) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let Started { log, mut process } = self;
        let _log = log.start()?;
        let runtime = threads::runtime()?;
        let served = runtime.block_on(serve(&mut process));
        // A disk that never answers must not keep the process.
        runtime.shutdown_background();
        served
    }
}
