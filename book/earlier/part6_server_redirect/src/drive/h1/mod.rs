impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        let begun = self.begin(Incoming::of(&head));
        let request = head.request;
        let (server, arrival) = (self.server, self.arrival.clone());
        let response = server.service.call(&request, self, &arrival).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        let (status, method) = (response.status, Some(&request.method));
        let sent = self.respond(method, response, persistence).await;
        self.observe(begun, Asked::Request(&request), status, &sent);
        sent
    }
}
