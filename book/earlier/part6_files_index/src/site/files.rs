/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    folder: Tree,
    rules: Rules,
}

/// How a tree of files is served.
#[derive(Debug)]
pub struct Rules {
    /// The name of the file that a folder shows.
    pub index: String,
    /// Files of the server's own.
    pub own: Arc<OwnFiles>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { index: "index.html".to_owned(), own: Arc::default() }
    }
}

/// What is there.
#[derive(Debug, Clone)]
pub enum Found {
    /// A file, of this name.
    File(String, Arc<Representation>),
    /// Something that goes by another path: a folder by one that ends in a slash,
    /// which relative links in it need; anything by one without dot segments and
    /// empty ones.
    Moved(String),
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(folder: &FilePath, rules: Rules) -> io::Result<Root> {
        Ok(Root { folder: Tree::open(folder)?, rules })
    }

    /// Looks for what `path` asks for. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(
        &self,
        path: &Path,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        let (path, query) = path.split();
        let moved = |to: &str| {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            Ok(Found::Moved(format!("{to}{query}")))
        };
        let (canonical, name) = resolve(path).ok_or(NotServed::NotFound)?;
        if canonical != path {
            return moved(&canonical);
        }
        let opener = self.opener(wait);
        let opened = opener.open(&name);
        let is_folder = match &opened {
            Ok((_, metadata)) => metadata.is_dir(),
            // What may not be read may still be gone through.
            Err(NotServed::Forbidden) => {
                self.folder.dir.metadata(&name).is_ok_and(|it| it.is_dir())
            }
            Err(_) => false,
        };
        match (is_folder, path.ends_with('/')) {
            (false, false) => choose(&opener, &name, opened, headers),
            (false, true) => Err(opened.err().unwrap_or(NotServed::NotFound)),
            (true, false) => moved(&format!("{path}/")),
            (true, true) => {
                let index = format!("{name}/{}", self.rules.index);
                choose(&opener, &index, opener.open(&index), headers)
            }
        }
    }

    fn opener(&self, wait: Wait) -> Opener<'_> {
        Opener { folder: &self.folder, own: &self.rules.own, wait }
    }
}
