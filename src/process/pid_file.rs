//! A file that names the process that serves.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{self, Path, PathBuf};
use std::time::{Duration, Instant};
use std::{process, thread};

use rustix::fs::OFlags;

/// The longest pid, its newline, and one byte more to tell that there is more.
const PID_BYTES: u64 = 12;

/// How long a server may take between locking its file and writing to it.
const WRITE_DEADLINE: Duration = Duration::from_secs(1);

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
    /// Something stands at the path that a server did not write.
    #[error("{0} is not a pid file: it is left as it is")]
    Foreign(String),
    /// It can't be opened, locked or written.
    #[error("cannot use the pid file {path}: {error}")]
    Unusable {
        /// Where the file is, or would be.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

/// A pid file that is ours until it is dropped. The lock on it, which ends with the
/// process however that ends, tells a live server from a dead one's leavings.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    file: File,
}

impl PidFile {
    /// Takes the file, a stale one too, without writing to it yet: a fork may be
    /// still to come, and it hands the lock on.
    ///
    /// # Errors
    /// If a server that is alive has it, or something else is there, or the system
    /// does not let us have it.
    pub fn claim(path: &Path) -> Result<PidFile, PidFileError> {
        // The daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(path).map_err(|e| unusable(path, e))?;
        let patience = Instant::now() + WRITE_DEADLINE;
        loop {
            let file = open(&path)?;
            let pid = read_pid(&file, &path)?;
            match (file.try_lock(), pid) {
                // Its last owner may have removed it between our open and our lock.
                (Ok(()), _) if is_at(&file, &path) => {
                    return Ok(PidFile { path, file });
                }
                (Ok(()), _) => {}
                (Err(TryLockError::Error(e)), _) => return Err(unusable(&path, e)),
                (Err(TryLockError::WouldBlock), Some(pid)) => {
                    let path = path.display().to_string();
                    return Err(PidFileError::Running { pid, path });
                }
                // Taken a moment ago, and about to be written.
                (Err(TryLockError::WouldBlock), None)
                    if Instant::now() < patience =>
                {
                    thread::sleep(Duration::from_millis(1));
                }
                (Err(TryLockError::WouldBlock), None) => {
                    return Err(PidFileError::Foreign(path.display().to_string()));
                }
            }
        }
    }

    /// Writes this process's pid, for all to read.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&mut self) -> Result<(), PidFileError> {
        let mut write = || {
            // The umask has had its say by now.
            self.file.set_permissions(Permissions::from_mode(0o644))?;
            self.file.rewind()?;
            self.file.set_len(0)?;
            writeln!(self.file, "{}", process::id())
        };
        write().map_err(|e| unusable(&self.path, e))
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) && fs::remove_file(&self.path).is_err() {
            // Somebody has taken the folder from us: the file can still name nobody.
            let _ = self.file.set_len(0);
        }
    }
}

fn open(path: &Path) -> Result<File, PidFileError> {
    let open = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o644)
        // Whoever may write in the folder must not aim us at another file, nor have
        // us wait at a FIFO.
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
        .open(path);
    open.map_err(|e| unusable(path, e))
}

/// The pid in a file; none in an empty one. Anything else is no pid file.
fn read_pid(mut file: &File, path: &Path) -> Result<Option<u32>, PidFileError> {
    let foreign = || PidFileError::Foreign(path.display().to_string());
    if !file.metadata().map_err(|e| unusable(path, e))?.is_file() {
        return Err(foreign());
    }
    let mut text = Vec::new();
    let read =
        file.rewind().and_then(|()| file.take(PID_BYTES).read_to_end(&mut text));
    read.map_err(|e| unusable(path, e))?;
    match str::from_utf8(&text) {
        Ok("") => Ok(None),
        Ok(line) => line.trim_ascii_end().parse().map(Some).map_err(|_| foreign()),
        Err(_) => Err(foreign()),
    }
}

/// Whether a path leads to a file that is open.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(found)) => {
            (held.dev(), held.ino()) == (found.dev(), found.ino())
        }
        _ => false,
    }
}

fn unusable(path: &Path, error: io::Error) -> PidFileError {
    PidFileError::Unusable { path: path.display().to_string(), error }
}
