/// Puts the codings in which something is there, none among them, into the order in
/// which the client would rather have it. What it does not take is left out.
pub fn rank(
    headers: &Headers,
    available: &[Option<Coding>],
) -> Vec<Option<Coding>> {
    let preferences: Vec<(&str, Weight)> =
        headers.list(FieldName::ACCEPT_ENCODING).filter_map(preference).collect();
    let weight = |coding: Option<Coding>| match coding {
        None => Some(0),
        Some(coding) => {
            let mut named = preferences.iter();
            let (_, weight) = named.find(|(name, _)| coding.is_called(name))?;
            (*weight > 0).then_some(*weight)
        }
    };
    let weigh = |coding: &Option<Coding>| Some((weight(*coding)?, *coding));
    let mut ranked: Vec<(Weight, Option<Coding>)> =
        available.iter().filter_map(weigh).collect();
    ranked.sort_by_key(|&(weight, _)| Reverse(weight));
    ranked.into_iter().map(|(_, coding)| coding).collect()
}
