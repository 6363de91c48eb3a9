use crate::message::{Headers, Method, Request, Response, Status};

/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
    /// Fields for every response.
    pub fields: Headers,
}

impl Service {
    /// Completes a response to a request of the given method, if that is known, with
    /// the fields that go with every one.
    pub fn finish(
        &self,
        response: Response<Content>,
        method: Option<&Method>,
    ) -> Response<Option<Content>> {
        let response = response.with_all(&self.fields);
        response.finish(method, Content::length, &date::now())
    }
}
