use crate::message::{Request, Response, Status};
use crate::resource::content::Content;
use crate::site::Site;

/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
}

impl Service {
    /// Answers a request.
    pub async fn call(&self, request: &Request) -> Response<Content> {
        if request.expectation() == Expectation::Unknown {
            let why = "nothing can be expected here but 100-continue";
            return Response::error(Status::EXPECTATION_FAILED, why)
                .map(Content::from);
        }
        self.site.answer(request)
    }
}
