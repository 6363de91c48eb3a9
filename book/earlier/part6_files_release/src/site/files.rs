use std::time::{Duration, Instant};

/// A folder whose files are served, and nothing outside of it, whatever symbolic
/// links there are and whoever moves folders while a path is walked.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The folder of that name, and when it was looked up.
    folder: RwLock<Arc<Tree>>,
    looked_up: Mutex<Instant>,
    rules: Rules,
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// If it is not there, or is no folder, or may not be read.
    pub fn open(folder: &FilePath, rules: Rules) -> io::Result<Root> {
        // A daemon moves to `/`: a relative path would be lost.
        let path = path::absolute(folder)?;
        let folder = RwLock::new(Arc::new(Tree::open(&path)?));
        let looked_up = Mutex::new(Instant::now());
        Ok(Root { path, folder, looked_up, rules })
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
        let folder = self.folder(wait)?;
        let opener = self.opener(&folder, wait);
        let opened = opener.open(&name);
        let is_folder = match &opened {
            Ok((_, metadata)) => metadata.is_dir(),
            // What may not be read may still be gone through.
            Err(NotServed::Forbidden) => {
                folder.dir.metadata(&name).is_ok_and(|it| it.is_dir())
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
}
