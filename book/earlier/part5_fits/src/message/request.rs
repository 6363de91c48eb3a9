use super::{Headers, Method, Target, Version};

/// A request, valid as a whole: whoever holds one need not check it again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// What it is to be done to.
    pub target: Target,
    /// How the client speaks.
    pub version: Version,
    /// Everything else.
    pub headers: Headers,
}

/// What can be wrong with a request whose parts are valid, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// RFC 9112 section 3.2: each form of a target goes with certain methods.
    #[error("the request target is not of a form that goes with the method")]
    TargetForm,
}

impl Request {
    /// Makes a request of its parts: the one way to do so, whatever carried them.
    ///
    /// # Errors
    /// If the parts do not make one together.
    pub fn new(
        method: Method,
        target: Target,
        version: Version,
        headers: Headers,
    ) -> Result<Request, Invalid> {
        let is_connect = method == Method::Connect;
        let form_fits = match &target {
            Target::Authority(_) => is_connect,
            Target::Asterisk => method == Method::Options,
            Target::Origin(_) | Target::Absolute { .. } => !is_connect,
        };
        if !form_fits {
            return Err(Invalid::TargetForm);
        }
        Ok(Request { method, target, version, headers })
    }
}
