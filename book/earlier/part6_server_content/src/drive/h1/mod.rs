impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request.
    async fn answer(&mut self, head: Head) -> std::io::Result<()> {
        let expected = self.connection.expect_response(&head);
        expected.map_err(std::io::Error::other)?;
        let request = head.request;
        let response = self.server.site.answer(&request);
        let stay = Persistence::KeepAlive;
        self.respond(Some(&request.method), response, stay).await
    }
}
