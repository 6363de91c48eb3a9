use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

impl Site {
    fn found(&self, found: Found, request: &Request) -> Response<Content> {
        match found {
            Found::File(_, file) => file.respond(request),
            Found::Moved(location) => {
                redirection(Status::MOVED_PERMANENTLY, &location)
            }
            Found::Listing(page) => Response::new(Status::OK, page.into())
                .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_HTML),
        }
    }
}
