//! The repository, as far as the book shows it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::earlier::EARLIER;
use crate::halves::in_halves;
use crate::nearest;
use crate::source::Source;

/// The folders that the book shows every line of.
pub const SHOWN: [&str; 2] = ["parts", "src"];

/// The folders that it may show something of: worked answers, servers that are wrong on
/// purpose, and programs that show one thing.
pub const QUOTED: [&str; 3] = ["tests/answers", "tests/broken", "book/asides"];

/// The sources of parts and modules, by path.
#[derive(Debug, Clone)]
pub struct House {
    /// The repository's root.
    pub root: PathBuf,
    /// Every Rust file in the folders that are shown or quoted, and all earlier forms;
    /// and what is for a service manager.
    pub sources: BTreeMap<String, Source>,
}

impl House {
    /// Reads all sources below `root`.
    pub fn load(root: &Path) -> io::Result<House> {
        let folders = SHOWN.iter().chain(&QUOTED).chain(&[EARLIER]);
        let paths = folders.map(|folder| sources_in(&root.join(folder)));
        let paths = paths.collect::<io::Result<Vec<_>>>()?.concat();
        let sources = in_halves(&paths, |path| read(root, path));
        let sources = sources.into_iter().collect::<io::Result<_>>()?;
        Ok(House { root: root.to_owned(), sources })
    }

    /// The sources that the book has to show every line of.
    pub fn shown(&self) -> impl Iterator<Item = (&String, &Source)> {
        self.sources.iter().filter(|(path, _)| is_shown(path))
    }

    /// A source by its path, or what is nearest to it.
    pub fn source(&self, path: &str) -> Result<&Source, String> {
        self.sources.get(path).ok_or_else(|| {
            let near = nearest(path, self.sources.keys().map(String::as_str));
            format!("there is no {path}{near}")
        })
    }
}

/// Whether a file is part of the server that the book builds.
pub fn is_shown(path: &str) -> bool {
    SHOWN.iter().any(|folder| path.starts_with(&format!("{folder}/")))
}

/// What a source's name ends in.
const EXTENSIONS: [&str; 3] = ["rs", "service", "socket"];

/// A source, by its path from the root.
fn read(root: &Path, path: &Path) -> io::Result<(String, Source)> {
    let name = path.strip_prefix(root).unwrap_or(path);
    let name = name.to_string_lossy().replace('\\', "/");
    let text = fs::read_to_string(path)?;
    let source = match name.ends_with(".rs") {
        true => Source::rust(&name, &text).map_err(io::Error::other)?,
        false => Source::plain(&name, &text),
    };
    Ok((name, source))
}

fn sources_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources_in(&path)?);
        } else if path
            .extension()
            .is_some_and(|it| EXTENSIONS.iter().any(|e| it == *e))
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
