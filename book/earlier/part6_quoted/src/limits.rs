/// What a connection may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A request's head.
    pub head: HeadLimits,
    /// The bytes of chunk extensions in one body. They mean nothing to us, and
    /// reading them costs as much as reading what does; hyper's limit is the same.
    pub chunk_extensions: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head: HeadLimits::default(), chunk_extensions: 16 * 1024 }
    }
}
