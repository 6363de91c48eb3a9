/// Files that have been asked for, by path.
#[derive(Debug)]
pub struct Kept {
    files: Cache<String, KeptFile>,
    fresh: Duration,
}

#[derive(Debug, Clone)]
struct KeptFile {
    found: Found,
    since: Instant,
}

impl Kept {
    /// Keeps ten thousand files, each for as long as `fresh`.
    pub fn new(fresh: Duration) -> Kept {
        Kept { files: Cache::new(10_000), fresh }
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
        let key = path.split().0.to_owned();
        if let Some(KeptFile { found, since }) = self.files.get(&key)
            && since.elapsed() < self.fresh
        {
            return Ok(found);
        }
        let since = Instant::now();
        let found = root.find(path, headers, wait)?;
        if let Found::File(..) = found {
            self.files.insert(key, KeptFile { found: found.clone(), since });
        }
        Ok(found)
    }
}
