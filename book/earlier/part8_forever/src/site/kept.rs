/// Files that have been asked for, by path.
#[derive(Debug)]
pub struct Kept {
    files: Cache<String, Found>,
}

impl Kept {
    /// Keeps ten thousand files.
    pub fn new() -> Kept {
        Kept { files: Cache::new(10_000) }
    }

    /// Looks for what `path` asks for, as [`Root::find`] does, unless that is kept.
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
        if let Some(found) = self.files.get(&key) {
            return Ok(found);
        }
        let found = root.find(path, headers, wait)?;
        if let Found::File(..) = found {
            self.files.insert(key, found.clone());
        }
        Ok(found)
    }
}
