use std::path::Path as FilePath;
use std::sync::Arc;

use super::opening::{NotServed, Opener, Tree};
use crate::message::Headers;

/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    folder: Tree,
    own: Arc<OwnFiles>,
}

impl Root {
    /// Opens a folder, but for files of the server's own.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(folder: &FilePath, own: Arc<OwnFiles>) -> io::Result<Root> {
        Ok(Root { folder: Tree::open(folder)?, own })
    }

    /// Looks for the file of a name. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(
        &self,
        name: &str,
        headers: &Headers,
    ) -> Result<Representation, NotServed> {
        let opener = Opener { folder: &self.folder, own: &self.own };
        variant::choose(&opener, name, opener.open(name), headers)
    }
}
