//! Signals, and the end that they bring about.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long responses in flight may take to finish once the end has come.
pub const DRAIN: Duration = Duration::from_secs(5);

/// The signals that end a server: HUP, TERM and INT.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches them from now on. Called within a runtime.
    pub fn catch() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one, and says which it is.
    pub async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.hangup.recv() => SignalKind::hangup(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}

/// The end of a server, as seen by who brings it about.
pub struct Ending {
    ending: watch::Sender<bool>,
}

/// The end of a server, as seen by a connection. Whoever holds one is waited for.
#[derive(Clone)]
pub struct Guest {
    ending: watch::Receiver<bool>,
}

/// The two sides of a server's end.
pub fn ending() -> (Ending, Guest) {
    let (sender, receiver) = watch::channel(false);
    (Ending { ending: sender }, Guest { ending: receiver })
}

impl Ending {
    /// Tells all guests, and waits until the last is gone, for as long as [`DRAIN`]
    /// or until another signal comes. Whether all went.
    pub async fn drain(self, signals: &mut Signals) -> bool {
        self.ending.send_replace(true);
        tokio::select! {
            () = self.ending.closed() => true,
            () = sleep(DRAIN) => false,
            _ = signals.next() => false,
        }
    }
}

impl Guest {
    /// Whether the server is ending.
    pub fn is_told(&self) -> bool {
        *self.ending.borrow()
    }

    /// Waits until the server is ending.
    pub async fn told(&mut self) {
        // The sender is gone when the process is: then too it is over.
        let _ = self.ending.wait_for(|ending| *ending).await;
    }
}
