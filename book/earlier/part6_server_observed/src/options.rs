impl ServerOptions {
    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(&self, own: Arc<OwnFiles>) -> Result<Service, String> {
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            fields: self.site.headers(),
            observers: vec![Arc::new(AccessLog)],
        })
    }
}
