impl Representation {
    /// Answers a GET or a HEAD: with all of it, with parts, or with the news that
    /// nothing is new. Ranges are for GET alone (RFC 9110 section 14.2).
    pub fn respond(&self, request: &Request) -> Response<Content> {
        match conditional::evaluate(request, &self.validators) {
            Outcome::Proceed => {}
            Outcome::NotModified => {
                return self.known(Status::NOT_MODIFIED, Content::default());
            }
            Outcome::Failed => {
                let why = "it has changed, or never was what you say";
                return Response::error(Status::PRECONDITION_FAILED, why)
                    .map(Content::from);
            }
        }
        let length = self.bytes.length().unwrap_or_default();
        match range::select(&request.headers, length) {
            Selection::Ranges(ranges) if self.wants_part(request) => {
                self.partial(&ranges, length)
            }
            Selection::Unsatisfiable if self.wants_part(request) => {
                let why = format!("there are {length} bytes");
                Response::error(Status::RANGE_NOT_SATISFIABLE, &why)
                    .map(Content::from)
                    .with(
                        FieldName::CONTENT_RANGE,
                        value(&format!("bytes */{length}")),
                    )
            }
            _ => {
                let content = self.bytes.clone().into();
                self.described(Status::OK, self.media_type.clone(), content)
            }
        }
    }
}
