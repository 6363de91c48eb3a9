/// A request target, in one of its four forms (RFC 9112 section 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A path at the server, as clients send it.
    Origin(Path),
    /// A host and a port, for CONNECT alone.
    Authority(Authority),
    /// The server as a whole, for OPTIONS alone.
    Asterisk,
}

impl Target {
    /// Reads a target of a form that goes with `method`.
    pub fn parse(method: &Method, text: &str) -> Option<Target> {
        match (method, text) {
            (Method::Connect, _) => {
                let authority = Authority::parse(text)?;
                authority.port.is_some().then_some(Target::Authority(authority))
            }
            (Method::Options, "*") => Some(Target::Asterisk),
            (_, path) => Path::parse(path).map(Target::Origin),
        }
    }
}
