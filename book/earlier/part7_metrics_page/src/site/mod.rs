/// What is served.
#[derive(Debug, Default)]
pub struct Site {
    /// The files; without them, the verse, whatever is asked for.
    pub root: Option<Root>,
    /// Whether what is sent to `/echo` comes back.
    pub echo: Echo,
    /// Cache-Control for files, by their extension; `*` is any.
    pub cache_control: Vec<(String, FieldValue)>,
    /// Pages that are made as they are asked for, instead of all that.
    pub pages: Option<Arc<dyn Pages>>,
}

impl Site {
    fn page(&self, path: &Path, request: &Request) -> Response<Content> {
        if let Some(pages) = &self.pages {
            return match pages.page(path.split().0) {
                Some(page) => page.map(Content::from),
                None => refuse(NotServed::NotFound),
            };
        }
        let Some(root) = &self.root else {
            return VERSE.respond(request);
        };
        match root.find(path, &request.headers, Wait::ForDisk) {
            Ok(found) => self.found(found, request),
            Err(NotServed::NotFound) => {
                self.not_found(root, request, Wait::ForDisk).unwrap_or_else(refuse)
            }
            Err(not_served) => refuse(not_served),
        }
    }
}
