use std::fs::{self, File};
use std::io::{self, Write};
use std::process;

impl PidFile {
    /// Takes the file, a stale one too, without writing to it yet: a fork may be
    /// still to come, and it hands the lock on.
    ///
    /// # Errors
    /// If a server that is alive has it, or the system does not let us have it.
    pub fn claim(path: &Path) -> io::Result<PidFile> {
        // The daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(path)?;
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path)?;
        file.try_lock()?;
        Ok(PidFile { path, file })
    }

    /// Writes this process's pid.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        writeln!(self.file, "{}", process::id())
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
