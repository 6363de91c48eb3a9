//! The end of a server: connections are told, and waited for.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::sleep;

use super::signals::Signal;

/// The end of a server, as seen by whoever brings it about.
pub struct Trigger {
    requested: watch::Sender<bool>,
}

/// What tells a connection that it is to end.
pub trait Shutdown: Send + 'static {
    /// Whether it is to end with what it is doing.
    fn is_requested(&self) -> bool;

    /// Waits until it is to end. Only a connection with nothing under way waits for this,
    /// and it can go at once.
    fn requested(&mut self) -> impl Future<Output = ()> + Send;
}

/// The end of a server, as seen by a connection. Whoever holds one is waited for.
#[derive(Clone)]
pub struct ServerShutdown {
    requested: watch::Receiver<bool>,
}

/// How a server came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every connection had come to its own.
    Whole,
    /// Some had not.
    Cut,
}

/// The two sides of a server's end.
pub fn channel() -> (Trigger, ServerShutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger { requested: sender }, ServerShutdown { requested: receiver })
}

impl Trigger {
    /// Tells all connections, and waits until the last is gone, for as long as
    /// `patience` or until another signal comes. HUP is none: whoever rotates logs
    /// meanwhile does not want anything cut.
    pub async fn drain(
        self,
        patience: Duration,
        signals: &mut UnboundedReceiver<Signal>,
    ) -> Drained {
        self.requested.send_replace(true);
        let forced =
            async { while signals.recv().await == Some(Signal::Hangup) {} };
        tokio::select! {
            // Where all are gone, nobody is cut off, whatever else has come.
            biased;
            () = self.requested.closed() => Drained::Whole,
            () = sleep(patience) => Drained::Cut,
            () = forced => Drained::Cut,
        }
    }
}

impl Shutdown for ServerShutdown {
    fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    async fn requested(&mut self) {
        // The sender is gone when the process is: then too it is over.
        let _ = self.requested.wait_for(|requested| *requested).await;
    }
}
