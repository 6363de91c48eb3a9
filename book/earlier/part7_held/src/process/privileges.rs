use super::sandbox::Needs;

impl Privileges {
    /// Gives up what is not needed, once everything is open.
    ///
    /// # Errors
    /// If the system does not let us give it up.
    ///
    /// # Panics
    /// If there are threads already: they would keep what is given up.
    pub fn give_up(self, needs: &Needs) -> Result<(), PrivilegeError> {
        assert!(is_alone(), "threads are started by who has given up what it had");
        // First, as root can look into the folders that are needed.
        let held = super::landlock::restrict(needs).map_err(io::Error::other);
        held.map_err(PrivilegeError::Sandbox)?;
        self.user.map_or(Ok(()), SystemUser::assume)
    }
}
