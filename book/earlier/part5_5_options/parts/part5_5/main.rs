/// Serves a verse over HTTP/1.1
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    hosts: listen::Hosts,
    /// The port for clear text; 0 takes any that is free
    #[arg(
        long,
        visible_alias = "port",
        value_name = "PORT",
        default_value_t = 1337
    )]
    http_port: u16,
    #[command(flatten)]
    certificate: CertificateOptions,
    #[command(flatten)]
    process: ProcessOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::io::close::{Linger, close};
    use rohttp::net::accept::accept_all;
    use rohttp::{io::arrival::Arrival, message::Scheme};
    use std::net::SocketAddr;

    /// Holds a conversation, to its end.
    async fn converse(
        stream: tokio::net::TcpStream,
        peer: SocketAddr,
        shutdown: shutdown::ServerShutdown,
    ) {
        let Ok(local) = stream.local_addr() else { return };
        let scheme = Scheme::Http;
        let arrival = Arrival { peer, local, scheme, protocol: None };
        let mut conversation =
            conversation::Conversation { stream, arrival, shutdown };
        if let Ok(()) = conversation.exchange().await {
            close(conversation.stream, Linger::default()).await;
        }
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
