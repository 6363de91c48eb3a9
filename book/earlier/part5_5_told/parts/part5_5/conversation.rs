/// A stream, how it came in, and what tells it to end.
pub struct Conversation<S> {
    pub stream: S,
    pub arrival: Arrival,
    pub shutdown: ServerShutdown,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    /// Answers requests until one gets the verse, or cannot be followed by another.
    pub async fn exchange(&mut self) -> io::Result<()> {
        let mut input = Vec::new();
        for strike in 1..=LAST_STRIKE {
            let Some((target, mut reply)) = self.read(&mut input).await? else {
                break;
            };
            let started = Instant::now();
            if strike == LAST_STRIKE || self.shutdown.is_requested() {
                reply.persistence = Persistence::Close;
            }
            let persistence = reply.persistence;
            self.write(target, reply, started).await?;
            if persistence == Persistence::Close {
                break;
            }
        }
        Ok(())
    }
}
