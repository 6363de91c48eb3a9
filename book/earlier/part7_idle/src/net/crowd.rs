use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a connection is to others who want its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// It has something to do.
    #[default]
    Busy,
    /// It waits for its client, since then.
    Idle(Instant),
}

/// A connection's seat in the crowd.
#[derive(Debug, Default)]
pub struct Seat {
    state: Mutex<State>,
}

impl Seat {
    /// Is idle until the server ends, or until this is dropped.
    pub async fn called(&self, end: &mut impl Shutdown) {
        let _idle = Idle::begin(self);
        end.requested().await;
    }

    /// Since when it has been idle, if it is.
    pub fn idle_since(&self) -> Option<Instant> {
        match *self.state() {
            State::Idle(since) => Some(since),
            _ => None,
        }
    }
}

impl Idle<'_> {
    fn begin(seat: &Seat) -> Idle<'_> {
        *seat.state() = State::Idle(Instant::now());
        Idle(seat)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        *self.0.state() = State::Busy;
    }
}
