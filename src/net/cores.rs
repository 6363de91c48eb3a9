//! A thread for each core, with connections of its own that no other takes over.

use std::io;
use std::num::NonZero;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::serve::{Admit, Ports, ServeConnection, serve};

/// The option that says how many threads serve.
#[derive(Debug, clap::Args)]
pub struct CoreOptions {
    /// How many threads serve connections [default: one for each core]
    #[arg(long, value_name = "NUMBER")]
    cores: Option<NonZero<usize>>,
}

impl CoreOptions {
    /// How many that is.
    pub fn count(&self) -> usize {
        let all = || thread::available_parallelism().map_or(1, NonZero::get);
        self.cores.map_or_else(all, NonZero::get)
    }
}

/// Threads that accept connections, each for itself, and serve them.
pub struct Cores {
    /// Their runtimes.
    pub runtimes: Vec<Handle>,
    closing: watch::Sender<bool>,
}

impl Cores {
    /// Starts so many. All of them listen on all ports, and whoever is there first has
    /// the caller: who has most to do comes last.
    ///
    /// # Errors
    /// If the system has no thread for one, or no runtime, or no descriptor.
    pub fn start<A: Admit + Sync>(
        count: usize,
        ports: &Ports,
        server: &(impl ServeConnection<A::Place> + Sync),
        admit: &A,
    ) -> io::Result<Cores> {
        let closing = watch::Sender::new(false);
        let mut runtimes = Vec::new();
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtimes.push(runtime.handle().clone());
            let mut accepting = JoinSet::new();
            let entered = runtime.enter();
            serve(&mut accepting, ports.try_clone()?, server, admit)?;
            drop(entered);
            let closing = closing.subscribe();
            let name = format!("core {number}");
            thread::Builder::new()
                .name(name)
                .spawn(move || run(runtime, accepting, closing))?;
        }
        Ok(Cores { runtimes, closing })
    }

    /// Accepts nobody any more. Those who are there are served.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.closing.closed().await;
    }
}

/// A core's life, which ends with the process.
fn run(
    runtime: Runtime,
    mut accepting: JoinSet<()>,
    mut closing: watch::Receiver<bool>,
) {
    runtime.block_on(async move {
        // The other end stays as long as there is somebody who could close.
        let _ = closing.wait_for(|is_closing| *is_closing).await;
        accepting.shutdown().await;
        drop(closing);
        std::future::pending::<()>().await;
    });
}
