use std::time::Duration;

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers request after request, for as long as both sides want to: how long is
    /// lingered then.
    async fn run(&mut self) -> Result<Linger, Failure> {
        let limits = &self.server.limits;
        let mut patience = limits.head_time;
        while self.connection.is_open() {
            match self.next_request(patience).await? {
                Next::Request(head) => self.answer(head).await?,
                Next::Refusal(method, response) => {
                    self.refuse(method, response).await?;
                }
                Next::End => break,
                Next::Silence => return Ok(Linger::NONE),
            }
            patience = limits.idle;
        }
        self.io.flush(limits.write).await?;
        Ok(limits.linger)
    }
}
