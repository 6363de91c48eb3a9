//! Files that are not for anybody to have.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

/// Files that are the server's own, keys and logs: whatever they are called, and by
/// whichever link they are reached, they are not served.
#[derive(Debug, Default)]
pub struct OwnFiles {
    paths: Vec<PathBuf>,
    /// Devices and inodes. What was once a log is not served either.
    ids: RwLock<HashSet<(u64, u64)>>,
}

impl OwnFiles {
    /// The files at `paths`, those that are there by now.
    pub fn new(paths: Vec<PathBuf>) -> OwnFiles {
        let own = OwnFiles { paths, ids: RwLock::default() };
        own.look_again();
        own
    }

    /// Takes note of what is at the paths now.
    pub fn look_again(&self) {
        let found = self.paths.iter().filter_map(|path| path.metadata().ok());
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        ids.extend(found.map(|metadata| (metadata.dev(), metadata.ino())));
    }

    /// Whether one of them is on `device` as `inode`.
    pub fn contain(&self, device: u64, inode: u64) -> bool {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        ids.contains(&(device, inode))
    }
}
