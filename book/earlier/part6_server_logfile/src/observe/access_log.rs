use std::io;

use super::log;

/// The access log.
#[derive(Debug)]
pub struct AccessLog {
    path: PathBuf,
    file: LineFile,
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
        let file = LineFile::new(open(&path)?);
        Ok(AccessLog { path, file })
    }
}

impl Observer for AccessLog {
    /// Writes a line: a full disk must not stop the server.
    fn observe(&self, record: &Record) {
        self.file.append(combined(record).as_bytes(), |error| {
            warn!("the access log cannot be written: {error}");
        });
    }
}
