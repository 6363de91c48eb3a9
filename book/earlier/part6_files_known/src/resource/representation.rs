/// What can be sent of a resource, and what there is to say of it.
#[derive(Debug)]
pub struct Representation {
    /// What it is.
    pub media_type: FieldValue,
    validators: Validators,
    /// All of it: bytes that are there, or a file.
    pub bytes: Piece,
    /// The fields that describe it.
    description: Headers,
    /// Those that tell this state of it from others.
    identity: Headers,
}

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
        Representation { media_type, validators, bytes, description, identity }
    }

    /// Answers a GET or a HEAD: with all of it, or with the news that nothing is new.
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
        let content = self.bytes.clone().into();
        self.described(Status::OK, self.media_type.clone(), content)
    }

    /// A response for a client that has been told the rest.
    fn known(&self, status: Status, content: Content) -> Response<Content> {
        Response::new(status, content).with_all(&self.identity)
    }
}
