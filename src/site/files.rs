//! A tree of files, and how what is asked for is found in it.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{self, Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, MetadataExt as _, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::listing::{self, Entry};
use super::own_files::OwnFiles;
use super::resolve::{is_hidden, resolve};
use crate::message::{FieldValue, Headers, Path};
use crate::resource::conditional::Validators;
use crate::resource::content::Piece;
use crate::resource::negotiate::{self, Coding};
use crate::resource::representation::Representation;

/// For how long the folder that has the root's name is taken to be the same.
const FRESH: Duration = Duration::from_secs(1);

/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The folder of that name, and when it was looked up.
    folder: Mutex<(Arc<Dir>, Instant)>,
    rules: Rules,
}

/// How a tree of files is served.
#[derive(Debug)]
pub struct Rules {
    /// What is to be seen of a folder without an index.
    pub folders: Folders,
    /// The name of the file that a folder shows.
    pub index: String,
    /// The file that is served where there is none, from the root.
    pub fallback: Option<String>,
    /// Files of the server's own.
    pub own: Arc<OwnFiles>,
}

/// What is to be seen of a folder without an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Folders {
    /// Nothing.
    #[default]
    Hidden,
    /// What is in it.
    Listed,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            folders: Folders::Hidden,
            index: "index.html".to_owned(),
            fallback: None,
            own: Arc::default(),
        }
    }
}

/// What is there.
#[derive(Debug)]
pub enum Found {
    /// A file.
    File(Box<Representation>),
    /// Something that goes by another path: a folder by one that ends in a slash, which
    /// relative links in it need; anything by one without dot segments and empty ones.
    Moved(String),
    /// A folder without an index, as a page in HTML.
    Listing(String),
}

/// Why there is nothing to send.
#[derive(Debug)]
pub enum NotServed {
    /// There is nothing of that name that we would serve.
    NotFound,
    /// There is, and the system does not let us have it; or a link leads outside.
    Forbidden,
    /// There is, and not in any coding that the client takes.
    NotAcceptable,
    /// The system can't give us what it takes, descriptors for one.
    Io(io::Error),
}

impl From<io::Error> for NotServed {
    fn from(error: io::Error) -> NotServed {
        match Errno::from_io_error(&error) {
            _ if error.kind() == ErrorKind::PermissionDenied => {
                NotServed::Forbidden
            }
            // NXIO: a socket, or a device that is not there.
            Some(
                Errno::NOENT
                | Errno::NOTDIR
                | Errno::NAMETOOLONG
                | Errno::LOOP
                | Errno::NXIO
                | Errno::INVAL,
            ) => NotServed::NotFound,
            _ => NotServed::Io(error),
        }
    }
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(folder: &FilePath, rules: Rules) -> io::Result<Root> {
        // A daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(folder)?;
        let folder = Dir::open_ambient_dir(&path, ambient_authority())?;
        let folder = Mutex::new((Arc::new(folder), Instant::now()));
        Ok(Root { path, folder, rules })
    }

    /// The folder that has the root's name, looked up anew once in a while: somebody
    /// may have put another in its place. Until there is one, the old one is kept.
    fn folder(&self) -> Arc<Dir> {
        let mut held = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if held.1.elapsed() > FRESH {
            held.1 = Instant::now();
            if let Ok(dir) = Dir::open_ambient_dir(&self.path, ambient_authority())
            {
                held.0 = Arc::new(dir);
            }
        }
        held.0.clone()
    }

    /// Looks for what `path` asks for. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(&self, path: &Path, headers: &Headers) -> Result<Found, NotServed> {
        let (path, query) = path.split();
        let moved = |to: &str| {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            Ok(Found::Moved(format!("{to}{query}")))
        };
        let (canonical, name) = resolve(path).ok_or(NotServed::NotFound)?;
        if canonical != path {
            return moved(&canonical);
        }
        let folder = self.folder();
        let opened = self.open_file(&folder, &name);
        let is_folder =
            opened.as_ref().is_ok_and(|(_, metadata)| metadata.is_dir());
        match (is_folder, path.ends_with('/')) {
            (false, false) => self.file(&folder, &name, opened, headers),
            (false, true) => Err(opened.err().unwrap_or(NotServed::NotFound)),
            (true, false) => moved(&format!("{path}/")),
            (true, true) => {
                let index = format!("{name}/{}", self.rules.index);
                let opened = self.open_file(&folder, &index);
                match self.file(&folder, &index, opened, headers) {
                    Err(NotServed::NotFound)
                        if self.rules.folders == Folders::Listed =>
                    {
                        let entries = self.entries(&folder, &name)?;
                        Ok(Found::Listing(listing::page(path, query, entries)))
                    }
                    found => found,
                }
            }
        }
    }

    /// What is served where there is nothing, for sites that are one page.
    pub fn fallback(&self, headers: &Headers) -> Option<Box<Representation>> {
        self.named(self.rules.fallback.as_deref()?, headers)
    }

    /// What the site has to say where there is nothing.
    pub fn error_page(&self) -> Option<Box<Representation>> {
        let page = self.named("404.html", &Headers::default());
        page.filter(|page| page.coding.is_none())
    }

    fn named(&self, name: &str, headers: &Headers) -> Option<Box<Representation>> {
        let folder = self.folder();
        let opened = self.open_file(&folder, name);
        match self.file(&folder, name, opened, headers) {
            Ok(Found::File(file)) => Some(file),
            _ => None,
        }
    }

    /// Opens a file, or whatever else it is: a FIFO without waiting for its writer.
    fn open_file(
        &self,
        folder: &Dir,
        name: &str,
    ) -> Result<(File, Metadata), NotServed> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits() as i32);
        let file = folder.open_with(name, &options)?.into_std();
        let metadata = file.metadata()?;
        match self.rules.own.contain(metadata.dev(), metadata.ino()) {
            true => Err(NotServed::NotFound),
            false => Ok((file, metadata)),
        }
    }

    /// A file, or one of the same name with a coding's extension that is there beside
    /// it, or in its place: the one that the client would rather have, of those that
    /// can be opened.
    fn file(
        &self,
        folder: &Dir,
        name: &str,
        plain: Result<(File, Metadata), NotServed>,
        headers: &Headers,
    ) -> Result<Found, NotServed> {
        let coded = |coding: Coding| format!("{name}{}", coding.extension());
        let is_there = |coding: &Coding| {
            let metadata = folder.metadata(coded(*coding));
            metadata.is_ok_and(|metadata| metadata.is_file())
        };
        let mut available: Vec<Option<Coding>> =
            Coding::ALL.into_iter().filter(is_there).map(Some).collect();
        let varies = !available.is_empty();
        let (mut plain, mut failure) = match plain {
            Ok(opened) if opened.1.is_file() => (Some(opened), None),
            Ok(_) => (None, Some(NotServed::NotFound)),
            Err(error) => (None, Some(error)),
        };
        if plain.is_some() {
            available.push(None);
        }
        let ranked = negotiate::rank(headers, &available);
        if ranked.is_empty() && !available.is_empty() {
            failure = Some(NotServed::NotAcceptable);
        }
        for coding in ranked {
            let opened = match coding {
                None => plain.take().ok_or(NotServed::NotFound),
                Some(coding) => self.open_file(folder, &coded(coding)),
            };
            match opened {
                Ok((file, metadata)) if metadata.is_file() => {
                    return Ok(Found::File(Box::new(Representation {
                        media_type: media_type(name),
                        coding,
                        varies,
                        validators: validators(&metadata),
                        bytes: Piece::File(Arc::new(file), 0..metadata.len()),
                    })));
                }
                Ok(_) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or(NotServed::NotFound))
    }

    /// What a folder holds that can be asked for.
    fn entries(&self, root: &Dir, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        // What leads outside, or is gone by now, is not there.
        for entry in root.read_dir(folder)?.flatten() {
            let name = entry.file_name();
            let path = FilePath::new(folder).join(&name);
            let Ok(metadata) = root.metadata(path) else { continue };
            let is_served = (metadata.is_file() || metadata.is_dir())
                && !self.rules.own.contain(metadata.dev(), metadata.ino());
            if is_served && name.to_str().is_some_and(|name| !is_hidden(name)) {
                let modified = metadata.modified().map(|time| time.into_std());
                entries.push(Entry {
                    name,
                    is_folder: metadata.is_dir(),
                    length: metadata.len(),
                    modified: modified.unwrap_or(UNIX_EPOCH),
                });
            }
        }
        Ok(entries)
    }
}

/// Content-Type, by the file's extension. What is text is taken to be UTF-8.
fn media_type(name: &str) -> FieldValue {
    match mime_guess::from_path(name).first_raw() {
        None => FieldValue::OCTET_STREAM,
        Some(text) if text.starts_with("text/") => {
            let text = format!("{text}; charset=utf-8");
            FieldValue::parse(text.as_bytes())
                .expect("it holds no control character")
        }
        Some(other) => FieldValue::from_static(other),
    }
}

/// What tells one state of a file from another, and is the same on each machine that
/// has a copy of it: when it was changed last, to the nanosecond, and its length. The
/// entity tag is strong as far as nobody sets a file's time back. A date that is yet to
/// come counts as now (RFC 9110 section 8.8.2.1). A time of 0 is what archives write
/// that know none: no date then, and the entity tag tells when the inode changed, on
/// this machine alone.
fn validators(metadata: &Metadata) -> Validators {
    let now = SystemTime::now();
    let is_known = metadata.mtime() > 0;
    let (seconds, nanos) = match is_known {
        true => (metadata.mtime(), metadata.mtime_nsec()),
        false => (metadata.ctime(), metadata.ctime_nsec()),
    };
    let modified = UNIX_EPOCH + Duration::from_secs(seconds.max(0) as u64);
    let second = |time: SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        UNIX_EPOCH + Duration::from_secs(since.as_secs())
    };
    Validators {
        etag: format!("{seconds:x}.{nanos:x}-{:x}", metadata.len()),
        last_modified: is_known.then(|| second(modified.min(now))),
    }
}
