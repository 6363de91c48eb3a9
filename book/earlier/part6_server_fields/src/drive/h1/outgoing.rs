impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends a response.
    pub(super) async fn respond(
        &mut self,
        method: Option<&Method>,
        response: Response<Content>,
        persistence: Persistence,
    ) -> Result<(), Failure> {
        let response = self.server.service.finish(response, method);
        let persistence = match self.shutdown.is_requested() {
            true => Persistence::Close,
            false => persistence,
        };
        let content = self.connection.respond(
            self.io.output(),
            response,
            Content::length,
            persistence,
        )?;
        match content {
            Some(content) => self.send(content).await,
            None => Ok(()),
        }
    }
}
