//! From bound sockets to a server that runs: what goes around any of them.

use std::error::Error;
use std::path::PathBuf;

use tokio::runtime::Runtime;

use super::daemon::{DaemonOptions, Process};
use crate::observe::log::{Ground, LogOptions};

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
        let ground = if self.daemon.daemon { Ground::Back } else { Ground::Fore };
        let log = self.log.open(ground)?;
        let mut process = self.daemon.start(greeting)?;
        // Both have threads, and a fork takes only one along: they come after it.
        let _log = log.start();
        let runtime = Runtime::new()?;
        let served = runtime.block_on(serve(&mut process));
        // A disk that never answers must not keep the process.
        runtime.shutdown_background();
        served
    }
}
