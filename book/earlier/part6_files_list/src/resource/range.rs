/// Selects what a request asks for, of so many bytes.
pub fn select(headers: &Headers, length: u64) -> Selection {
    let mut values = headers.all(FieldName::RANGE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Selection::Whole;
    };
    let Some(asked) = byte_ranges(value) else { return Selection::Whole };
    let satisfiable = asked.iter().filter_map(|spec| spec.of(length));
    let ranges: Vec<Range<u64>> = satisfiable.collect();
    match ranges.len() {
        0 => Selection::Unsatisfiable,
        _ => Selection::Ranges(ranges),
    }
}
