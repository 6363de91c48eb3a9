/// Serves a connection to its end.
pub async fn serve<S, P>(stream: S, server: &Server, arrival: Arrival, shutdown: P)
where
    S: Stream,
    P: Shutdown,
{
    let mut driver = Driver {
        server,
        arrival,
        shutdown,
        io: Buffered::new(stream),
        connection: Connection::default(),
        body: Incoming::default(),
        sent: 0,
    };
    let (peer, limits) = (driver.arrival.peer, &server.limits);
    let failure = match driver.run().await {
        Ok(linger) => return close(driver.io.into_stream(), linger).await,
        Err(failure) => failure,
    };
    match &failure {
        Failure::Client(error) => return debug!(%peer, "{error}"),
        Failure::Refused(error) => debug!(%peer, "{error}"),
        failure => error!(%peer, "{failure}"),
    }
    // What came before it still goes out. What was promised can't be kept: no end that
    // could be taken for one.
    let _ = driver.io.flush(limits.write).await;
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Reads the next head. Responses leave when there is none to be read yet: those
    /// to requests that came together leave together.
    async fn next_request(&mut self, patience: Duration) -> Result<Next, Failure> {
        let limits = &self.server.limits;
        let (mut idle, mut head) = (None, None);
        loop {
            match self.connection.receive(self.io.input(), limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Next::Request(head));
                }
                Ok((taken, _)) => self.io.consume(taken),
                Err(Broken { error, method }) => {
                    return Ok(Next::Refusal(method, error.response()));
                }
            }
            if self.io.flush(limits.write).await? > 0 {
                continue;
            }
            let is_idle = is_blank(self.io.input());
            let (deadline, time) = match is_idle {
                true => (&mut idle, patience),
                false => (&mut head, limits.head_time),
            };
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + time);
            let count = tokio::select! {
                biased;
                count = timeout_at(deadline, self.io.fill(HEAD_ROOM)) => count,
                () = self.shutdown.requested(), if is_idle => {
                    return Ok(Next::Silence);
                }
            };
            match count {
                Ok(Ok(0)) => return Ok(Next::End),
                // A client can see to it that there always is more: it is late all the same.
                Ok(count) if is_idle || Instant::now() < deadline => drop(count?),
                Err(_) if is_idle => return Ok(Next::Silence),
                _ => {
                    let method = self.connection.method().cloned();
                    return Ok(Next::Refusal(method, Response::timed_out()));
                }
            }
        }
    }
}
