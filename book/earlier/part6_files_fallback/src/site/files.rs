/// How a tree of files is served.
#[derive(Debug)]
pub struct Rules {
    /// The name of the file that a folder shows.
    pub index: String,
    /// The file that is served where there is none, from the root.
    pub fallback: Option<String>,
    /// Files of the server's own.
    pub own: Arc<OwnFiles>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            index: "index.html".to_owned(),
            fallback: None,
            own: Arc::default(),
        }
    }
}
