impl ServerOptions {
    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(&self, own: Arc<OwnFiles>) -> Result<Service, String> {
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            fields: self.site.headers(),
        })
    }

    /// The files that are not to be served, whatever they are called: these, and
    /// `others`.
    pub fn own_files(&self, others: Vec<PathBuf>) -> Arc<OwnFiles> {
        let mut paths = self.certificate.keys();
        paths.extend(others);
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        Arc::new(OwnFiles::new(paths.into_iter().map(absolute).collect()))
    }
}
