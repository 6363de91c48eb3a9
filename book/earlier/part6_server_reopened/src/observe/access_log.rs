/// The access log.
#[derive(Debug)]
pub struct AccessLog {
    path: PathBuf,
    sink: RwLock<Sink>,
}

/// Where lines go.
#[derive(Debug)]
enum Sink {
    File(LineFile),
}

impl AccessLog {
    /// Opens a log, to append to it: a path that is relative stays where it is now.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn open(path: &Path) -> Result<AccessLog, AccessLogError> {
        let path = match path.to_str() {
            Some("-") => path.to_owned(),
            _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        };
        let sink = RwLock::new(Sink::File(LineFile::new(open(&path)?)));
        Ok(AccessLog { path, sink })
    }

    /// Opens it again: somebody may have moved the file away. If that fails, the old
    /// one is kept; so is a standard stream, which nobody can move.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn reopen(&self) -> Result<(), AccessLogError> {
        if log::is_stream(&self.path) {
            return Ok(());
        }
        let new = Sink::to(open(&self.path)?);
        let mut sink = self.sink.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *sink, new);
        drop(sink);
        // What is still waiting to be written is waited for by nobody.
        drop(old);
        Ok(())
    }
}

impl Sink {
    /// The way to a file.
    fn to(file: File) -> Sink {
        Sink::File(LineFile::new(file))
    }

    /// Writes a line. One that can't be written is lost.
    fn write(&self, line: &str) {
        match self {
            Sink::File(file) => file.append(line.as_bytes(), |error| {
                warn!("the access log cannot be written: {error}");
            }),
        }
    }
}

impl Observer for AccessLog {
    /// Writes a line: a full disk must not stop the server.
    fn observe(&self, record: &Record) {
        let sink = self.sink.read().unwrap_or_else(PoisonError::into_inner);
        sink.write(&combined(record));
    }
}
