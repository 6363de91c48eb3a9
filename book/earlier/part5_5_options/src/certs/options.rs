impl CertificateOptions {
    /// The certificate asked for, or the one in `certs/`.
    ///
    /// # Errors
    /// If it can't be read, or made.
    pub fn identity(&self) -> Result<Identity, CertificateError> {
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            return read(cert, key);
        }
        let (identity, news) = Folder::new("certs").identity(SystemTime::now())?;
        news.iter().for_each(|line| println!("{line}"));
        Ok(identity)
    }
}
