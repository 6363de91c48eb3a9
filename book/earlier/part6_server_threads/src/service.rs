use crate::io::disk::Disk;

/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
    /// Fields for every response.
    pub fields: Headers,
    /// Those who are told of each response.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Where it waits for a disk.
    pub disk: Arc<Disk>,
}

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
        self.answer_from_disk(request).await
    }

    /// Answers where a disk may be waited for.
    async fn answer_from_disk(&self, request: &Arc<Request>) -> Response<Content> {
        let (site, request) = (self.site.clone(), request.clone());
        let answer = self.disk.run(move || site.answer(&request));
        answer.await.unwrap_or_else(|fault| {
            error!("a request is not answered: {fault}");
            let (status, why) = (Status::SERVICE_UNAVAILABLE, "no thread is free");
            Response::error(status, why).map(Content::from)
        })
    }
}
