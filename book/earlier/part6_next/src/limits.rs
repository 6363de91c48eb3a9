/// What a connection may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A request's head.
    pub head: HeadLimits,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head: HeadLimits::default() }
    }
}
