/// What a Range field comes to, for a representation of a certain length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of it: there is no such field, or none that makes sense.
    Whole,
    /// This part, which is not empty.
    Range(Range<u64>),
}

/// Selects what a request asks for, of so many bytes.
pub fn select(headers: &Headers, length: u64) -> Selection {
    let mut values = headers.all(FieldName::RANGE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Selection::Whole;
    };
    let asked = str::from_utf8(value).ok().and_then(|it| it.strip_prefix("bytes="));
    let first = asked.and_then(|it| position(it.strip_suffix('-')?));
    match first {
        Some(first) if first < length => Selection::Range(first..length),
        _ => Selection::Whole,
    }
}
