/// Who a process is to become.
#[derive(Debug)]
pub struct Privileges {
    user: Option<SystemUser>,
}

impl PrivilegeOptions {
    /// Looks up who is meant, while that can be done.
    ///
    /// # Errors
    /// If there is nobody of that name, or the process is not root.
    pub fn privileges(&self) -> Result<Privileges, PrivilegeError> {
        let user = self.user.as_deref().map(SystemUser::find).transpose()?;
        Ok(Privileges { user })
    }
}

impl Privileges {
    /// Gives up what is not needed, once everything is open.
    ///
    /// # Errors
    /// If the system does not let us give it up.
    ///
    /// # Panics
    /// If there are threads already: they would keep what is given up.
    pub fn give_up(self) -> Result<(), PrivilegeError> {
        assert!(is_alone(), "threads are started by who has given up what it had");
        self.user.map_or(Ok(()), SystemUser::assume)
    }
}
