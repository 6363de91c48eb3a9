use super::Entry;
pub const LAST: &[Entry] = &[];
