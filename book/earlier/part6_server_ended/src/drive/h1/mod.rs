impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        let begun = self.begin(Incoming::of(&head));
        let request = head.request;
        let server = self.server;
        let response = server.service.call(&request, self).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        let (status, method) = (response.status, Some(&request.method));
        let sent = self.respond(method, response, persistence).await;
        self.observe(begun, Asked::Request(&request), status, &sent);
        sent
    }

    /// Says what is wrong with something that was no request.
    async fn refuse(
        &mut self,
        method: Option<Method>,
        response: Response,
    ) -> Result<(), Failure> {
        self.connection.expect_refusal();
        let begun = self.begin(Incoming::default());
        let (status, response) = (response.status, response.map(Content::from));
        let close = Persistence::Close;
        let sent = self.respond(method.as_ref(), response, close).await;
        let text = self.io.input().trim_ascii_start();
        let line = text.split(|byte| b"\r\n".contains(byte)).next();
        self.observe(begun, Asked::Line(line.unwrap_or_default()), status, &sent);
        sent
    }
}
