use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

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
        let file = open(&path)?;
        let pid = read_pid(&file, &path)?;
        match (file.try_lock(), pid) {
            (Ok(()), _) => Ok(PidFile { path, file }),
            (Err(TryLockError::Error(e)), _) => Err(unusable(&path, e)),
            (Err(TryLockError::WouldBlock), Some(pid)) => {
                let path = path.display().to_string();
                Err(PidFileError::Running { pid, path })
            }
            (Err(TryLockError::WouldBlock), None) => {
                Err(PidFileError::Foreign(path.display().to_string()))
            }
        }
    }
}
