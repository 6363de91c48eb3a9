impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        self.body = Incoming::of(&head);
        let request = head.request;
        let server = self.server;
        let response = server.service.call(&request, self).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        self.respond(Some(&request.method), response, persistence).await
    }
}
