use crate::observe::log::{Ground, LogOptions};

impl ProcessOptions {
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
        // No thread before this: a fork takes along only the one that calls it.
        let _log = log.start()?;
        let runtime = threads::runtime()?;
        let served = runtime.block_on(serve(&mut process));
        // A disk that never answers must not keep the process.
        runtime.shutdown_background();
        served
    }
}
