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
                    Err(NotServed::NotFound)
                        if self.rules.folders == Folders::Listed =>
                    {
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
        if opener.wait == Wait::Never {
            return Err(NotServed::WouldWait);
        }
        let root = &opener.folder.dir;
        Ok(listing::page(path, self.entries(root, folder)?).into())
    }

    /// What a folder holds that can be asked for.
    fn entries(&self, root: &Dir, folder: &str) -> io::Result<Vec<Entry>> {
        let own = &self.rules.own;
        own.look_again();
        let mut entries = Vec::new();
        // What leads outside, or is gone by now, is not there.
        for entry in root.read_dir(folder)?.flatten() {
            let name = entry.file_name();
            let path = FilePath::new(folder).join(&name);
            let Ok(metadata) = root.metadata(path) else { continue };
            let is_served = metadata.is_dir()
                || metadata.is_file()
                    && !own.contained(metadata.dev(), metadata.ino());
            if is_served && name.to_str().is_some_and(|name| !is_hidden(name)) {
                entries.push(Entry { name, is_folder: metadata.is_dir() });
            }
        }
        Ok(entries)
    }
}
