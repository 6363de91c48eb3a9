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
}

impl SiteOptions {
    /// Opens what is to be served.
    ///
    /// # Errors
    /// If the root can't be opened, in a line.
    pub fn site(&self) -> Result<super::Site, String> {
        let rules = Rules {
            folders: if self.listing { Folders::Listed } else { Folders::Hidden },
            // A path from the root may begin with a slash, as it does in a URL.
            index: self.index.trim_start_matches('/').to_owned(),
            ..Rules::default()
        };
        let open = |folder: &PathBuf| {
            Root::open(folder, rules).map_err(|error| {
                format!("cannot serve {}: {error}", folder.display())
            })
        };
        let root = self.root.as_ref().map(open).transpose()?;
        Ok(super::Site { root, ..super::Site::default() })
    }
}
