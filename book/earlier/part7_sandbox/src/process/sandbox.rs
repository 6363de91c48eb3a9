/// A sandbox that the process is in, for good, and that it keeps.
#[derive(Debug)]
#[must_use]
pub struct Sandbox {
    /// What can't be had of it here, in a line.
    pub lacks: Option<String>,
}

impl Sandbox {
    /// Enters it. From then on files are opened for what `needs` names, and no TCP port
    /// is connected to or bound; what is open stays open. This holds for the thread that
    /// calls it and for those that it starts. Datagrams, sockets that have a path, and
    /// the modes of files are not part of it: Landlock knows none of these.
    ///
    /// # Errors
    /// If the system has sandboxes and does not let us have one.
    pub fn enter(needs: &Needs) -> io::Result<Sandbox> {
        #[cfg(target_os = "linux")]
        let lacks = super::landlock::restrict(needs).map_err(io::Error::other)?;
        #[cfg(not(target_os = "linux"))]
        let lacks =
            Some(format!("there is no sandbox for {needs:?}: this is not Linux"));
        Ok(Sandbox { lacks })
    }
}
