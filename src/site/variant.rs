//! Of the forms in which a file is there, the one that a client would rather have.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::own_files::OwnFiles;
use crate::message::{FieldValue, Headers};
use crate::resource::conditional::Validators;
use crate::resource::content::Piece;
use crate::resource::negotiate::{self, Coding};
use crate::resource::representation::{Representation, Varies};

/// A file, or whatever else it is, and what the system says of it.
pub type Opened = (File, Metadata);

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

/// Opens a file, or whatever else it is: a FIFO without waiting for its writer.
///
/// # Errors
/// If it is not there, or not to be had, or one of the server's `own`.
pub fn open(folder: &Dir, name: &str, own: &OwnFiles) -> Result<Opened, NotServed> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits() as i32);
    let file = folder.open_with(name, &options)?.into_std();
    let metadata = file.metadata()?;
    match own.contain(&metadata) {
        true => Err(NotServed::NotFound),
        false => Ok((file, metadata)),
    }
}

/// A file, or one of the same name with a coding's extension, beside it or in its
/// place: the one that the client would rather have, of those that can be opened.
///
/// # Errors
/// If there is none.
pub fn choose(
    folder: &Dir,
    name: &str,
    plain: Result<Opened, NotServed>,
    headers: &Headers,
    own: &OwnFiles,
) -> Result<Representation, NotServed> {
    let mut available = siblings(folder, name);
    let varies = match available.is_empty() {
        true => Varies::Not,
        false => Varies::ByCoding,
    };
    let (mut plain, failure) = match plain {
        Ok(opened) if opened.1.is_file() => (Some(opened), NotServed::NotFound),
        Ok(_) => (None, NotServed::NotFound),
        Err(error) => (None, error),
    };
    if plain.is_some() {
        available.push(None);
    }
    let ranked = negotiate::rank(headers, &available);
    if ranked.is_empty() && !available.is_empty() {
        return Err(NotServed::NotAcceptable);
    }
    for coding in ranked {
        let opened = match coding {
            None => plain.take(),
            Some(coding) => open(folder, &coded(name, coding), own).ok(),
        };
        if let Some((file, metadata)) = opened.filter(|opened| opened.1.is_file()) {
            let (media_type, validators) =
                (media_type(name), validators(&metadata));
            let bytes = Piece::File(Arc::new(file), 0..metadata.len());
            return Ok(Representation::new(
                media_type, coding, varies, validators, bytes,
            ));
        }
    }
    Err(failure)
}

/// The codings in which a file seems to be there.
fn siblings(folder: &Dir, name: &str) -> Vec<Option<Coding>> {
    let is_there = |coding: &Coding| {
        let metadata = folder.metadata(coded(name, *coding));
        metadata.is_ok_and(|metadata| metadata.is_file())
    };
    Coding::ALL.into_iter().filter(is_there).map(Some).collect()
}

fn coded(name: &str, coding: Coding) -> String {
    format!("{name}{}", coding.extension())
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
/// entity tag is strong as far as nobody sets a file's time back. A date that is yet
/// to come counts as now (RFC 9110 section 8.8.2.1). A time of 0 is what archives
/// write that know none: no date then, and the entity tag tells when the inode
/// changed, on this machine alone.
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
