//! A runtime that is there before the process has left its terminal.

use std::error::Error;
use std::future::pending;
use std::net::TcpListener;

use rohttp::net::accept::accept_all;
use rohttp::process::daemon::DaemonOptions;
use rohttp::verse::VERSE;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    let runtime = Runtime::new()?;
    let daemon = DaemonOptions { daemon: true, pid_file: Some("pid".into()) };
    let mut process = daemon.start("it listens\n".to_owned())?;
    runtime.block_on(async {
        process.ready()?;
        let mut accepting = JoinSet::new();
        accept_all(&mut accepting, vec![listener], |stream, _| recite(stream))?;
        pending().await
    })
}

async fn recite(mut stream: TcpStream) {
    let _ = stream.write_all(VERSE.as_bytes()).await;
}
