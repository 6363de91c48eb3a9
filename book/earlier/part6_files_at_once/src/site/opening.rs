impl Tree {
    /// Opens a file, if the way to it is in memory and leads to no other file system.
    /// Of what goes wrong, only that it is not there is certain.
    fn open_at_once(&self, name: &str, flags: OFlags) -> Result<File, NotServed> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{Mode, ResolveFlags, openat2};
            let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
            let resolve = ResolveFlags::CACHED
                | ResolveFlags::BENEATH
                | ResolveFlags::NO_MAGICLINKS
                | ResolveFlags::NO_XDEV;
            match openat2(&self.dir, name, flags, Mode::empty(), resolve) {
                Ok(file) => Ok(file.into()),
                Err(Errno::NOENT) => Err(NotServed::NotFound),
                Err(_) => Err(NotServed::WouldWait),
            }
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (name, flags);
            Err(NotServed::WouldWait)
        }
    }
}

impl Opener<'_> {
    /// Opens a file, or whatever else it is: a FIFO without waiting for its writer.
    ///
    /// # Errors
    /// If it is not there, or not to be had, or one of the server's own.
    pub fn open(&self, name: &str) -> Result<Opened, NotServed> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match self.wait {
            Wait::Never => self.folder.open_at_once(name, flags)?,
            Wait::ForDisk => self.folder.open_in_time(name, flags)?,
        };
        let metadata = file.metadata()?;
        match self.own.contain(&metadata) {
            true => Err(NotServed::NotFound),
            false => Ok((file, metadata)),
        }
    }
}
