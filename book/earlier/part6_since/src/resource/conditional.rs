use std::time::SystemTime;

/// What tells one state of a representation from another (RFC 9110 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// When the representation changed last, in whole seconds, if that is known.
    pub last_modified: Option<SystemTime>,
}

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They hold, or there are none: do what is asked.
    Proceed,
    /// The client has it already: 304.
    NotModified,
}

/// Evaluates the conditions of a request for a representation that exists. What is not
/// a date is no condition, nor is any date where it is not known when the
/// representation changed.
pub fn evaluate(request: &Request, validators: &Validators) -> Outcome {
    let headers = &request.headers;
    let modified_after =
        |name: FieldName| Some(validators.last_modified? > date(headers, name)?);

    let reads = matches!(request.method, Method::Get | Method::Head);
    if reads && modified_after(FieldName::IF_MODIFIED_SINCE) == Some(false) {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}
