use rohttp::net::accept;
use rohttp::process::daemon;

/// Recites a verse to everyone who connects, a task each
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let address = ("127.0.0.1", options.port);
        let listener = tokio::net::TcpListener::bind(address).await?;
        println!("listening on http://{}", listener.local_addr()?);
        accept::accept_loop(listener, |stream, _| recite(stream)).await;
        Ok(())
    })
}

async fn recite(mut stream: TcpStream) {
    let _ = stream.write_all(VERSE.as_bytes()).await;
}
