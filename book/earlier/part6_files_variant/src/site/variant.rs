use std::time::{Duration, UNIX_EPOCH};

use super::opening::Opened;
use crate::message::FieldValue;
use crate::resource::negotiate::Coding;

/// A file in one of its forms. Whether it `varies` is whether there are others.
pub fn choose(name: &str, form: Form, varies: Varies) -> Representation {
    let (coding, (file, metadata)) = form;
    let bytes = Piece::File(Arc::new(file), 0..metadata.len());
    let validators = validators(&metadata, coding);
    Representation::new(media_type(name), coding, varies, validators, bytes)
}

/// What tells one state of a file from another: when it was changed last, to the
/// nanosecond, its length, and its coding.
fn validators(metadata: &Metadata, coding: Option<Coding>) -> Validators {
    let (seconds, nanos) = (metadata.mtime(), metadata.mtime_nsec());
    let modified = UNIX_EPOCH + Duration::from_secs(seconds.max(0) as u64);
    let coding = coding.map_or("", Coding::extension);
    Validators {
        etag: format!("{seconds:x}.{nanos:x}-{:x}{coding}", metadata.len()),
        last_modified: Some(modified),
    }
}
