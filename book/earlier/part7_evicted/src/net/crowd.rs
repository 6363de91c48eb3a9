/// What a connection is to others who want its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// It has something to do.
    #[default]
    Busy,
    /// It waits for its client, since then.
    Idle(Instant),
    /// It has been told to go.
    Evicted,
}

/// A connection's seat in the crowd.
#[derive(Debug, Default)]
pub struct Seat {
    state: Mutex<State>,
    called: Notify,
}

impl Seat {
    /// Is idle until it is told to go or the server ends, or until this is dropped.
    pub async fn called(&self, end: &mut impl Shutdown) {
        let _idle = Idle::begin(self);
        let evicted = async {
            while !self.is_evicted() {
                self.called.notified().await;
            }
        };
        tokio::select! {
            () = evicted => {}
            () = end.requested() => {}
        }
    }

    /// Tells it to go, if it is idle: whether it was.
    pub fn evict(&self) -> bool {
        let mut state = self.state();
        let is_idle = matches!(*state, State::Idle(_));
        if is_idle {
            *state = State::Evicted;
            self.called.notify_one();
        }
        is_idle
    }
}
