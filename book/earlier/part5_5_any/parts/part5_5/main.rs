use rohttp::net::listen;

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
    process: ProcessOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::io::close::{Linger, close};
    use rohttp::net::accept::accept_all;

    /// Holds a conversation, to its end.
    async fn converse(stream: tokio::net::TcpStream) {
        let mut conversation = conversation::Conversation { stream };
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
        accept_all(&mut accepting, clear, |stream, _| converse(stream))?;
        signals.recv().await;
        Ok(())
    })
}
