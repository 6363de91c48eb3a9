use super::Entry;
pub const VARIANTS: &[Entry] = &[];
