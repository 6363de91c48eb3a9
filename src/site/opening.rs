//! Opens what is served, and waits for a disk only where that is allowed.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::own_files::OwnFiles;

/// Whether a disk may be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Never: only what is in memory can be had.
    Never,
    /// For as long as it takes.
    ForDisk,
}

/// A folder with nothing above it, and all that is in it.
#[derive(Debug)]
pub struct Tree {
    /// The folder.
    pub dir: Dir,
    /// Whether what is in it can be opened, and read, without waiting.
    is_prompt: bool,
}

/// What opens files.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    /// Where they are.
    pub folder: &'a Tree,
    /// Those that are the server's own, which are not opened.
    pub own: &'a OwnFiles,
    /// Whether a disk may be waited for.
    pub wait: Wait,
}

/// A file, or whatever else it is, and what the system says of it.
pub type Opened = (File, Metadata);

/// Why there is nothing to send.
#[derive(Debug)]
pub enum NotServed {
    /// There is nothing of that name that we would serve.
    NotFound,
    /// There is, and the system does not let us have it; or a link leads outside.
    Forbidden,
    /// There is, and not in any coding that the client takes.
    NotAcceptable,
    /// To know that, somebody would have to wait.
    WouldWait,
    /// The system can't give us what it takes, descriptors for one.
    Io(io::Error),
}

impl From<io::Error> for NotServed {
    fn from(error: io::Error) -> NotServed {
        match Errno::from_io_error(&error) {
            _ if error.kind() == ErrorKind::PermissionDenied => {
                NotServed::Forbidden
            }
            // NXIO: a socket, or a device that is not there.
            Some(
                Errno::NOENT
                | Errno::NOTDIR
                | Errno::NAMETOOLONG
                | Errno::LOOP
                | Errno::NXIO
                | Errno::INVAL,
            ) => NotServed::NotFound,
            _ => NotServed::Io(error),
        }
    }
}

impl Tree {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Tree> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        let is_prompt = is_prompt(&dir);
        Ok(Tree { dir, is_prompt })
    }

    fn open_in_time(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits() as i32);
        Ok(self.dir.open_with(name, &options)?.into_std())
    }

    /// Opens a file, if the way to it is in memory and leads to no other file system.
    /// Of what goes wrong, only that it is not there is certain.
    fn open_at_once(&self, name: &str, flags: OFlags) -> Result<File, NotServed> {
        #[cfg(target_os = "linux")]
        if self.is_prompt {
            use rustix::fs::{Mode, ResolveFlags, openat2};
            let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
            let resolve = ResolveFlags::CACHED
                | ResolveFlags::BENEATH
                | ResolveFlags::NO_MAGICLINKS
                | ResolveFlags::NO_XDEV;
            return match openat2(&self.dir, name, flags, Mode::empty(), resolve) {
                Ok(file) => Ok(file.into()),
                Err(Errno::NOENT) => Err(NotServed::NotFound),
                Err(_) => Err(NotServed::WouldWait),
            };
        }
        let _ = (name, flags, self.is_prompt);
        Err(NotServed::WouldWait)
    }
}

/// Whether a folder's file system is one of this machine's own that can say what it
/// has in memory (see statfs(2) for the numbers). One that is reached over a network,
/// or is a program, may have to ask before it opens anything.
fn is_prompt(dir: &Dir) -> bool {
    #[cfg(target_os = "linux")]
    {
        const EXT4: u64 = 0xef53;
        const XFS: u64 = 0x5846_5342;
        const BTRFS: u64 = 0x9123_683e;
        let found = rustix::fs::fstatfs(dir);
        found.is_ok_and(|it| [EXT4, XFS, BTRFS].contains(&(it.f_type as u64)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = dir;
        false
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
        let is_own = match self.wait {
            Wait::Never => self.own.contain_at_once(&metadata),
            Wait::ForDisk => Some(self.own.contain(&metadata)),
        };
        match is_own {
            None => Err(NotServed::WouldWait),
            Some(true) => Err(NotServed::NotFound),
            Some(false) => Ok((file, metadata)),
        }
    }
}
