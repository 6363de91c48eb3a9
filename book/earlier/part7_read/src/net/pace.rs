use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// How far a client has come with what it is waited for.
#[derive(Default)]
pub struct Ledger {
    account: Mutex<Account>,
}

#[derive(Default)]
struct Account {
    /// How many bytes have come or gone since somebody looked.
    bytes: u64,
}

impl Ledger {
    /// Says how many bytes there were since it was last asked, if any.
    pub fn settle(&self) {
        let bytes = std::mem::take(&mut self.account().bytes);
        if bytes > 0 {
            println!("{bytes} bytes");
        }
    }

    /// Takes note of what came of a read or a write.
    fn note(
        &self,
        polled: Poll<io::Result<usize>>,
        _: &Context,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(done) = &polled {
            self.account().bytes += *done.as_ref().unwrap_or(&0) as u64;
        }
        polled
    }
}

/// A stream that takes note of how far it comes.
pub struct Paced<S> {
    /// Where bytes come from.
    pub stream: S,
    /// Where that is put down.
    pub ledger: Arc<Ledger>,
}
