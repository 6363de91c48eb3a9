impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Waits for more of a request's content to arrive. A client that waits to be
    /// told to send it is told, unless it has begun already.
    async fn fill_body(&mut self) -> Result<(), BodyError> {
        let limits = &self.server.limits;
        if self.body.progress == Progress::Awaited {
            self.body.progress = Progress::Coming;
            let told = self.connection.send_continue(self.io.output());
            told.map_err(io::Error::other)?;
        }
        match self.io.flush(limits.write).await {
            Ok(0) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(self.end_body(error.into())),
        }
        let refused = match timeout(limits.body, self.io.fill(BODY_ROOM)).await {
            Ok(Ok(0)) => {
                let why = "the body ends before it is over";
                Response::error(Status::BAD_REQUEST, why)
            }
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => return Err(self.end_body(error.into())),
            Err(_) => Response::timed_out(),
        };
        Err(self.end_body(BodyError::Refused(Box::new(refused))))
    }
}
