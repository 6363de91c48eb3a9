//! A file that names the process that serves.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{self, Path, PathBuf};
use std::time::Duration;
use std::{process, thread};

use rustix::fs::OFlags;

/// The longest pid, its newline, and one byte more to tell that there is more.
const PID_BYTES: u64 = 12;

/// Why a pid file is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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
    pub fn claim(path: &Path) -> Result<PidFile, Error> {
        // The daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(path).map_err(|e| Self::failed(path, e))?;
        loop {
            let mut pid_file = Self::open(path.clone())?;
            match pid_file.file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::Error(e)) => return Err(Self::failed(&path, e)),
                Err(TryLockError::WouldBlock) => match pid_file.pid()? {
                    Some(pid) => {
                        let path = path.display().to_string();
                        return Err(Error::Running { pid, path });
                    }
                    // Claimed a moment ago and not yet written.
                    None => {
                        thread::sleep(Duration::from_millis(1));
                        continue;
                    }
                },
            }
            // Its last owner may have removed it between our open and our lock.
            if pid_file.is_in_place() {
                pid_file.pid()?;
                return Ok(pid_file);
            }
        }
    }

    fn open(path: PathBuf) -> Result<PidFile, Error> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            // Whoever may write in the folder must not aim us at another file,
            // nor have us wait at a FIFO.
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
            .open(&path)
            .map_err(|e| Self::failed(&path, e))?;
        Ok(PidFile { path, file })
    }

    /// The pid in the file; none in an empty one.
    fn pid(&mut self) -> Result<Option<u32>, Error> {
        let path = &self.path;
        let foreign = || Error::Foreign(path.display().to_string());
        let failed = |e| Self::failed(path, e);
        if !self.file.metadata().map_err(failed)?.is_file() {
            return Err(foreign());
        }
        let mut text = Vec::new();
        self.file.rewind().map_err(failed)?;
        (&self.file).take(PID_BYTES).read_to_end(&mut text).map_err(failed)?;
        match str::from_utf8(&text).map(str::trim_ascii_end) {
            Ok("") if text.is_empty() => Ok(None),
            Ok(digits) => digits.parse().map(Some).map_err(|_| foreign()),
            Err(_) => Err(foreign()),
        }
    }

    /// Writes this process's pid, for all to read.
    pub fn write(&mut self) -> Result<(), Error> {
        let mut write = || {
            // The umask has had its say by now; the file is for all to read.
            self.file.set_permissions(Permissions::from_mode(0o644))?;
            self.file.rewind()?;
            self.file.set_len(0)?;
            writeln!(self.file, "{}", process::id())
        };
        write().map_err(|e| Self::failed(&self.path, e))
    }

    /// Whether the path still leads to the file that we hold.
    fn is_in_place(&self) -> bool {
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(held), Ok(found)) => {
                (held.dev(), held.ino()) == (found.dev(), found.ino())
            }
            _ => false,
        }
    }

    fn failed(path: &Path, error: io::Error) -> Error {
        Error::Unusable { path: path.display().to_string(), error }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
