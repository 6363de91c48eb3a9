use rohttp::process::daemon;

/// Recites a verse to everyone who connects, a task each
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    hosts: listen::Hosts,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    print!("{}", listen::greeting("http", &listeners)?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut accepting = JoinSet::new();
        accept::accept_all(&mut accepting, listeners, |stream, _| recite(stream))?;
        accepting.join_all().await;
        Ok(())
    })
}

async fn recite(mut stream: TcpStream) {
    let _ = stream.write_all(VERSE.as_bytes()).await;
}
