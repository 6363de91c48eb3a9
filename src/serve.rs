//! What Parts 3 to 5 do around their conversations: bind, detach,
//! and start a task for each caller.

use std::error::Error;
use std::io;
use std::net::TcpListener;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::listen::{self, Backoff};
use crate::{daemon, log};

/// The options of a server on one port.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Options {
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

impl Options {
    /// Serves until a signal ends the process, or says why it cannot start.
    pub fn run<C, F>(&self, converse: C) -> Result<(), Box<dyn Error>>
    where
        C: Fn(TcpStream) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listeners = self.hosts.bind(self.port)?;
        let log = self.log.open(self.daemon.daemon)?;
        let process = self.daemon.start(listen::greeting("http", &listeners)?)?;
        // Both have threads, and a fork takes only one along: they come after it.
        let _log = log.start();
        let runtime = Runtime::new()?;
        process.end_on_signals()?;
        runtime.block_on(serve_all(listeners, converse))?;
        Ok(())
    }
}

async fn serve_all<C, F>(listeners: Vec<TcpListener>, converse: C) -> io::Result<()>
where
    C: Fn(TcpStream) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for listener in listeners {
        let listener = listen::into_tokio(listener)?;
        let converse = converse.clone();
        tasks.spawn(async move {
            let mut backoff = Backoff::default();
            loop {
                let (stream, _) = listen::accept(&listener, &mut backoff).await;
                tokio::spawn(converse(stream));
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}
