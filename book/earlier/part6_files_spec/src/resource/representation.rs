impl Representation {
    /// A representation of a media type.
    pub fn new(
        media_type: FieldValue,
        validators: Validators,
        bytes: Piece,
    ) -> Representation {
        let mut identity = Headers::default();
        let tag = value(&format!("\"{}\"", validators.etag));
        identity.push(FieldName::ETAG, tag);
        let mut description = Headers::default();
        if let Some(modified) = validators.last_modified {
            let date = imf_fixdate(modified);
            description.push(FieldName::LAST_MODIFIED, (&date).into());
        }
        description.extend(&identity);
        description
            .push(FieldName::ACCEPT_RANGES, FieldValue::from_static("bytes"));
        Representation { media_type, validators, bytes, description, identity }
    }

    /// Answers a GET or a HEAD: with all of it, with a part, or with the news that
    /// nothing is new.
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
            Selection::Range(range) => self.partial(range, length),
            Selection::Unsatisfiable => {
                let why = format!("there are {length} bytes");
                Response::error(Status::RANGE_NOT_SATISFIABLE, &why)
                    .map(Content::from)
                    .with(
                        FieldName::CONTENT_RANGE,
                        value(&format!("bytes */{length}")),
                    )
            }
            Selection::Whole => {
                let content = self.bytes.clone().into();
                self.described(Status::OK, self.media_type.clone(), content)
            }
        }
    }
}
