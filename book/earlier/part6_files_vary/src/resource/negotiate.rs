/// Puts the codings in which something is there, none among them, into the order in
/// which the client would rather have it. What it does not take is left out.
pub fn rank(
    headers: &Headers,
    available: &[Option<Coding>],
) -> Vec<Option<Coding>> {
    let takes = |coding: &Option<Coding>| {
        let mut named = headers.list(FieldName::ACCEPT_ENCODING);
        coding.is_none_or(|it| named.any(|name| name == it.name().as_bytes()))
    };
    available.iter().copied().filter(takes).collect()
}
