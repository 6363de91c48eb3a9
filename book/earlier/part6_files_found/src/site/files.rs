use super::resolve::resolve;

/// What is there.
#[derive(Debug, Clone)]
pub enum Found {
    /// A file, of this name.
    File(String, Arc<Representation>),
    /// Something that goes by another path: anything by one without dot segments and
    /// empty ones.
    Moved(String),
}

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
        let opener = self.opener(wait);
        let opened = opener.open(&name);
        choose(&opener, &name, opened, headers)
    }
}
