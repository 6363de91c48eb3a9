//! Whole lines, appended to a file.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many lines are lost, of all files.
static LOST: AtomicU64 = AtomicU64::new(0);

/// How many lines could not be written, or not to their ends, since the process began.
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// A file that lines are appended to.
#[derive(Debug)]
pub struct LineFile {
    file: File,
    /// Whether the last line went only half way, on a disk that was full.
    is_torn: AtomicBool,
    /// Whether the last line was lost, and that has been said.
    is_failing: AtomicBool,
}

impl LineFile {
    /// A file that is open for appending.
    pub fn new(file: File) -> LineFile {
        let (is_torn, is_failing) = <(AtomicBool, AtomicBool)>::default();
        LineFile { file, is_torn, is_failing }
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Appends a line. One that can't be written is lost, which is counted, and of
    /// several in a row the first is complained of.
    pub fn append(&self, line: &[u8], complain: impl FnOnce(io::Error)) {
        let done = self.write(line);
        let was_failing = self.is_failing.swap(done.is_err(), Ordering::Relaxed);
        if let Err(error) = done {
            LOST.fetch_add(1, Ordering::Relaxed);
            if !was_failing {
                complain(error);
            }
        }
    }

    /// Writes in one go, so that lines of several threads don't mix. A line that was
    /// written half way is not glued to the next.
    fn write(&self, line: &[u8]) -> io::Result<()> {
        let end: &[u8] = match self.is_torn.load(Ordering::Relaxed) {
            true => b"\n",
            false => b"",
        };
        let slices = [IoSlice::new(end), IoSlice::new(line)];
        let count = (&self.file).write_vectored(&slices)?;
        let is_torn = count < end.len() + line.len();
        self.is_torn.store(is_torn, Ordering::Relaxed);
        match is_torn {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }
}
