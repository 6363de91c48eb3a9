/// Evaluates the conditions of a request for a representation that exists. What is not
/// a date is no condition, nor is any date where it is not known when the
/// representation changed.
pub fn evaluate(request: &Request, validators: &Validators) -> Outcome {
    let headers = &request.headers;
    let modified_after =
        |name: FieldName| Some(validators.last_modified? > date(headers, name)?);

    let reads = matches!(request.method, Method::Get | Method::Head);
    if let Some(value) = headers.all(FieldName::IF_NONE_MATCH).next() {
        let tag = EntityTag::read(value);
        if tag.is_some_and(|(tag, _)| tag.opaque == validators.etag.as_bytes()) {
            return Outcome::NotModified;
        }
    } else if reads && modified_after(FieldName::IF_MODIFIED_SINCE) == Some(false) {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}

/// An entity tag that a client names (RFC 9110 section 8.8.3).
struct EntityTag<'a> {
    opaque: &'a [u8],
}

impl<'a> EntityTag<'a> {
    /// Reads one, and gives back what follows it.
    fn read(text: &'a [u8]) -> Option<(EntityTag<'a>, &'a [u8])> {
        let quoted = text.strip_prefix(b"W/").unwrap_or(text);
        let opaque = quoted.strip_prefix(b"\"")?;
        let end = opaque.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = opaque.split_at(end);
        let is_etagc = |&byte: &u8| is_field_byte(byte) && !b" \t".contains(&byte);
        let valid = opaque.iter().all(is_etagc);
        valid.then(|| (EntityTag { opaque }, rest.get(1..).unwrap_or_default()))
    }
}
