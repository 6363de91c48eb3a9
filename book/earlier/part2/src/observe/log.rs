impl Log {
    /// Starts the log, perhaps on a thread: after the fork, not before. What is
    /// still waiting is written when what comes back is dropped.
    ///
    /// # Errors
    /// If the system lets no thread start.
    pub fn start(self) -> Result<Option<WorkerGuard>, ThreadError> {
        // Otherwise a panic goes to stderr, which a daemon does not have.
        panic::set_hook(Box::new(|panic| error!("{panic}")));
        let Some(file) = self.file else { return Ok(None) };
        let colour = file.is_terminal() && env::var_os("NO_COLOR").is_none();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(self.level)
            .with_target(false)
            .with_ansi(colour)
            // It would say so with eprintln!, which panics if stderr is what broke.
            .log_internal_errors(false);
        if has_reader(&file) {
            let (writer, guard) = hand_over(file)?;
            subscriber.with_writer(writer).init();
            return Ok(Some(guard));
        }
        let path = self.path.unwrap_or_default();
        let file = RwLock::new(LineFile::new(file));
        let log = LOG.get_or_init(|| LogFile { path, file });
        subscriber.with_writer(move || log).init();
        Ok(None)
    }
}
