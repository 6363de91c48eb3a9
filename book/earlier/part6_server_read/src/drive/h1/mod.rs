use crate::h1::receiving::Received;

/// Serves a connection to its end.
pub async fn serve<S, P>(stream: S, limits: &crate::limits::Limits, shutdown: P)
where
    S: Stream,
    P: Shutdown,
{
    let (io, connection) = (Buffered::new(stream), Connection::default());
    let mut driver = Driver { limits, shutdown, io, connection };
    let _ = driver.run().await;
}

/// A connection, and what it takes to answer what comes over it.
struct Driver<'a, S, P> {
    limits: &'a crate::limits::Limits,
    shutdown: P,
    io: Buffered<S>,
    connection: Connection,
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Takes request after request, for as long as both sides want to.
    async fn run(&mut self) -> std::io::Result<()> {
        while self.connection.is_open() && !self.shutdown.is_requested() {
            let Some(head) = self.next_request().await? else { break };
            println!("{} {}", head.request.method, head.request.target);
        }
        Ok(())
    }

    /// Reads the next head, and past what is in front of it.
    async fn next_request(&mut self) -> std::io::Result<Option<crate::h1::Head>> {
        loop {
            match self.connection.receive(self.io.input(), self.limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Some(head));
                }
                Ok((taken, Some(_))) => self.io.consume(taken),
                Ok((taken, None)) => {
                    self.io.consume(taken);
                    if self.io.fill(HEAD_ROOM).await? == 0 {
                        return Ok(None);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
    }
}
