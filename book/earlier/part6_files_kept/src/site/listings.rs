use std::sync::{Mutex, MutexGuard, PoisonError};

/// For how long a page is good: what changes in its folder is seen no later.
const GOOD: Duration = Duration::from_secs(1);

/// Pages, as far as they are still good.
#[derive(Debug, Default)]
pub struct Listings {
    pages: Mutex<HashMap<Key, Made>>,
}

#[derive(Debug)]
struct Made {
    page: Bytes,
    good_until: Instant,
}

impl Listings {
    /// The page for a folder, made by `make` unless it is there.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn get(
        &self,
        path: &str,
        sort: Sort,
        make: impl FnOnce() -> io::Result<String>,
    ) -> io::Result<Bytes> {
        let mut pages = lock(&self.pages);
        let key = (path.to_owned(), sort);
        if let Some(made) = pages.get(&key)
            && Instant::now() < made.good_until
        {
            return Ok(made.page.clone());
        }
        let page = Bytes::from(make()?);
        let good_until = Instant::now() + GOOD;
        pages.insert(key, Made { page: page.clone(), good_until });
        Ok(page)
    }
}
