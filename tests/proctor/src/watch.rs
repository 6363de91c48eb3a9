//! Waiting until a file of the server's is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const OFTEN: Duration = Duration::from_millis(300);
/// The most files that are looked at.
const MOST: usize = 10_000;
/// Folders that hold nothing that anyone writes by hand.
const MADE: [&str; 5] = ["target", "node_modules", "__pycache__", "dist", "build"];

/// Files, and when each was changed last.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    folder: PathBuf,
    named: Vec<PathBuf>,
    times: BTreeMap<PathBuf, Option<SystemTime>>,
    ignored: BTreeSet<PathBuf>,
}

impl Files {
    /// Those that a command names, and those below the current folder, hidden ones and
    /// those that are made by machines aside.
    pub fn of(command: &[String]) -> Files {
        Files::in_folder(Path::new("."), command)
    }

    /// The same, for another folder.
    pub fn in_folder(folder: &Path, command: &[String]) -> Files {
        let named = command.iter().map(|word| folder.join(word));
        let named: Vec<PathBuf> = named.filter(|path| path.is_file()).collect();
        let mut files = Files {
            folder: folder.to_owned(),
            named,
            times: BTreeMap::new(),
            ignored: BTreeSet::new(),
        };
        files.times = files.look();
        files
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.times.len()
    }

    fn look(&self) -> BTreeMap<PathBuf, Option<SystemTime>> {
        let mut times = BTreeMap::new();
        let time =
            |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
        for path in &self.named {
            times.insert(path.clone(), time(path));
        }
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let Ok(kind) = entry.file_type() else { continue };
                if name.starts_with('.') || times.len() >= MOST {
                    continue;
                }
                if kind.is_dir() && !MADE.contains(&&*name) {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    times.insert(entry.path(), time(&entry.path()));
                }
            }
        }
        times
    }

    /// Those that have been changed, made or removed.
    pub fn changed(&self) -> BTreeSet<PathBuf> {
        let now = self.look();
        let paths = now.keys().chain(self.times.keys());
        let changed = paths.filter(|&path| now.get(path) != self.times.get(path));
        changed.filter(|&path| !self.ignored.contains(path)).cloned().collect()
    }

    /// Looks no more at some of them.
    pub fn ignore(&mut self, paths: BTreeSet<PathBuf>) {
        self.ignored = paths;
    }

    /// Waits until one is changed, made or removed.
    pub fn wait_for_change(&self) {
        while self.changed().is_empty() {
            sleep(OFTEN);
        }
    }
}
