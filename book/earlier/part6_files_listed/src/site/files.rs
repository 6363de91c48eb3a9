use cap_std::fs::Dir;

use super::listing::{self, Entry};

impl Root {
    /// Looks for what `path` asks for. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(
        &self,
        path: &Path,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        let (path, query) = path.split();
        let moved = |to: &str| {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            Ok(Found::Moved(format!("{to}{query}")))
        };
        let (canonical, name) = resolve(path).ok_or(NotServed::NotFound)?;
        if canonical != path {
            return moved(&canonical);
        }
        let folder = self.folder(wait)?;
        let opener = self.opener(&folder, wait);
        let opened = opener.open(&name);
        let is_folder = match &opened {
            Ok((_, metadata)) => metadata.is_dir(),
            // What may not be read may still be gone through.
            Err(NotServed::Forbidden) => {
                folder.dir.metadata(&name).is_ok_and(|it| it.is_dir())
            }
            Err(_) => false,
        };
        match (is_folder, path.ends_with('/')) {
            (false, false) => choose(&opener, &name, opened, headers),
            (false, true) => Err(opened.err().unwrap_or(NotServed::NotFound)),
            (true, false) => moved(&format!("{path}/")),
            (true, true) => {
                let index = format!("{name}/{}", self.rules.index);
                let opened = opener.open(&index);
                match choose(&opener, &index, opened, headers) {
                    Err(NotServed::NotFound) => {
                        self.listing(&opener, &name, path).map(Found::Listing)
                    }
                    found => found,
                }
            }
        }
    }

    /// What a folder holds, as a page.
    fn listing(
        &self,
        opener: &Opener,
        folder: &str,
        path: &str,
    ) -> Result<Bytes, NotServed> {
        let entries = self.entries(&opener.folder.dir, folder)?;
        Ok(listing::page(path, entries).into())
    }

    fn entries(&self, root: &Dir, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in root.read_dir(folder)?.flatten() {
            let is_folder = entry.file_type()?.is_dir();
            entries.push(Entry { name: entry.file_name(), is_folder });
        }
        Ok(entries)
    }
}
