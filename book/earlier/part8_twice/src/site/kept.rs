impl Kept {
    /// Looks for what `path` asks for, as [`Root::find`] does, unless it was looked for
    /// not long ago. It is kept if it is asked for again.
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
        let key = key(path, headers);
        if let Some(KeptFile { found, since }) = self.files.get(&key)
            && since.elapsed() < self.fresh
        {
            return Ok(found);
        }
        let since = Instant::now();
        let found = root.find(path, headers, wait)?;
        let Found::File(name, file) = &found else { return Ok(found) };
        if !self.doorkeeper.admits(&key) {
            return Ok(found);
        }
        let Some(file) = read(file, wait) else { return Ok(found) };
        let found = Found::File(name.clone(), Arc::new(file));
        self.files.insert(key, KeptFile { found: found.clone(), since });
        Ok(found)
    }
}
