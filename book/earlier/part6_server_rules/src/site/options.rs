use crate::message::{FieldValue, Headers};

/// What is served.
#[derive(Debug, Default, clap::Args)]
pub struct SiteOptions {
    /// Serve the files in DIR; without it, a verse
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Show what is in folders that have no index
    #[arg(long, requires = "root")]
    pub listing: bool,
    /// The file that a folder shows
    #[arg(
        long,
        value_name = "NAME",
        requires = "root",
        default_value = "index.html"
    )]
    pub index: String,
    /// Serve FILE, a path from the root, where there is nothing: for sites that are
    /// one page. Without it, 404.html in the root is what they get, with 404
    #[arg(long, value_name = "FILE", requires = "root")]
    pub fallback: Option<String>,
    /// Cache-Control for files of a kind, by extension, such as html=no-cache; * is
    /// any. May be repeated, and the first that fits counts
    #[arg(
        long,
        value_name = "KIND=VALUE",
        requires = "root",
        value_parser = cache_control
    )]
    pub cache_control: Vec<(String, FieldValue)>,
    /// Send back what is sent to /echo. Without --root that is so anyway
    #[arg(long)]
    pub echo: bool,
}

impl SiteOptions {
    /// Opens what is to be served.
    ///
    /// # Errors
    /// If the root can't be opened, in a line.
    pub fn site(&self) -> Result<Site, String> {
        let fallback = self.fallback.as_deref();
        let fallback = fallback.map(|it| it.trim_start_matches('/').to_owned());
        let rules = Rules {
            folders: if self.listing { Folders::Listed } else { Folders::Hidden },
            // A path from the root may begin with a slash, as it does in a URL.
            index: self.index.trim_start_matches('/').to_owned(),
            fallback: fallback.clone(),
            ..Rules::default()
        };
        let open = |folder: &PathBuf| {
            Root::open(folder, rules).map_err(|error| {
                format!("cannot serve {}: {error}", folder.display())
            })
        };
        let root = self.root.as_ref().map(open).transpose()?;
        if let (Some(root), Some(file)) = (&root, &fallback)
            && root.fallback(&Headers::default(), Wait::ForDisk).is_err()
        {
            return Err(format!(
                "cannot serve {file} where there is nothing: it is not there"
            ));
        }
        let echo = match root.is_none() || self.echo {
            true => Echo::On,
            false => Echo::Off,
        };
        let cache_control = self.cache_control.clone();
        Ok(Site { root, echo, cache_control, ..Site::default() })
    }
}
