//! Files that are not for anybody to have.

use std::fs::{File, Metadata};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;

/// For how long what is at the paths is taken to be the same.
const FRESH: Duration = Duration::from_secs(1);
/// A file that changed within so many seconds may have been put at one of the paths since
/// we looked: as coarse as some file systems' clocks are.
const LATELY: i64 = 3;

/// Files that are the server's own, keys and logs: whatever they are called, and by
/// whichever link they are reached, they are not served.
#[derive(Debug, Default)]
pub struct OwnFiles {
    paths: Vec<PathBuf>,
    known: RwLock<Known>,
}

/// What is and what was at the paths: what was once a log is not served either.
#[derive(Debug, Default)]
struct Known {
    /// Held open, so that no other file gets the number of one that is gone.
    files: Vec<(File, FileId)>,
    looked: Option<Instant>,
}

/// By which a file is known: its device and its inode.
type FileId = (u64, u64);

impl OwnFiles {
    /// The files at `paths`, whichever are there.
    pub fn new(paths: Vec<PathBuf>) -> OwnFiles {
        let own = OwnFiles { paths, known: RwLock::default() };
        own.look_again();
        own
    }

    /// Takes note of what is at the paths now.
    pub fn look_again(&self) {
        self.known().look(&self.paths);
    }

    /// Whether a file is one of them.
    pub fn contain(&self, file: &Metadata) -> bool {
        let mut known = self.known();
        if self.is_due(&known, file) {
            known.look(&self.paths);
        }
        known.contain((file.dev(), file.ino()))
    }

    /// Whether a file is one of them, if that can be said without looking at the paths.
    pub fn contain_at_once(&self, file: &Metadata) -> Option<bool> {
        // Somebody may be looking, and wait for a disk.
        let known = self.known.try_read().ok()?;
        let is_known = known.contain((file.dev(), file.ino()));
        (!self.is_due(&known, file)).then_some(is_known)
    }

    /// Whether the file on `device` as `inode` was one of them when they were last
    /// looked at.
    pub fn contained(&self, device: u64, inode: u64) -> bool {
        self.known().contain((device, inode))
    }

    /// Whether the paths have to be looked at before a file can be told from them.
    fn is_due(&self, known: &Known, file: &Metadata) -> bool {
        let is_fresh = known.looked.is_some_and(|then| then.elapsed() < FRESH);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let is_new = file.ctime() + LATELY >= now.as_secs() as i64;
        !self.paths.is_empty() && (!is_fresh || is_new)
    }

    fn known(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn contain(&self, identity: FileId) -> bool {
        self.files.iter().any(|(_, known)| *known == identity)
    }

    fn look(&mut self, paths: &[PathBuf]) {
        self.looked = Some(Instant::now());
        let is_there = |file: &File| file.metadata().is_ok_and(|it| it.nlink() > 0);
        self.files.retain(|(file, _)| is_there(file));
        for (file, identity) in paths.iter().filter_map(|path| open(path)) {
            if self.files.iter().all(|(_, known)| *known != identity) {
                self.files.push((file, identity));
            }
        }
    }
}

fn open(path: &Path) -> Option<(File, FileId)> {
    let mut options = File::options();
    // A FIFO's other end is not waited for.
    options.read(true).custom_flags(OFlags::NONBLOCK.bits() as i32);
    let file = options.open(path).ok()?;
    let metadata = file.metadata().ok()?;
    Some((file, (metadata.dev(), metadata.ino())))
}
