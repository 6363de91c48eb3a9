/// Serves a connection to its end.
pub async fn serve<S, P>(stream: S, server: &Server, shutdown: P)
where
    S: Stream,
    P: Shutdown,
{
    let mut driver = Driver {
        server,
        shutdown,
        io: Buffered::new(stream),
        connection: Connection::default(),
        body: Incoming::default(),
    };
    match driver.run().await {
        Ok(linger) => close(driver.io.into_stream(), linger).await,
        Err(failure) => println!("{failure}"),
    }
}

/// A connection, and what it takes to answer what comes over it.
struct Driver<'a, S, P> {
    server: &'a Server,
    shutdown: P,
    io: Buffered<S>,
    connection: Connection,
    /// The content of the request that is being answered.
    body: Incoming,
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        self.body = Incoming::of(&head);
        let request = head.request;
        let response = self.server.site.answer(&request);
        let (response, persistence) = self.read_rest(response).await;
        self.respond(Some(&request.method), response, persistence).await
    }

    /// Reads nothing more behind a request that has content.
    async fn read_rest(
        &mut self,
        response: Response<Content>,
    ) -> (Response<Content>, Persistence) {
        if self.body.progress == Progress::Over {
            return (response, Persistence::KeepAlive);
        }
        self.connection.stop_receiving();
        (response, Persistence::Close)
    }
}
