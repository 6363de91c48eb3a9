use crate::message::{Response, Status};
use crate::site::Pages;

/// How a server is.
#[derive(Debug, Default)]
pub struct Monitor {
    is_ending: AtomicBool,
}

impl Pages for Monitor {
    fn page(&self, path: &str) -> Option<Response> {
        match path {
            "/healthz" => Some(self.health()),
            _ => None,
        }
    }
}
