/// Somebody idle, those first who are to go first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    since: Instant,
    source: Source,
    number: u64,
}

impl Crowd {
    /// Has whoever has been idle for longest go: whether there is a seat now.
    pub fn make_room(&mut self) -> bool {
        let longest = self.idle().into_iter().min();
        longest.is_some_and(|it| self.evict(&it))
    }

    fn idle(&self) -> Vec<Candidate> {
        let mut idle = Vec::new();
        for (&source, seats) in &self.seats {
            idle.extend(seats.iter().filter_map(|(&number, seat)| {
                let since = seat.idle_since()?;
                Some(Candidate { since, source, number })
            }));
        }
        idle
    }
}
