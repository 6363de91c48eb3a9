//! A process that does no more than it needs to, and is held to that.

use std::fs::File;
use std::io;
use std::path::{self, Path, PathBuf};

use crate::observe::log::is_stream;

/// The files that a process needs while it serves, wherever it is by then.
#[derive(Debug, Default)]
pub struct Needs {
    pub(super) trees: Vec<PathBuf>,
    pub(super) read: Vec<PathBuf>,
    pub(super) written: Vec<PathBuf>,
    pub(super) removed: Vec<PathBuf>,
}

impl Needs {
    /// A folder is read, with all that is in it.
    pub fn tree(&mut self, path: &Path) {
        self.trees.push(absolute(path));
    }

    /// A file is read.
    pub fn file(&mut self, path: &Path) {
        self.read.push(absolute(path));
    }

    /// A log is opened, and made.
    pub fn log(&mut self, path: &Path) {
        if !is_stream(path) {
            self.written.push(absolute(path));
        }
    }

    /// A file is removed.
    pub fn removal(&mut self, path: &Path) {
        self.removed.push(absolute(path));
    }
}

fn absolute(path: &Path) -> PathBuf {
    path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A sandbox that the process is in, for good, and that it keeps.
#[derive(Debug)]
#[must_use]
pub struct Sandbox {
    /// What can't be had of it here, in a line.
    pub lacks: Option<String>,
    /// What `/proc` says of this process may be read for as long as this is open: the
    /// kernel forgets a folder there that nobody holds, and with it what may be done.
    _itself: Option<File>,
}

impl Sandbox {
    /// Enters it. From then on files are opened for what `needs` names, and no TCP port
    /// is connected to or bound; what is open stays open. This holds for the thread that
    /// calls it and for those that it starts. Datagrams, sockets that have a path, and
    /// the modes of files are not part of it: Landlock knows none of these.
    ///
    /// # Errors
    /// If the system has sandboxes and does not let us have one.
    pub fn enter(needs: &Needs) -> io::Result<Sandbox> {
        let itself = File::open("/proc/self").ok();
        #[cfg(target_os = "linux")]
        let lacks = super::landlock::restrict(needs).map_err(io::Error::other)?;
        #[cfg(not(target_os = "linux"))]
        let lacks =
            Some(format!("there is no sandbox for {needs:?}: this is not Linux"));
        Ok(Sandbox { lacks, _itself: itself })
    }
}
