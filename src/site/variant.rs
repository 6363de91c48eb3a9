//! Of the forms in which a file is there, the one that a client would rather have.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::opening::{NotServed, Opened, Opener};
use crate::message::{FieldValue, Headers};
use crate::resource::conditional::Validators;
use crate::resource::content::Piece;
use crate::resource::negotiate::{self, Coding};
use crate::resource::representation::{Representation, Varies};

/// A file, or one of the same name with a coding's extension, beside it or in its
/// place: the one that the client would rather have, of those that can be opened.
///
/// # Errors
/// If there is none.
pub fn choose(
    opener: &Opener,
    name: &str,
    plain: Result<Opened, NotServed>,
    headers: &Headers,
) -> Result<Representation, NotServed> {
    let mut forms = siblings(opener, name)?;
    let varies = match forms.is_empty() {
        true => Varies::Not,
        false => Varies::ByCoding,
    };
    match plain {
        Ok(opened) if opened.1.is_file() => forms.push((None, opened)),
        Err(NotServed::WouldWait) => return Err(NotServed::WouldWait),
        Err(error) if forms.is_empty() => return Err(error),
        _ if forms.is_empty() => return Err(NotServed::NotFound),
        _ => {}
    }
    let available: Vec<_> = forms.iter().map(|(coding, _)| *coding).collect();
    let ranked = negotiate::rank(headers, &available);
    let chosen = ranked.first().ok_or(NotServed::NotAcceptable)?;
    let chosen = forms.into_iter().find(|(coding, _)| coding == chosen);
    let (coding, opened) = chosen.expect("it is one of them");
    Ok(represent(name, coding, varies, opened))
}

/// A file as it is, whatever lies beside it.
///
/// # Errors
/// If there is none.
pub fn plain(opener: &Opener, name: &str) -> Result<Representation, NotServed> {
    let opened = opener.open(name)?;
    match opened.1.is_file() {
        true => Ok(represent(name, None, Varies::Not, opened)),
        false => Err(NotServed::NotFound),
    }
}

fn represent(
    name: &str,
    coding: Option<Coding>,
    varies: Varies,
    (file, metadata): Opened,
) -> Representation {
    let bytes = Piece::File(Arc::new(file), 0..metadata.len());
    let validators = validators(&metadata, coding);
    Representation::new(media_type(name), coding, varies, validators, bytes)
}

/// A form in which a file is there.
type Form = (Option<Coding>, Opened);

/// The codings in which a file is there, as far as they can be opened.
///
/// # Errors
/// If that can't be known without waiting.
fn siblings(opener: &Opener, name: &str) -> Result<Vec<Form>, NotServed> {
    let mut forms = Vec::new();
    for coding in Coding::ALL {
        match opener.open(&coded(name, coding)) {
            Ok(opened) if opened.1.is_file() => forms.push((Some(coding), opened)),
            Err(NotServed::WouldWait) => return Err(NotServed::WouldWait),
            _ => {}
        }
    }
    Ok(forms)
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
/// has a copy of it: when it was changed last, to the nanosecond, its length, and its
/// coding. The entity tag is strong as far as nobody sets a file's time back. A date
/// that is yet to come counts as now (RFC 9110 section 8.8.2.1). A time of 0 is what
/// archives write that know none: no date then, and the entity tag tells when the
/// inode changed, on this machine alone.
pub fn validators(metadata: &Metadata, coding: Option<Coding>) -> Validators {
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
    let coding = coding.map_or("", Coding::extension);
    Validators {
        etag: format!("{seconds:x}.{nanos:x}-{:x}{coding}", metadata.len()),
        last_modified: is_known.then(|| second(modified.min(SystemTime::now()))),
    }
}
