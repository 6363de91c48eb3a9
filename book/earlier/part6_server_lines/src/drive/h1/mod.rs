use crate::observe::record::{Asked, Record};

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        self.begin(Incoming::of(&head));
        let request = head.request;
        let server = self.server;
        let response = server.service.call(&request, self).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        let (status, method) = (response.status, Some(&request.method));
        let sent = self.respond(method, response, persistence).await;
        self.observe(Asked::Request(&request), status);
        sent
    }

    /// Says what is wrong with something that was no request.
    async fn refuse(
        &mut self,
        method: Option<Method>,
        response: Response,
    ) -> Result<(), Failure> {
        self.connection.expect_refusal();
        self.begin(Incoming::default());
        let (status, response) = (response.status, response.map(Content::from));
        let close = Persistence::Close;
        let sent = self.respond(method.as_ref(), response, close).await;
        let text = self.io.input().trim_ascii_start();
        let line = text.split(|byte| b"\r\n".contains(byte)).next();
        self.observe(Asked::Line(line.unwrap_or_default()), status);
        sent
    }

    /// Starts to count what comes and goes.
    fn begin(&mut self, body: Incoming) {
        self.body = body;
        self.sent = 0;
    }

    fn observe(&self, asked: Asked, status: Status) {
        let (arrival, sent) = (&self.arrival, self.sent);
        self.server.service.observe(&Record { arrival, asked, status, sent });
    }
}
