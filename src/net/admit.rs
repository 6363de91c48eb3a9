//! Who is let in when there is not room for everybody: whoever asks for something,
//! before whoever has long had nothing to ask for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use super::crowd::{Crowd, Seat, Source};
use super::serve::{Admit, explain};
use crate::io::close::Linger;
use crate::limits::ConnectionLimits;
use crate::message::{FieldName, FieldValue, Response, Scheme, Status};
use crate::process::shutdown::{ServerShutdown, Shutdown};

/// After how many seconds somebody who was turned away may try again. By then many who
/// are busy now have been answered.
const RETRY_AFTER: FieldValue = FieldValue::from_static("5");
/// How many may be told at once that there is no room, which takes a descriptor each
/// until they have heard it. Whoever comes beyond that is told nothing.
const TOLD_AT_ONCE: usize = 16;
/// How long that may take them.
const LINGER: Linger =
    Linger { pause: Duration::from_secs(1), total: Duration::from_secs(1) };

/// What lets callers in.
pub struct Admission {
    limits: ConnectionLimits,
    crowd: Mutex<Crowd>,
    told: Arc<Semaphore>,
    shutdown: ServerShutdown,
}

impl Admission {
    /// One that has let nobody in yet, and does for as long as the server goes on.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn new(limits: ConnectionLimits, shutdown: ServerShutdown) -> Arc<Self> {
        let told = Arc::new(Semaphore::new(TOLD_AT_ONCE));
        let (crowd, end) = (Mutex::default(), shutdown.clone());
        let admission = Arc::new(Admission { limits, crowd, told, shutdown });
        tokio::spawn(Admission::end(Arc::downgrade(&admission), end));
        admission
    }

    /// Has all who are there see the end of the server. If each of them waited for it,
    /// they would all be on one list, and go to it before each request.
    async fn end(admission: Weak<Self>, mut shutdown: ServerShutdown) {
        shutdown.requested().await;
        admission.upgrade().inspect(|it| it.crowd().call_all());
    }

    /// How many are there.
    pub fn count(&self) -> usize {
        self.crowd().count()
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a place for somebody, if need be by having others go.
    fn place(self: &Arc<Self>, source: Source) -> Option<Place> {
        let ConnectionLimits { total, of_source, exempt } = &self.limits;
        let mut crowd = self.crowd();
        let is_exempt = exempt.iter().any(|&it| Source::from(it) == source);
        let has_most = !is_exempt && crowd.count_of(source) >= *of_source;
        if has_most && crowd.make_room(Some(source)) == 0 {
            return None;
        }
        if crowd.count() >= *total && crowd.make_room(None) == 0 {
            return None;
        }
        let (number, seat) = crowd.sit(source);
        let (admission, shutdown) = (self.clone(), self.shutdown.clone());
        let since = Instant::now();
        Some(Place { admission, source, number, seat, since, shutdown })
    }

    /// Tells somebody that there is no room. Over TLS nothing can be told before a
    /// handshake, and that is more work than there is time for.
    fn turn_away(&self, stream: TcpStream, scheme: Scheme) {
        if scheme == Scheme::Https {
            return;
        }
        let Ok(permit) = self.told.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let why = "too many connections";
            let response = Response::error(Status::SERVICE_UNAVAILABLE, why)
                .with(FieldName::RETRY_AFTER, RETRY_AFTER);
            explain(stream, response, LINGER).await;
            drop(permit);
        });
    }
}

impl Admit for Arc<Admission> {
    type Place = Place;

    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        scheme: Scheme,
    ) -> Option<(TcpStream, Place)> {
        let place = self.place(peer.ip().into());
        match place {
            Some(place) => Some((stream, place)),
            None => {
                debug!(%peer, "there is no room");
                self.turn_away(stream, scheme);
                None
            }
        }
    }
}

/// How old a connection may be and have its first request still on its way, when the
/// server ends.
const FRESH: Duration = Duration::from_secs(1);

/// A connection's place, for as long as it is there.
pub struct Place {
    admission: Arc<Admission>,
    source: Source,
    number: u64,
    seat: Arc<Seat>,
    since: Instant,
    shutdown: ServerShutdown,
}

impl Shutdown for Place {
    fn is_requested(&self) -> bool {
        self.shutdown.is_requested() || self.seat.is_evicted()
    }

    async fn requested(&mut self) {
        self.seat.called(&self.shutdown).await;
        if !self.seat.is_evicted() {
            sleep_until(self.since + FRESH).await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.crowd().leave(self.source, self.number);
    }
}
