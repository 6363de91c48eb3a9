impl Representation {
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
            Selection::Ranges(ranges) => self.partial(&ranges, length),
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

    /// Some of it, if that is in one place, and else all.
    fn partial(&self, ranges: &[Range<u64>], length: u64) -> Response<Content> {
        let [range] = ranges else {
            let content = self.bytes.clone().into();
            return self.described(Status::OK, self.media_type.clone(), content);
        };
        let field = value(&range::content_range(range, length));
        let content = self.bytes.part(range.clone()).into();
        let media_type = self.media_type.clone();
        self.described(Status::PARTIAL_CONTENT, media_type, content)
            .with(FieldName::CONTENT_RANGE, field)
    }
}
