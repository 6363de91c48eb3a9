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

/// A connection, and what it takes to answer what comes over it.
struct Driver<'a, S, P> {
    server: &'a Server,
    arrival: Arrival,
    shutdown: P,
    io: Buffered<S>,
    connection: Connection,
    /// The content of the request that is being answered.
    body: Incoming,
}
