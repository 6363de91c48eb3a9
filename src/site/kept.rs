//! Small files that are kept in memory for a while, with all there is to say of them.

use std::sync::Arc;
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
    fresh: Duration,
}

#[derive(Debug, Clone)]
struct KeptFile {
    found: Found,
    since: Instant,
}

/// What a file weighs.
#[derive(Debug, Clone)]
struct Weigh;

impl Weighter<String, KeptFile> for Weigh {
    fn weight(&self, key: &String, entry: &KeptFile) -> u64 {
        let bytes = match &entry.found {
            Found::File(_, file) => file.bytes.length().unwrap_or_default(),
            _ => 0,
        };
        bytes + key.len() as u64 + OVERHEAD
    }
}

impl Kept {
    /// Keeps files that take up to `most` bytes, each for as long as `fresh`.
    pub fn new(fresh: Duration, most: u64) -> Kept {
        let files = (most / (OVERHEAD * 4)) as usize;
        let files = Cache::with_weighter(files, most, Weigh);
        Kept { files, fresh }
    }

    /// Looks for what `path` asks for, as [`Root::find`] does, unless it was looked for
    /// not long ago.
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
            return Ok(found);
        }
        let since = Instant::now();
        let found = root.find(path, headers, wait)?;
        let Found::File(name, file) = &found else { return Ok(found) };
        let Some(file) = read(file, wait) else { return Ok(found) };
        let found = Found::File(name.clone(), Arc::new(file));
        self.files.insert(key, KeptFile { found: found.clone(), since });
        Ok(found)
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
    (validators(&metadata) == read.validators).then_some(read)
}
