fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::net::{accept::accept_all, serve::ServeConnection};
    use rohttp::{io::arrival::Arrival, message::Scheme};
    use std::net::SocketAddr;

    /// Serves a connection, to its end.
    async fn converse(
        stream: tokio::net::TcpStream,
        peer: SocketAddr,
        shutdown: shutdown::ServerShutdown,
    ) {
        let Ok(local) = stream.local_addr() else { return };
        let scheme = Scheme::Http;
        let arrival = Arrival { peer, local, scheme, protocol: None };
        Verse.serve_connection(stream, arrival, shutdown).await;
    }

    options.certificate.identity()?;
    let clear = options.hosts.bind(options.http_port)?;
    let greeting = listen::greeting("http", &clear)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        accept_all(&mut accepting, clear, move |stream, peer| {
            converse(stream, peer, shutdown.clone())
        })?;
        signals.recv().await;
        accepting.shutdown().await;
        if trigger.drain(DRAIN_DEADLINE, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
