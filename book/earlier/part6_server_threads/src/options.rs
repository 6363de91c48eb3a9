impl ServerOptions {
    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(
        &self,
        own: Arc<OwnFiles>,
        log: Option<Arc<AccessLog>>,
        disk: Arc<Disk>,
    ) -> Result<Service, String> {
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            fields: self.site.headers(),
            observers: log
                .into_iter()
                .map(|log| log as Arc<dyn Observer>)
                .collect(),
            disk,
        })
    }
}
