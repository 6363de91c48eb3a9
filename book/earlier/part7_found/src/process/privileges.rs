use std::io;

/// The options that say who the process is, and what it may do, once it serves.
#[derive(Debug, clap::Args)]
pub struct PrivilegeOptions {
    /// Start as root, and become NAME, with its group or GROUP
    #[arg(long, value_name = "NAME[:GROUP]")]
    pub user: Option<String>,
}

/// Who a process is to become.
#[derive(Debug)]
pub struct Privileges {}

impl PrivilegeOptions {
    /// Looks up who is meant, while that can be done.
    ///
    /// # Errors
    /// If there is nobody of that name, or the process is not root.
    pub fn privileges(&self) -> Result<Privileges, PrivilegeError> {
        let user = self.user.as_deref().map(SystemUser::find).transpose()?;
        if let Some(SystemUser { name, uid, gid }) = &user {
            println!("{name} is {uid}, of group {gid}");
        }
        Ok(Privileges {})
    }
}
