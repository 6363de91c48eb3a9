impl Representation {
    /// A representation of a media type, in a coding, if in any.
    pub fn new(
        media_type: FieldValue,
        coding: Option<Coding>,
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
        if let Some(coding) = coding {
            let name = FieldValue::from_static(coding.name());
            description.push(FieldName::CONTENT_ENCODING, name);
        }
        Representation {
            media_type,
            coding,
            validators,
            bytes,
            description,
            identity,
        }
    }
}
