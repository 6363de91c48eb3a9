//! Who is connected, from where, and who of them would not be missed.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::process::shutdown::Shutdown;

/// The most who have to go at once, and the least part of those who could: to look
/// through all of them for each caller is more than it is worth. Both as in nginx.
const MOST_AT_ONCE: usize = 32;
const PART: usize = 8;

/// Where a connection comes from: an address, or a network of IPv6 with 64 bits to
/// itself, which is the least that anybody gets (RFC 6177), and has addresses enough
/// for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Source {
        // What is IPv4 in an IPv6 address is still one address.
        Source(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                Ipv6Addr::from_bits(network).into()
            }
            address => address,
        })
    }
}

/// What a connection is to others who want its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has something to do.
    Busy,
    /// It waits for its client, since then.
    Idle(Instant),
    /// It has been told to go.
    Evicted,
}

/// A connection's seat in the crowd.
#[derive(Debug)]
pub struct Seat {
    state: Mutex<State>,
    called: Notify,
}

impl Seat {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has been told to go.
    pub fn is_evicted(&self) -> bool {
        *self.state() == State::Evicted
    }

    /// Is idle until it is told to go or the server ends, or until this is dropped.
    pub async fn called(&self, end: &impl Shutdown) {
        let _idle = Idle::begin(self);
        while !self.is_evicted() && !end.is_requested() {
            self.called.notified().await;
        }
    }

    fn idle_since(&self) -> Option<Instant> {
        match *self.state() {
            State::Idle(since) => Some(since),
            _ => None,
        }
    }

    /// Tells it to go, if it is idle: whether it was.
    fn evict(&self) -> bool {
        let mut state = self.state();
        let is_idle = matches!(*state, State::Idle(_));
        if is_idle {
            *state = State::Evicted;
            self.called.notify_one();
        }
        is_idle
    }
}

/// A seat that is idle, until this is dropped.
struct Idle<'a>(&'a Seat);

impl Idle<'_> {
    fn begin(seat: &Seat) -> Idle<'_> {
        let mut state = seat.state();
        if *state == State::Busy {
            *state = State::Idle(Instant::now());
        }
        Idle(seat)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if *state != State::Evicted {
            *state = State::Busy;
        }
    }
}

/// All who are connected.
#[derive(Debug, Default)]
pub struct Crowd {
    seats: HashMap<Source, HashMap<u64, Arc<Seat>>>,
    count: usize,
    next: u64,
}

/// Somebody idle, those first who are to go first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// How many their source has.
    of_source: Reverse<usize>,
    since: Instant,
    source: Source,
    number: u64,
}

impl Crowd {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many there are from one source.
    pub fn count_of(&self, source: Source) -> usize {
        self.seats.get(&source).map_or(0, HashMap::len)
    }

    /// Gives somebody a seat, with a number to give it back by.
    pub fn sit(&mut self, source: Source) -> (u64, Arc<Seat>) {
        let (state, called) = (Mutex::new(State::Busy), Notify::new());
        let seat = Arc::new(Seat { state, called });
        self.next += 1;
        self.count += 1;
        let seats = self.seats.entry(source).or_default();
        seats.insert(self.next, seat.clone());
        (self.next, seat)
    }

    /// Takes a seat back, if that has not been done.
    pub fn leave(&mut self, source: Source, number: u64) {
        let Some(seats) = self.seats.get_mut(&source) else { return };
        if seats.remove(&number).is_some() {
            self.count -= 1;
        }
        if seats.is_empty() {
            self.seats.remove(&source);
        }
    }

    /// Has some go who are idle, from one source or from all: those of the source that
    /// has most before others, and then those who have been idle for longest. How many
    /// seats are free by that.
    pub fn make_room(&mut self, only: Option<Source>) -> usize {
        let mut idle = self.idle(only);
        let count = (idle.len() / PART).clamp(1, MOST_AT_ONCE).min(idle.len());
        if count < idle.len() {
            idle.select_nth_unstable(count);
            idle.truncate(count);
        }
        idle.retain(|it| self.evict(it));
        idle.len()
    }

    /// Has all see that the server ends.
    pub fn call_all(&self) {
        let seats = self.seats.values().flat_map(HashMap::values);
        seats.for_each(|seat| seat.called.notify_one());
    }

    fn idle(&self, only: Option<Source>) -> Vec<Candidate> {
        let mut idle = Vec::new();
        let wanted = |source: &Source| only.is_none_or(|only| only == *source);
        for (&source, seats) in self.seats.iter().filter(|(it, _)| wanted(it)) {
            let of_source = Reverse(seats.len());
            idle.extend(seats.iter().filter_map(|(&number, seat)| {
                let since = seat.idle_since()?;
                Some(Candidate { of_source, since, source, number })
            }));
        }
        idle
    }

    /// Whether somebody goes, who may have something to do by now.
    fn evict(&mut self, idle: &Candidate) -> bool {
        let seats = self.seats.get(&idle.source);
        let seat = seats.and_then(|seats| seats.get(&idle.number));
        let goes = seat.is_some_and(|seat| seat.evict());
        if goes {
            self.leave(idle.source, idle.number);
        }
        goes
    }
}
