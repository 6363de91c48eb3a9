impl Opener<'_> {
    /// Opens a file, or whatever else it is: a FIFO without waiting for its writer.
    ///
    /// # Errors
    /// If it is not there, or not to be had, or one of the server's own.
    pub fn open(&self, name: &str) -> Result<Opened, NotServed> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = self.folder.open_in_time(name, flags)?;
        let metadata = file.metadata()?;
        match self.own.contain(&metadata) {
            true => Err(NotServed::NotFound),
            false => Ok((file, metadata)),
        }
    }
}
