fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::io::close::{Linger, close};
    use rohttp::net::accept::accept_all;
    use rohttp::{io::arrival::Arrival, message::Scheme};
    use std::net::SocketAddr;

    /// Holds a conversation, to its end.
    async fn converse(stream: tokio::net::TcpStream, peer: SocketAddr) {
        let Ok(local) = stream.local_addr() else { return };
        let scheme = Scheme::Http;
        let arrival = Arrival { peer, local, scheme, protocol: None };
        let mut conversation = conversation::Conversation { stream, arrival };
        if let Ok(()) = conversation.exchange().await {
            close(conversation.stream, Linger::default()).await;
        }
    }

    let clear = options.hosts.bind(options.http_port)?;
    let greeting = listen::greeting("http", &clear)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let mut accepting = JoinSet::new();
        accept_all(&mut accepting, clear, converse)?;
        signals.recv().await;
        Ok(())
    })
}
