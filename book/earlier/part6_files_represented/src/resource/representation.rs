use crate::message::{FieldName, FieldValue, Headers, Request, Response, Status};

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
}

impl Representation {
    /// A representation of a media type.
    pub fn new(
        media_type: FieldValue,
        validators: Validators,
        bytes: Piece,
    ) -> Representation {
        let mut description = Headers::default();
        if let Some(modified) = validators.last_modified {
            let date = imf_fixdate(modified);
            description.push(FieldName::LAST_MODIFIED, (&date).into());
        }
        let tag = value(&format!("\"{}\"", validators.etag));
        description.push(FieldName::ETAG, tag);
        Representation { media_type, validators, bytes, description }
    }

    /// Answers a GET or a HEAD: with all of it, or with the news that nothing is new.
    pub fn respond(&self, request: &Request) -> Response<Content> {
        let outcome = conditional::evaluate(request, &self.validators);
        let (status, content) = match outcome {
            Outcome::Proceed => (Status::OK, self.bytes.clone().into()),
            Outcome::NotModified => (Status::NOT_MODIFIED, Content::default()),
            Outcome::Failed => (Status::PRECONDITION_FAILED, Content::default()),
        };
        Response::new(status, content)
            .with(FieldName::CONTENT_TYPE, self.media_type.clone())
            .with_all(&self.description)
    }
}
