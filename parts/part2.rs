//! Part 2: everyone at once, a task each.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::io::close::{Linger, close};
use rohttp::net::{accept, listen};
use rohttp::process::run::ProcessOptions;
use rohttp::process::{daemon, signals};
use rohttp::verse::VERSE;
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
    process: ProcessOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    let greeting = listen::greeting("http", &listeners)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let mut accepting = JoinSet::new();
        accept::accept_all(&mut accepting, listeners, |stream, _| recite(stream))?;
        // The first signal ends the wait, and with it the process.
        signals.recv().await;
        Ok(())
    })
}

async fn recite(mut stream: TcpStream) {
    let verse = stream.write_all(VERSE.as_bytes());
    if let Ok(Ok(())) = timeout(WRITE_DEADLINE, verse).await {
        close(stream, Linger::default()).await;
    }
}
