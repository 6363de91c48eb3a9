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

    /// The same, over TLS.
    async fn converse_in_tls(
        stream: tokio::net::TcpStream,
        peer: SocketAddr,
        acceptor: tokio_rustls::TlsAcceptor,
        shutdown: shutdown::ServerShutdown,
    ) {
        let Ok(local) = stream.local_addr() else { return };
        let Ok(stream) = acceptor.accept(stream).await else { return };
        let scheme = Scheme::Https;
        let protocol = stream.get_ref().1.alpn_protocol().map(Into::into);
        let arrival = Arrival { peer, local, scheme, protocol };
        Verse.serve_connection(stream, arrival, shutdown).await;
    }

    let identity = options.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = options.hosts.bind(options.http_port)?;
    let secure = options.hosts.bind(options.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        let ending = shutdown.clone();
        accept_all(&mut accepting, clear, move |stream, peer| {
            converse(stream, peer, ending.clone())
        })?;
        accept_all(&mut accepting, secure, move |stream, peer| {
            converse_in_tls(stream, peer, acceptor.clone(), shutdown.clone())
        })?;
        signals.recv().await;
        accepting.shutdown().await;
        if trigger.drain(DRAIN_DEADLINE, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
