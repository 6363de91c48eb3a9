use super::Entry;
pub const MISTAKES: &[Entry] = &[];
