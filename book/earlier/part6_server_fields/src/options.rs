impl ServerOptions {
    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(&self) -> Result<Service, String> {
        Ok(Service {
            site: Arc::new(self.site.site()?),
            fields: self.site.headers(),
        })
    }
}
