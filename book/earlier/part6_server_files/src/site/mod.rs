/// What is served.
#[derive(Debug, Default)]
pub struct Site {
    /// The files; without them, the verse, whatever is asked for.
    pub root: Option<Root>,
}

impl Site {
    fn page(&self, path: &Path, request: &Request) -> Response<Content> {
        let Some(root) = &self.root else {
            return VERSE.respond(request);
        };
        match root.find(path, &request.headers, Wait::ForDisk) {
            Ok(found) => self.found(found, request),
            Err(not_served) => refuse(not_served),
        }
    }

    fn found(&self, found: Found, request: &Request) -> Response<Content> {
        match found {
            Found::File(_, file) => file.respond(request),
            Found::Moved(_) | Found::Listing(_) => refuse(NotServed::NotFound),
        }
    }
}
