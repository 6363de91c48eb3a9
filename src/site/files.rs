//! A tree of files, and how what is asked for is found in it.

use std::io;
use std::path::{self, Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use cap_std::fs::{Dir, MetadataExt};

use super::listing::{self, Entry, Sort};
use super::listings::{Listings, Stamp};
use super::opening::{NotServed, Opened, Opener, Tree, Wait};
use super::own_files::OwnFiles;
use super::resolve::{is_hidden, resolve};
use super::variant;
use crate::message::{Headers, Path};
use crate::resource::representation::Representation;

/// For how long the folder that has the root's name is taken to be the same.
const FRESH: Duration = Duration::from_secs(1);

/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The folder of that name, and when it was looked up.
    folder: RwLock<Arc<Tree>>,
    looked_up: Mutex<Instant>,
    rules: Rules,
    listings: Listings,
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
#[derive(Debug, Clone)]
pub enum Found {
    /// A file, of this name.
    File(String, Arc<Representation>),
    /// Something that goes by another path: a folder by one that ends in a slash,
    /// which relative links in it need; anything by one without dot segments and
    /// empty ones.
    Moved(String),
    /// A folder without an index, as a page in HTML.
    Listing(Bytes),
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(folder: &FilePath, rules: Rules) -> io::Result<Root> {
        // A daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(folder)?;
        let folder = RwLock::new(Arc::new(Tree::open(&path)?));
        let looked_up = Mutex::new(Instant::now());
        let listings = Listings::default();
        Ok(Root { path, folder, looked_up, rules, listings })
    }

    /// The folder that has the root's name, looked up anew once in a while: somebody
    /// may have put another in its place. Until there is one, the old one is kept.
    ///
    /// # Errors
    /// If it is due to be looked up, and that must not be waited for.
    fn folder(&self, wait: Wait) -> Result<Arc<Tree>, NotServed> {
        // Whoever finds it due looks it up, and the others don't wait for that.
        let is_due = self.looked_up.try_lock().is_ok_and(|mut last| {
            let is_due = last.elapsed() > FRESH;
            if is_due && wait == Wait::ForDisk {
                *last = Instant::now();
            }
            is_due
        });
        if is_due && wait == Wait::Never {
            return Err(NotServed::WouldWait);
        }
        if is_due && let Ok(found) = Tree::open(&self.path) {
            let mut folder =
                self.folder.write().unwrap_or_else(PoisonError::into_inner);
            *folder = Arc::new(found);
        }
        Ok(self.folder.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Looks for what `path` asks for. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(
        &self,
        path: &Path,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        let (path, query) = path.split();
        let moved = |to: &str| {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            Ok(Found::Moved(format!("{to}{query}")))
        };
        let (canonical, name) = resolve(path).ok_or(NotServed::NotFound)?;
        if canonical != path {
            return moved(&canonical);
        }
        let folder = self.folder(wait)?;
        let opener = self.opener(&folder, wait);
        let opened = opener.open(&name);
        let is_folder = match &opened {
            Ok((_, metadata)) => metadata.is_dir(),
            // What may not be read may still be gone through.
            Err(NotServed::Forbidden) => {
                folder.dir.metadata(&name).is_ok_and(|metadata| metadata.is_dir())
            }
            Err(_) => false,
        };
        match (is_folder, path.ends_with('/')) {
            (false, false) => choose(&opener, &name, opened, headers),
            (false, true) => Err(opened.err().unwrap_or(NotServed::NotFound)),
            (true, false) => moved(&format!("{path}/")),
            (true, true) => {
                let index = format!("{name}/{}", self.rules.index);
                let opened = opener.open(&index);
                match choose(&opener, &index, opened, headers) {
                    Err(NotServed::NotFound)
                        if self.rules.folders == Folders::Listed =>
                    {
                        let sort = Sort::of(query);
                        self.listing(&opener, &name, path, sort).map(Found::Listing)
                    }
                    found => found,
                }
            }
        }
    }

    fn opener<'a>(&'a self, folder: &'a Tree, wait: Wait) -> Opener<'a> {
        Opener { folder, own: &self.rules.own, wait }
    }

    /// What is served where there is nothing, for sites that are one page.
    pub fn fallback(
        &self,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        let name = self.rules.fallback.as_deref().ok_or(NotServed::NotFound)?;
        let folder = self.folder(wait)?;
        let opener = self.opener(&folder, wait);
        choose(&opener, name, opener.open(name), headers)
    }

    /// What the site has to say where there is nothing.
    pub fn error_page(&self, wait: Wait) -> Result<Representation, NotServed> {
        let folder = self.folder(wait)?;
        variant::plain(&self.opener(&folder, wait), "404.html")
    }

    /// What a folder holds, as a page.
    fn listing(
        &self,
        opener: &Opener,
        folder: &str,
        path: &str,
        sort: Sort,
    ) -> Result<Bytes, NotServed> {
        if opener.wait == Wait::Never {
            return Err(NotServed::WouldWait);
        }
        let root = &opener.folder.dir;
        let it = root.metadata(folder)?;
        let stamp = Stamp([it.dev(), it.ino()], [it.ctime(), it.ctime_nsec()]);
        Ok(self.listings.get(path, sort, stamp, || {
            Ok(listing::page(path, sort, self.entries(root, folder)?))
        })?)
    }

    /// What a folder holds that can be asked for.
    fn entries(&self, root: &Dir, folder: &str) -> io::Result<Vec<Entry>> {
        let own = &self.rules.own;
        own.look_again();
        let mut entries = Vec::new();
        // What leads outside, or is gone by now, is not there.
        for entry in root.read_dir(folder)?.flatten() {
            let name = entry.file_name();
            let path = FilePath::new(folder).join(&name);
            let Ok(metadata) = root.metadata(path) else { continue };
            let is_served = metadata.is_dir()
                || metadata.is_file()
                    && !own.contained(metadata.dev(), metadata.ino());
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

fn choose(
    opener: &Opener,
    name: &str,
    plain: Result<Opened, NotServed>,
    headers: &Headers,
) -> Result<Found, NotServed> {
    let file = variant::choose(opener, name, plain, headers)?;
    Ok(Found::File(name.to_owned(), Arc::new(file)))
}
