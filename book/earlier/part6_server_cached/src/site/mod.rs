/// What is served.
#[derive(Debug, Default)]
pub struct Site {
    /// The files; without them, the verse, whatever is asked for.
    pub root: Option<Root>,
    /// Cache-Control for files, by their extension; `*` is any.
    pub cache_control: Vec<(String, FieldValue)>,
}
