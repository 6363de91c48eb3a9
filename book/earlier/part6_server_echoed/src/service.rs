use crate::message::{Method, Request, Response, Status};
use crate::site::{Route, Site};

impl Service {
    /// Answers a request, whose content is read from `body` as far as that takes.
    pub async fn call(
        &self,
        request: &Request,
        body: &mut impl Body,
    ) -> Response<Content> {
        if request.expectation() == Expectation::Unknown {
            let why = "nothing can be expected here but 100-continue";
            return Response::error(Status::EXPECTATION_FAILED, why)
                .map(Content::from);
        }
        if request.method == Method::Post && self.site.route(request) == Route::Echo
        {
            return echo(request, body).await.unwrap_or_else(|error| match error {
                BodyError::Refused(response) => response.map(Content::from),
                // Nobody is there to read it.
                BodyError::Io(_) => Response::timed_out().map(Content::from),
            });
        }
        self.site.answer(request)
    }
}
