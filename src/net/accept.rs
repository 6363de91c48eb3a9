//! Accepting connections, whatever the process runs out of.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;
use tracing::{debug, warn};

use super::listen;

/// The first wait after a failed accept, and the longest. Both as in Go's
/// net/http, whose servers have run out of descriptors for longer than ours.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How many callers are let in before those who are served have their turn.
const AT_ONCE: usize = 16;

/// Accepts connections from all listeners, and has each served in a task of its own,
/// for as long as `accepting` is there.
///
/// # Errors
/// If the runtime can't have a listener.
pub fn accept_all<F>(
    accepting: &mut JoinSet<()>,
    listeners: Vec<std::net::TcpListener>,
    serve: impl Fn(TcpStream, SocketAddr) -> F + Clone + Send + 'static,
) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    for listener in listeners {
        let listener = listen::into_tokio(listener)?;
        accepting.spawn(accept_loop(listener, serve.clone()));
    }
    Ok(())
}

/// Accepts connections from one listener, for ever.
async fn accept_loop<F>(
    listener: TcpListener,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::default();
    let mut callers = 0_usize;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                backoff.reset();
                tokio::spawn(serve(stream, peer));
                callers += 1;
                // However many are waiting, those who are served have their turn.
                if callers.is_multiple_of(AT_ONCE) {
                    yield_now().await;
                }
            }
            Err(error) => sleep(backoff.after(&error)).await,
        }
    }
}

/// How long to wait before the next attempt to accept: 5 ms after the first
/// failure, twice as long after each further one, and never over a second.
#[derive(Debug, Default)]
pub struct Backoff {
    last: Duration,
}

impl Backoff {
    /// The wait after `error`. None for what concerns one caller only, who is gone.
    pub fn after(&mut self, error: &io::Error) -> Duration {
        use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
        {
            debug!("a caller left before being accepted: {error}");
            return Duration::ZERO;
        }
        self.last = (self.last * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
        warn!("cannot accept, next attempt in {:?}: {error}", self.last);
        self.last
    }

    /// Starts anew, after a success.
    pub fn reset(&mut self) {
        self.last = Duration::ZERO;
    }
}
