use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What lets callers in.
pub struct Admission {
    limits: ConnectionLimits,
    crowd: Mutex<Crowd>,
    shutdown: ServerShutdown,
}

impl Admission {
    /// One that has let nobody in yet, and does for as long as the server goes on.
    pub fn new(limits: ConnectionLimits, shutdown: ServerShutdown) -> Arc<Self> {
        Arc::new(Admission { limits, crowd: Mutex::default(), shutdown })
    }

    /// Finds a place for somebody, if need be by having others go.
    pub fn place(self: &Arc<Self>, source: Source) -> Option<Place> {
        let mut crowd = self.crowd();
        if crowd.count() >= self.limits.total && crowd.make_room(None) == 0 {
            return None;
        }
        let (number, seat) = crowd.sit(source);
        let (admission, shutdown) = (self.clone(), self.shutdown.clone());
        Some(Place { admission, source, number, seat, shutdown })
    }
}

/// A connection's place, for as long as it is there.
pub struct Place {
    admission: Arc<Admission>,
    source: Source,
    number: u64,
    seat: Arc<Seat>,
    shutdown: ServerShutdown,
}

impl Shutdown for Place {
    async fn requested(&mut self) {
        self.seat.called(&mut self.shutdown).await;
    }
}
