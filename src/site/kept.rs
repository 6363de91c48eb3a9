//! Small files that are kept in memory for a while, with all there is to say of them.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::files::{Found, Root};
use super::opening::{NotServed, Wait};
use super::variant::validators;
use crate::limits::time;
use crate::message::{Headers, Path};
use crate::resource::content::{self, Piece};
use crate::resource::negotiate::{self, Coding};
use crate::resource::representation::Representation;

/// The largest file that is kept, in bytes: what is larger costs more to send than to
/// find.
const LARGEST: u64 = 64 * 1024;
/// What a file takes beside its bytes and its name, about.
const OVERHEAD: u64 = 1024;
/// In how many places at most it is noted what was asked for: 8 MiB.
const MOST_PLACES: usize = 1 << 20;

/// The options that say what is kept in memory.
#[derive(Debug, clap::Args)]
pub struct KeepOptions {
    /// For how long a small file is served from memory before it is looked at again; 0s:
    /// it is looked at each time
    #[arg(
        long,
        value_name = "TIME",
        requires = "root",
        default_value = "1s",
        value_parser = time
    )]
    keep: Duration,
    /// How many MiB of files are kept in memory at most; 0: none are
    #[arg(long, value_name = "MIB", requires = "root", default_value_t = 64)]
    keep_most: u64,
}

impl KeepOptions {
    /// Where they are kept, if they are.
    pub fn kept(&self) -> Option<Kept> {
        let most = self.keep_most.saturating_mul(1024 * 1024);
        let keeps = !self.keep.is_zero() && most > 0;
        keeps.then(|| Kept::new(self.keep, most))
    }
}

/// Files that have been asked for, by path and by what the client takes.
#[derive(Debug)]
pub struct Kept {
    files: Cache<String, KeptFile, Weigh>,
    doorkeeper: Doorkeeper,
    fresh: Duration,
}

/// A file, or that there is none.
#[derive(Debug, Clone)]
struct KeptFile {
    found: Option<Found>,
    since: Instant,
}

/// Lets in what is asked for again.
#[derive(Debug)]
struct Doorkeeper {
    hasher: RandomState,
    /// The hashes of the keys, each in the place that is its own by its last digits,
    /// until another needs it.
    hashes: Box<[AtomicU64]>,
}

impl Doorkeeper {
    fn new(places: usize) -> Doorkeeper {
        let hashes = (0..places).map(|_| AtomicU64::default()).collect();
        Doorkeeper { hasher: RandomState::new(), hashes }
    }

    /// Whether this was asked for before; from now on it was.
    fn admits(&self, key: &str) -> bool {
        let hash = self.hasher.hash_one(key);
        let place = hash as usize % self.hashes.len();
        self.hashes[place].swap(hash, Ordering::Relaxed) == hash
    }
}

/// What a file weighs.
#[derive(Debug, Clone)]
struct Weigh;

impl Weighter<String, KeptFile> for Weigh {
    fn weight(&self, key: &String, entry: &KeptFile) -> u64 {
        let bytes = match &entry.found {
            Some(Found::File(_, file)) => file.bytes.length().unwrap_or_default(),
            _ => 0,
        };
        bytes + key.len() as u64 + OVERHEAD
    }
}

impl Kept {
    /// Keeps files that take up to `most` bytes, each for as long as `fresh`.
    pub fn new(fresh: Duration, most: u64) -> Kept {
        let count = (most / (OVERHEAD * 4)).max(1) as usize;
        let files = Cache::with_weighter(count, most, Weigh);
        // With four times as many places few of them are in each other's way.
        let doorkeeper = Doorkeeper::new(count.saturating_mul(4).min(MOST_PLACES));
        Kept { files, doorkeeper, fresh }
    }

    /// Looks for what `path` asks for, as [`Root::find`] does, unless it was looked for
    /// not long ago. It is kept if it is asked for again, and so is that there is nothing.
    ///
    /// # Errors
    /// As there.
    pub fn find(
        &self,
        root: &Root,
        path: &Path,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        let key = key(path, headers);
        if let Some(KeptFile { found, since }) = self.files.get(&key)
            && since.elapsed() < self.fresh
        {
            return found.ok_or(NotServed::NotFound);
        }
        let since = Instant::now();
        let found = match root.find(path, headers, wait) {
            found @ (Ok(Found::File(..)) | Err(NotServed::NotFound))
                if self.doorkeeper.admits(&key) =>
            {
                found.ok()
            }
            found => return found,
        };
        let found = match found {
            Some(Found::File(name, file)) => match read(&file, wait) {
                Some(file) => Some(Found::File(name, Arc::new(file))),
                None => return Ok(Found::File(name, file)),
            },
            found => found,
        };
        self.files.insert(key, KeptFile { found: found.clone(), since });
        found.ok_or(NotServed::NotFound)
    }
}

/// What tells apart what clients get: the path, and in which order they would have
/// which codings. A path has no space in it.
fn key(path: &Path, headers: &Headers) -> String {
    let all = Coding::ALL.map(Some);
    let ranked = negotiate::rank(headers, &[&all[..], &[None]].concat());
    let mut key = String::with_capacity(path.as_str().len() + 1 + ranked.len());
    key.push_str(path.split().0);
    key.push(' ');
    for coding in ranked {
        key.push(coding.map_or('-', |it| it.name().as_bytes()[0].into()));
    }
    key
}

/// A file with its bytes, if it is small, and was the same before they were read and
/// after.
fn read(file: &Representation, wait: Wait) -> Option<Representation> {
    let Piece::File(descriptor, range) = &file.bytes else { return None };
    if range.end - range.start > LARGEST {
        return None;
    }
    let bytes = match wait {
        Wait::Never => content::read_at_once(descriptor, range)?,
        Wait::ForDisk => content::read(descriptor, range.clone()).ok()?,
    };
    let metadata = descriptor.metadata().ok()?;
    let mut read = file.clone();
    read.bytes = Piece::Bytes(bytes);
    (validators(&metadata, file.coding) == read.validators).then_some(read)
}
