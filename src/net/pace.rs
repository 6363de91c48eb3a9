//! Who is slow, and who only says so: progress buys time, at a least rate.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use super::serve::ServeConnection;
use crate::io::arrival::Arrival;
use crate::io::stream::SendFile;
use crate::io::stream::Stream;
use crate::limits::Pace;
use crate::process::shutdown::Shutdown;

/// How often it is looked how far clients have come.
const TICK: Duration = Duration::from_secs(1);

/// What looks how far clients have come.
pub struct Pacer {
    pace: Pace,
    clients: Mutex<Vec<Weak<Ledger>>>,
}

impl Pacer {
    /// One that has no clients yet.
    pub fn new(pace: Pace) -> Arc<Pacer> {
        Arc::new(Pacer { pace, clients: Mutex::default() })
    }

    /// Looks after them, for ever.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = interval(TICK);
        // After a time in which nothing ran, nobody is to be blamed for it.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.clients().retain(|client| {
                let client = client.upgrade();
                client.inspect(|it| it.settle(TICK, &self.pace)).is_some()
            });
        }
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Weak<Ledger>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who begins with all the time that there is.
    fn begin(&self) -> Arc<Ledger> {
        let credit = self.pace.patience;
        let account = Account { bytes: 0, credit, is_awaited: false, waker: None };
        let (is_idle, account) = (AtomicBool::new(false), Mutex::new(account));
        let ledger = Arc::new(Ledger { is_idle, account });
        self.clients().push(Arc::downgrade(&ledger));
        ledger
    }
}

/// How far a client has come with what it is waited for.
struct Ledger {
    /// Whether that is a request, which has its own deadline.
    is_idle: AtomicBool,
    account: Mutex<Account>,
}

struct Account {
    /// How many bytes have come or gone since somebody looked.
    bytes: u64,
    /// How long it may still be waited for. Nothing is left: then it is over.
    credit: Duration,
    /// Whether the client is waited for just now, and not our own disk.
    is_awaited: bool,
    /// Who waited last.
    waker: Option<Waker>,
}

impl Ledger {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the time that has gone by from a client who is waited for, and gives it
    /// what it has bought. If nothing is left, nobody waits any longer.
    fn settle(&self, time: Duration, pace: &Pace) {
        let mut account = self.account();
        if account.credit.is_zero() {
            return;
        }
        let bought = Duration::from_millis(account.bytes * 1000 / pace.rate.max(1));
        account.bytes = 0;
        if self.is_idle.load(Ordering::Relaxed) {
            account.credit = pace.patience;
            return;
        }
        account.credit = (account.credit + bought).min(pace.patience);
        if account.is_awaited {
            account.credit = account.credit.saturating_sub(time);
        }
        if account.credit.is_zero() {
            account.waker.take().into_iter().for_each(Waker::wake);
        }
    }

    /// Takes note of what came of a read or a write.
    fn note(
        &self,
        polled: Poll<io::Result<usize>>,
        context: &Context,
    ) -> Poll<io::Result<usize>> {
        let mut account = self.account();
        if account.credit.is_zero() {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        account.is_awaited = polled.is_pending();
        match (&polled, &mut account.waker) {
            // It is the same one nearly always, and then there is nothing to clone.
            (Poll::Pending, Some(waker)) => waker.clone_from(context.waker()),
            (Poll::Pending, none) => *none = Some(context.waker().clone()),
            (Poll::Ready(done), _) => {
                account.bytes += *done.as_ref().unwrap_or(&0) as u64;
            }
        }
        polled
    }
}

/// A stream that takes note of how far it comes.
struct Paced<S> {
    stream: S,
    ledger: Arc<Ledger>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        room: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        let before = room.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, room);
        let count = read.map_ok(|()| room.filled().len() - before);
        ready!(self.ledger.note(count, context))?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.ledger.note(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        slices: &[IoSlice],
    ) -> Poll<io::Result<usize>> {
        let written =
            Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.ledger.note(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: SendFile> SendFile for Paced<S> {
    fn socket(&self) -> Option<&TcpStream> {
        self.stream.socket()
    }

    fn sent(&mut self, count: u64) {
        self.ledger.account().bytes += count;
        self.stream.sent(count);
    }
}

/// What a connection holds whose client must get on.
pub struct Paid<P> {
    place: P,
    ledger: Arc<Ledger>,
}

impl<P: Shutdown> Shutdown for Paid<P> {
    fn is_requested(&self) -> bool {
        self.place.is_requested()
    }

    async fn requested(&mut self) {
        let _rest = Rest::begin(&self.ledger);
        self.place.requested().await;
    }
}

/// A phase in which nothing is wanted of a client, until this is dropped.
struct Rest<'a>(&'a Ledger);

impl Rest<'_> {
    fn begin(ledger: &Ledger) -> Rest<'_> {
        ledger.is_idle.store(true, Ordering::Relaxed);
        Rest(ledger)
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.0.is_idle.store(false, Ordering::Relaxed);
    }
}

/// A server whose clients must get on.
#[derive(Clone)]
pub struct Brisk<T> {
    /// What serves them.
    pub server: T,
    /// What looks how far they come.
    pub pacer: Arc<Pacer>,
}

impl<P, T> ServeConnection<P> for Brisk<T>
where
    P: Shutdown,
    T: ServeConnection<Paid<P>>,
{
    // Not async: what is awaited within would hold all of this twice.
    fn serve_connection<S>(
        self,
        stream: S,
        arrival: Arrival,
        place: P,
    ) -> impl Future<Output = ()> + Send
    where
        S: Stream,
    {
        let ledger = self.pacer.begin();
        let stream = Paced { stream, ledger: ledger.clone() };
        let place = Paid { place, ledger };
        self.server.serve_connection(stream, arrival, place)
    }
}
