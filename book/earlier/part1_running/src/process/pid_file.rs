use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};

/// Why a pid file is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum PidFileError {
    /// It is held by a server that is alive.
    #[error("already running with pid {pid} (it holds {path})")]
    Running {
        /// What the file says.
        pid: u32,
        /// Where the file is.
        path: String,
    },
    /// It can't be opened, locked or written.
    #[error("cannot use the pid file {path}: {error}")]
    Unusable {
        /// Where the file is, or would be.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl PidFile {
    /// Takes the file, a stale one too, without writing to it yet: a fork may be
    /// still to come, and it hands the lock on.
    ///
    /// # Errors
    /// If a server that is alive has it, or the system does not let us have it.
    pub fn claim(path: &Path) -> Result<PidFile, PidFileError> {
        // The daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(path).map_err(|e| unusable(path, e))?;
        let file = open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(PidFile { path, file }),
            Err(TryLockError::Error(e)) => Err(unusable(&path, e)),
            Err(TryLockError::WouldBlock) => {
                let pid = read_pid(&file, &path)?;
                let path = path.display().to_string();
                Err(PidFileError::Running { pid, path })
            }
        }
    }
}

fn open(path: &Path) -> Result<File, PidFileError> {
    let mut options = File::options();
    let options = options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|e| unusable(path, e))
}

/// The pid in a file.
fn read_pid(mut file: &File, path: &Path) -> Result<u32, PidFileError> {
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|e| unusable(path, e))?;
    let pid = text.trim_ascii_end().parse().map_err(io::Error::other);
    pid.map_err(|e| unusable(path, e))
}
