impl From<io::Error> for NotServed {
    fn from(error: io::Error) -> NotServed {
        match error.kind() {
            ErrorKind::PermissionDenied => NotServed::Forbidden,
            ErrorKind::NotFound => NotServed::NotFound,
            _ => NotServed::Io(error),
        }
    }
}

impl Opener<'_> {
    /// Opens a file, or whatever else it is.
    ///
    /// # Errors
    /// If it is not there, or not to be had, or one of the server's own.
    pub fn open(&self, name: &str) -> Result<Opened, NotServed> {
        let file = self.folder.dir.open(name)?.into_std();
        let metadata = file.metadata()?;
        match self.own.contain(&metadata) {
            true => Err(NotServed::NotFound),
            false => Ok((file, metadata)),
        }
    }
}
