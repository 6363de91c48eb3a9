/// Evaluates the conditions of a request for a representation that exists. What is not
/// a date is no condition, nor is any date where it is not known when the
/// representation changed.
pub fn evaluate(request: &Request, validators: &Validators) -> Outcome {
    let headers = &request.headers;
    let modified_after =
        |name: FieldName| Some(validators.last_modified? > date(headers, name)?);

    let reads = matches!(request.method, Method::Get | Method::Head);
    if let Some(tags) = Tags::read(headers, FieldName::IF_NONE_MATCH) {
        match tags.match_weakly(&validators.etag) {
            true if reads => return Outcome::NotModified,
            true => return Outcome::Failed,
            false => {}
        }
    } else if reads && modified_after(FieldName::IF_MODIFIED_SINCE) == Some(false) {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}
