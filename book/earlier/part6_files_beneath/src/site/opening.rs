use cap_std::fs::Dir;

/// A folder with nothing above it, and all that is in it.
#[derive(Debug)]
pub struct Tree {
    /// The folder.
    pub dir: Dir,
}

/// What opens files.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    /// Where they are.
    pub folder: &'a Tree,
    /// Those that are the server's own, which are not opened.
    pub own: &'a OwnFiles,
}

impl Tree {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Tree> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Tree { dir })
    }
}

impl Opener<'_> {
    /// Opens a file, or whatever else it is.
    ///
    /// # Errors
    /// If it is not there, or not to be had, or one of the server's own.
    pub fn open(&self, name: &str) -> io::Result<Opened> {
        let file = self.folder.dir.open(name)?.into_std();
        let metadata = file.metadata()?;
        match self.own.contain(&metadata) {
            true => Err(ErrorKind::NotFound.into()),
            false => Ok((file, metadata)),
        }
    }
}
