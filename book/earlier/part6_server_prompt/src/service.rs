impl Service {
    /// Answers a request, whose content is read from `body` as far as that takes.
    /// What waits for a disk waits where that makes nobody else wait.
    pub async fn call(
        &self,
        request: &Arc<Request>,
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
        match self.answer_at_once(request) {
            Some(response) => response,
            None => self.answer_from_disk(request).await,
        }
    }
}
