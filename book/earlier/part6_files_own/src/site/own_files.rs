/// Files that are the server's own, keys and logs: whatever they are called, and by
/// whichever link they are reached, they are not served.
#[derive(Debug, Default)]
pub struct OwnFiles {
    /// Held open, so that no other file gets the number of one that is gone.
    files: Vec<(File, FileId)>,
}

impl OwnFiles {
    /// The files at `paths`, whichever are there.
    pub fn new(paths: Vec<PathBuf>) -> OwnFiles {
        let files = paths.iter().filter_map(|path| open(path)).collect();
        OwnFiles { files }
    }

    /// Whether a file is one of them.
    pub fn contain(&self, file: &Metadata) -> bool {
        let identity = (file.dev(), file.ino());
        self.files.iter().any(|(_, known)| *known == identity)
    }
}
