//! Part 2: everyone at once, a task each.

use std::error::Error;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::listen::{self, Backoff};
use rohttp::verse::VERSE;
use rohttp::{close, daemon, log};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a caller may take to make room for the verse.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);

/// Recites a verse to everyone who connects, a task each
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    hosts: listen::Hosts,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
    #[command(flatten)]
    daemon: daemon::Options,
    #[command(flatten)]
    log: log::Options,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    let log = options.log.open(options.daemon.daemon)?;
    let greeting = listen::greeting("http", &listeners)?;
    let process = options.daemon.start(greeting)?;
    // The runtime has threads, and a fork takes only one along: it comes after.
    let _log = log.start();
    let runtime = tokio::runtime::Runtime::new()?;
    process.end_on_signals()?;
    runtime.block_on(serve_all(listeners))?;
    Ok(())
}

async fn serve_all(listeners: Vec<TcpListener>) -> std::io::Result<()> {
    let mut tasks = JoinSet::new();
    for listener in listeners {
        tasks.spawn(serve(listen::into_tokio(listener)?));
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}

async fn serve(listener: tokio::net::TcpListener) {
    let mut backoff = Backoff::default();
    loop {
        let (stream, _) = listen::accept(&listener, &mut backoff).await;
        tokio::spawn(recite(stream));
    }
}

async fn recite(mut stream: TcpStream) {
    let verse = stream.write_all(VERSE.as_bytes());
    if let Ok(Ok(())) = timeout(WRITE_DEADLINE, verse).await {
        close::close(stream).await;
    }
}
