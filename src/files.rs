//! A tree of files, and how what is asked for is found in it.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use percent_encoding::percent_decode_str;
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::conditional::Validators;
use crate::content::Piece;
use crate::listing::{self, Entry};
use crate::message::{FieldValue, Headers, Path};
use crate::negotiate::{self, Choice, Coding};
use crate::representation::Representation;

/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    folder: Dir,
    listing: bool,
}

/// What is there.
#[derive(Debug)]
pub enum Found {
    /// A file.
    File(Box<Representation>),
    /// A folder, asked for without the slash that relative links in it need.
    Folder,
    /// A folder without an index, as a page in HTML.
    Listing(String),
}

/// Why there is nothing to send.
#[derive(Debug)]
pub enum Missing {
    /// There is nothing of that name that we would serve.
    Nothing,
    /// There is, and the system does not let us have it; or a link leads outside.
    Forbidden,
    /// There is, and not in any coding that the client takes.
    NotAcceptable,
    /// The system can't give us what it takes, descriptors for one.
    Failed(io::Error),
}

impl From<io::Error> for Missing {
    fn from(error: io::Error) -> Missing {
        match Errno::from_io_error(&error) {
            _ if error.kind() == ErrorKind::PermissionDenied => Missing::Forbidden,
            // NXIO: a socket, or a device that is not there.
            Some(
                Errno::NOENT
                | Errno::NOTDIR
                | Errno::NAMETOOLONG
                | Errno::LOOP
                | Errno::NXIO
                | Errno::INVAL,
            ) => Missing::Nothing,
            _ => Missing::Failed(error),
        }
    }
}

impl Root {
    /// Opens a folder. It is the one that has the name now, whatever the name comes
    /// to mean. With `listing`, folders without an index are shown.
    pub fn open(folder: &FilePath, listing: bool) -> io::Result<Root> {
        let folder = Dir::open_ambient_dir(folder, ambient_authority())?;
        Ok(Root { folder, listing })
    }

    /// Looks for what `path` asks for. `headers` say in which codings it may be.
    pub fn find(&self, path: &Path, headers: &Headers) -> Result<Found, Missing> {
        let (path, query) = path.split();
        let name = file_name(path).ok_or(Missing::Nothing)?;
        let wants_folder = path.ends_with('/');
        let (file, metadata) = self.open_file(&name)?;
        if metadata.is_file() && !wants_folder {
            return self.file(&name, (file, metadata), headers);
        }
        match (metadata.is_dir(), wants_folder) {
            (false, _) => Err(Missing::Nothing),
            (true, false) => Ok(Found::Folder),
            (true, true) => {
                let index = format!("{name}/index.html");
                match self.open_file(&index) {
                    Ok(opened) if opened.1.is_file() => {
                        self.file(&index, opened, headers)
                    }
                    Err(Missing::Nothing) | Ok(_) if self.listing => {
                        let entries = self.entries(&name)?;
                        Ok(Found::Listing(listing::page(path, query, entries)))
                    }
                    Err(missing) => Err(missing),
                    Ok(_) => Err(Missing::Nothing),
                }
            }
        }
    }

    /// Opens a file, or whatever else it is: a FIFO without waiting for its writer.
    fn open_file(&self, name: &str) -> Result<(File, Metadata), Missing> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits() as i32);
        let file = self.folder.open_with(name, &options)?.into_std();
        let metadata = file.metadata()?;
        Ok((file, metadata))
    }

    /// A file, or one of the same name with a coding's extension that is there beside
    /// it, whichever the client would rather have.
    fn file(
        &self,
        name: &str,
        plain: (File, Metadata),
        headers: &Headers,
    ) -> Result<Found, Missing> {
        let coded = |coding: Coding| format!("{name}{}", coding.extension());
        let mut available = Vec::new();
        for coding in Coding::ALL {
            let metadata = self.folder.metadata(coded(coding));
            if metadata.is_ok_and(|metadata| metadata.is_file()) {
                available.push(coding);
            }
        }
        let (coding, (file, metadata)) =
            match negotiate::choose(headers, &available) {
                Choice::Identity => (None, plain),
                Choice::Coded(coding) => {
                    (Some(coding), self.open_file(&coded(coding))?)
                }
                Choice::Neither => return Err(Missing::NotAcceptable),
            };
        let varies = !available.is_empty();
        let validators = validators(&metadata);
        let bytes = Piece::File(Arc::new(file), 0..metadata.len());
        let media_type = media_type(name);
        let file =
            Representation::new(media_type, coding, varies, validators, bytes);
        Ok(Found::File(Box::new(file)))
    }

    /// What a folder holds that can be asked for.
    fn entries(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in self.folder.read_dir(folder)? {
            let name = entry?.file_name();
            // What leads outside, or is gone by now, is not there.
            let Ok(metadata) =
                self.folder.metadata(FilePath::new(folder).join(&name))
            else {
                continue;
            };
            let is_served = metadata.is_file() || metadata.is_dir();
            if is_served && name.to_str().is_some_and(|name| !is_hidden(name)) {
                entries.push(Entry {
                    name,
                    is_folder: metadata.is_dir(),
                    length: metadata.len(),
                    modified: metadata.modified()?.into_std(),
                });
            }
        }
        Ok(entries)
    }
}

/// The name of a file, from the root: percent-encoded bytes are decoded, once, in
/// each segment for itself, so that an encoded slash divides nothing. None for what
/// no file is called that we would serve: two slashes in a row, bytes that are no
/// text, NUL, and hidden names, `.` and `..` among them.
fn file_name(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(".".to_owned());
    }
    let segment = |segment| {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        let is_name = !name.is_empty() && !name.contains(['/', '\0']);
        (is_name && !is_hidden(&name)).then_some(name)
    };
    let names: Option<Vec<_>> = path.split('/').map(segment).collect();
    Some(names?.join("/"))
}

/// Names that begin with a dot are nobody's business, but for the one that is meant
/// for everyone (RFC 8615). Nor are private keys, by the names that we and mkcert give
/// them: whoever serves the folder that they work in has some lying about.
fn is_hidden(name: &str) -> bool {
    (name.starts_with('.') && name != ".well-known") || name.ends_with("key.pem")
}

/// Content-Type, by the file's extension. What is text is taken to be UTF-8.
fn media_type(name: &str) -> FieldValue {
    const BYTES: &str = "application/octet-stream";
    match mime_guess::from_path(name).first_raw().unwrap_or(BYTES) {
        text if text.starts_with("text/") => {
            let text = format!("{text}; charset=utf-8");
            FieldValue::parse(text.as_bytes())
                .expect("it holds no control character")
        }
        other => FieldValue::from_static(other),
    }
}

/// What tells one state of a file from another. The entity tag is strong as far as
/// the kernel's clock is: it says when the inode changed last, which nobody can set,
/// and which file it is. A date that is yet to come counts as now (RFC 9110 section
/// 8.8.2.1).
fn validators(metadata: &Metadata) -> Validators {
    let now = SystemTime::now();
    let (seconds, nanos) = (metadata.ctime(), metadata.ctime_nsec());
    let (inode, length) = (metadata.ino(), metadata.len());
    let modified = metadata.modified().unwrap_or(now).min(now);
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Validators {
        etag: format!("{seconds:x}.{nanos:x}-{inode:x}-{length:x}"),
        last_modified: UNIX_EPOCH + Duration::from_secs(since.as_secs()),
    }
}
