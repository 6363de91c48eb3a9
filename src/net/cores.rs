//! A thread for each core, with connections of its own that no other takes over.

use std::io;
use std::num::NonZero;
use std::sync::mpsc;
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

/// A thread for connections that could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot start thread {number} for connections: {error}")]
pub struct CoreError {
    /// Which.
    pub number: usize,
    /// What the system says.
    pub error: io::Error,
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
    ) -> Result<Cores, CoreError> {
        let closing = watch::Sender::new(false);
        let mut runtimes = Vec::new();
        for number in 0..count {
            let started = ports.try_clone().and_then(|ports| {
                let listen =
                    |accepting: &mut _| serve(accepting, ports, server, admit);
                start(number, listen, closing.subscribe())
            });
            let failed = |error| CoreError { number, error };
            runtimes.push(started.map_err(failed)?);
        }
        Ok(Cores { runtimes, closing })
    }

    /// How many descriptors so many threads have before anybody has called.
    pub fn descriptors(count: usize, ports: &Ports) -> usize {
        /// What a runtime waits with, what wakes it, and what signals come by.
        const OF_RUNTIME: usize = 3;
        count.saturating_mul(ports.clear.len() + ports.secure.len() + OF_RUNTIME)
    }

    /// Accepts nobody any more. Those who are there are served.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.closing.closed().await;
    }
}

/// Starts a thread that has a runtime, in which `listen` has been called.
fn start(
    number: usize,
    listen: impl FnOnce(&mut JoinSet<()>) -> io::Result<()>,
    closing: watch::Receiver<bool>,
) -> io::Result<Handle> {
    let (hand, handed) = mpsc::channel();
    thread::Builder::new().name(format!("core {number}")).spawn(move || {
        if let Ok((runtime, accepting)) = handed.recv() {
            run(runtime, accepting, closing);
        }
    })?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let mut accepting = JoinSet::new();
    let entered = handle.enter();
    let listening = listen(&mut accepting);
    drop(entered);
    match listening {
        Ok(()) => drop(hand.send((runtime, accepting))),
        // Where another runtime runs, it must not be waited for.
        Err(error) => {
            runtime.shutdown_background();
            return Err(error);
        }
    }
    Ok(handle)
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
