/// Pages, as far as they are still good.
#[derive(Debug, Default)]
pub struct Listings {
    slots: Mutex<HashMap<Key, Slot>>,
}

impl Listings {
    /// The page for a folder that looks like `stamp`, made by `make` unless it is there.
    /// Who comes while it is made waits for it.
    ///
    /// # Errors
    /// If it can't be made.
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
        let page = Bytes::from(make()?);
        let good_until = Instant::now() + GOOD.max(begun.elapsed() * WORTH);
        *made = Some(Made { page: page.clone(), stamp, good_until });
        Ok(page)
    }

    /// The slot for a page. Pages that are good no more go.
    fn slot(&self, path: &str, sort: Sort) -> Slot {
        let now = Instant::now();
        let is_used = |it: &Made| now < it.good_until;
        let mut slots = lock(&self.slots);
        slots.retain(|_, slot| match slot.try_lock() {
            Ok(made) => made.as_ref().is_some_and(is_used),
            // It is being made.
            Err(_) => true,
        });
        slots.entry((path.to_owned(), sort)).or_default().clone()
    }
}
