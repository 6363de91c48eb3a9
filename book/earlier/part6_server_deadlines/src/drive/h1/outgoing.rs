impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends a response.
    pub(super) async fn respond(
        &mut self,
        method: Option<&Method>,
        response: Response<Content>,
        persistence: Persistence,
    ) -> Result<(), Failure> {
        let now = crate::date::now();
        let response = response.finish(method, Content::length, &now);
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

    async fn data(&mut self, bytes: Bytes) -> Result<(), Failure> {
        self.connection.data(self.io.output(), bytes)?;
        if self.io.output().len() >= OUTPUT_ROOM {
            self.io.flush(self.server.limits.write).await?;
        }
        Ok(())
    }
}
