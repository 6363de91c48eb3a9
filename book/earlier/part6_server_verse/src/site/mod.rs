use std::sync::LazyLock;

use crate::message::{FieldValue, Request, Response};

/// What is served.
#[derive(Debug, Default)]
pub struct Site;

impl Site {
    /// Answers a request, whatever its content.
    pub fn answer(&self, request: &Request) -> Response<Content> {
        VERSE.respond(request)
    }
}
