//! Listings, made once for all who ask for them at about the same time, and never more
//! of them than memory is meant to hold.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::listing::Sort;

/// For how long a page is good, as long as the folder says that nothing came or went:
/// what changes in a file that is there is seen no later.
const GOOD: Duration = Duration::from_secs(1);
/// And how many times as long as it took to make it, if that is longer: a folder that
/// stays as it is costs a tenth of a core, however many ask.
const WORTH: u32 = 10;
/// How many bytes of pages there may be, some of them on their way to clients who take
/// their time: as many as half a million names come to.
const MOST: usize = 64 * 1024 * 1024;

/// The folder's path, and how its page is sorted.
type Key = (String, Sort);

/// What there is of one page.
type Slot = Arc<Mutex<Option<Made>>>;

/// Pages, as far as they are still good.
#[derive(Debug, Default)]
pub struct Listings {
    slots: Mutex<HashMap<Key, Slot>>,
    /// How many bytes of pages there are, here and on their way.
    held: Arc<AtomicUsize>,
}

/// When a folder had something put in or taken out last, and which folder it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(pub [u64; 2], pub [i64; 2]);

#[derive(Debug)]
struct Made {
    page: Bytes,
    stamp: Stamp,
    good_until: Instant,
}

/// A page's text, which is counted for as long as anybody holds it.
struct Counted {
    text: String,
    held: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.held.fetch_sub(self.text.len(), Ordering::Relaxed);
    }
}

impl Listings {
    /// The page for a folder that looks like `stamp`, made by `make` unless it is there.
    /// Who comes while it is made waits for it.
    ///
    /// # Errors
    /// If it can't be made, or there are too many already that clients have not read.
    pub fn get(
        &self,
        path: &str,
        sort: Sort,
        stamp: Stamp,
        make: impl FnOnce() -> io::Result<String>,
    ) -> io::Result<Bytes> {
        let slot = self.slot(path, sort);
        let mut made = lock(&slot);
        if let Some(made) = &*made
            && made.stamp == stamp
            && Instant::now() < made.good_until
        {
            return Ok(made.page.clone());
        }
        let begun = Instant::now();
        let text = make()?;
        let good_until = Instant::now() + GOOD.max(begun.elapsed() * WORTH);
        let page = match made.take() {
            // Those who still read the last one share it with those who come now.
            Some(Made { page, .. }) if page == text => page,
            last => {
                drop(last);
                self.count(text)?
            }
        };
        *made = Some(Made { page: page.clone(), stamp, good_until });
        Ok(page)
    }

    /// The slot for a page. Pages that are good no more, and that nobody reads, go.
    fn slot(&self, path: &str, sort: Sort) -> Slot {
        let now = Instant::now();
        let is_used = |it: &Made| now < it.good_until || !it.page.is_unique();
        let mut slots = lock(&self.slots);
        slots.retain(|_, slot| match slot.try_lock() {
            Ok(made) => made.as_ref().is_some_and(is_used),
            // It is being made.
            Err(_) => true,
        });
        slots.entry((path.to_owned(), sort)).or_default().clone()
    }

    fn count(&self, mut text: String) -> io::Result<Bytes> {
        text.shrink_to_fit();
        let held = self.held.clone();
        let before = held.fetch_add(text.len(), Ordering::Relaxed);
        let is_too_much = before > 0 && before + text.len() > MOST;
        let page = Bytes::from_owner(Counted { text, held });
        match is_too_much {
            true => Err(io::Error::other("too many listings are waited for")),
            false => Ok(page),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
