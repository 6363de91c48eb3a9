use crate::h1::{Head, Persistence};

/// Serves a connection to its end.
pub async fn serve<S, P>(stream: S, server: &Server, shutdown: P)
where
    S: Stream,
    P: Shutdown,
{
    let (io, connection) = (Buffered::new(stream), Connection::default());
    let mut driver = Driver { server, shutdown, io, connection };
    match driver.run().await {
        Ok(linger) => close(driver.io.into_stream(), linger).await,
        Err(error) => println!("{error}"),
    }
}

/// A connection, and what it takes to answer what comes over it.
struct Driver<'a, S, P> {
    server: &'a Server,
    shutdown: P,
    io: Buffered<S>,
    connection: Connection,
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers request after request, for as long as both sides want to: how long is
    /// lingered then.
    async fn run(&mut self) -> std::io::Result<Linger> {
        let limits = &self.server.limits;
        while self.connection.is_open() && !self.shutdown.is_requested() {
            let Some(head) = self.next_request().await? else { break };
            self.answer(head).await?;
        }
        self.io.flush(limits.write).await?;
        Ok(limits.linger)
    }

    /// Reads the next head, and past what is in front of it. Responses leave when there
    /// is none to be read yet: those to requests that came together leave together.
    async fn next_request(&mut self) -> std::io::Result<Option<Head>> {
        let limits = &self.server.limits;
        loop {
            match self.connection.receive(self.io.input(), limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Some(head));
                }
                Ok((taken, Some(_))) => self.io.consume(taken),
                Ok((taken, None)) => {
                    self.io.consume(taken);
                    let came = self.io.flush(limits.write).await?;
                    if came == 0 && self.io.fill(HEAD_ROOM).await? == 0 {
                        return Ok(None);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
    }

    /// Answers a request, as far as the answer's head.
    async fn answer(&mut self, head: Head) -> std::io::Result<()> {
        let expected = self.connection.expect_response(&head);
        expected.map_err(std::io::Error::other)?;
        let response = self.server.site.answer(&head.request);
        let (method, now) = (&head.request.method, crate::date::now());
        let length = crate::resource::content::Content::length;
        let response = response.finish(Some(method), length, &now);
        let (output, stay) = (self.io.output(), Persistence::KeepAlive);
        let sent = self.connection.respond(output, response, length, stay);
        sent.map_err(std::io::Error::other)?;
        Ok(())
    }
}
