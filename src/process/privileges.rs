//! Rights that are given up, for good: root's, and what is left of a user's own.

use std::{fs, io};

use nix::unistd::{Gid, Group, Uid, User, geteuid};

use super::sandbox::{Needs, Sandbox};

/// The options that say who the process is, and what it may do, once it serves.
#[derive(Debug, clap::Args)]
pub struct PrivilegeOptions {
    /// Start as root, open everything, and become NAME, with its group or GROUP, before
    /// anybody is served. Implies --sandbox
    #[arg(long, value_name = "NAME[:GROUP]")]
    pub user: Option<String>,
    /// Give up all that takes no part in serving: on Linux, files other than what is
    /// served, the certificate's and the logs can't be opened any more
    #[arg(long)]
    pub sandbox: bool,
}

/// Why rights can't be given up.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// There is nobody of that name.
    #[error("there is no user {0:?}")]
    NoUser(String),
    /// There is no group of that name.
    #[error("there is no group {0:?}")]
    NoGroup(String),
    /// Who is who can't be found out.
    #[error("cannot look up {0:?}: {1}")]
    Unknown(String, io::Error),
    /// It is root, of whose rights the server is to be rid.
    #[error("{0:?} is root, and a server is to be somebody else")]
    Root(String),
    /// Only root can become somebody else.
    #[error("only root can become {0:?}, and the server was not started as root")]
    NotRoot(String),
    /// The system does not let us become somebody else.
    #[error("cannot become {0:?}: {1}")]
    Denied(String, io::Error),
    /// The system does not let us into a sandbox.
    #[error("cannot enter the sandbox: {0}")]
    Sandbox(io::Error),
}

/// Who a process is to become, and whether it is to do no more than it needs to.
#[derive(Debug)]
pub struct Privileges {
    user: Option<SystemUser>,
    sandbox: bool,
}

impl PrivilegeOptions {
    /// Looks up who is meant, while that can be done.
    ///
    /// # Errors
    /// If there is nobody of that name, or the process is not root.
    pub fn privileges(&self) -> Result<Privileges, PrivilegeError> {
        let user = self.user.as_deref().map(SystemUser::find).transpose()?;
        let sandbox = self.sandbox || user.is_some();
        Ok(Privileges { user, sandbox })
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
    pub fn give_up(self, needs: &Needs) -> Result<Option<Sandbox>, PrivilegeError> {
        assert!(is_alone(), "threads are started by who has given up what it had");
        // First, as root can look into the folders that are needed.
        let sandbox = self.sandbox.then(|| Sandbox::enter(needs)).transpose();
        let sandbox = sandbox.map_err(PrivilegeError::Sandbox)?;
        if let Some(user) = self.user {
            user.assume()?;
        }
        Ok(sandbox)
    }
}

/// Whether the process has one thread, as far as can be told.
fn is_alone() -> bool {
    fs::read_dir("/proc/self/task").map_or(true, |threads| threads.count() == 1)
}

/// Somebody whom the system knows.
#[derive(Debug)]
struct SystemUser {
    name: String,
    uid: Uid,
    gid: Gid,
}

impl SystemUser {
    fn find(name: &str) -> Result<SystemUser, PrivilegeError> {
        let (user, group) = match name.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (name, None),
        };
        let unknown = |name: &str| {
            let name = name.to_owned();
            move |error| PrivilegeError::Unknown(name, io::Error::from(error))
        };
        let found = User::from_name(user).map_err(unknown(user))?;
        let found = found.ok_or_else(|| PrivilegeError::NoUser(user.to_owned()))?;
        let gid = match group {
            None => found.gid,
            Some(name) => {
                let group = Group::from_name(name).map_err(unknown(name))?;
                group.ok_or_else(|| PrivilegeError::NoGroup(name.to_owned()))?.gid
            }
        };
        match user.to_owned() {
            user if found.uid.is_root() => Err(PrivilegeError::Root(user)),
            user if !geteuid().is_root() => Err(PrivilegeError::NotRoot(user)),
            name => Ok(SystemUser { name, uid: found.uid, gid }),
        }
    }

    /// Makes the process theirs: real, effective and saved, so that there is no way
    /// back. The groups first, as only root can change those.
    fn assume(self) -> Result<(), PrivilegeError> {
        let SystemUser { name, uid, gid } = self;
        // Elsewhere not all of it is to be had, and half of it is worse than none.
        #[cfg(not(target_os = "linux"))]
        let change = |_: Uid, _: Gid| Err(io::ErrorKind::Unsupported.into());
        change(uid, gid).map_err(|error| PrivilegeError::Denied(name, error))
    }
}

#[cfg(target_os = "linux")]
fn change(uid: Uid, gid: Gid) -> io::Result<()> {
    use nix::unistd::{setgroups, setresgid, setresuid};
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)?;
    // The kernel takes them from who ceases to be root, unless it was told not to.
    let none = CapabilitySet::empty();
    let none =
        CapabilitySets { effective: none, permitted: none, inheritable: none };
    Ok(set_capabilities(None, none)?)
}
