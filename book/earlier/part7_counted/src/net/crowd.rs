/// All who are connected.
#[derive(Debug, Default)]
pub struct Crowd {
    seats: HashMap<Source, usize>,
    count: usize,
}

impl Crowd {
    /// How many there are from one source.
    pub fn count_of(&self, source: Source) -> usize {
        self.seats.get(&source).map_or(0, |count| *count)
    }

    /// Gives somebody a seat.
    pub fn sit(&mut self, source: Source) {
        *self.seats.entry(source).or_default() += 1;
        self.count += 1;
    }

    /// Takes a seat back.
    pub fn leave(&mut self, source: Source) {
        let Some(seats) = self.seats.get_mut(&source) else { return };
        *seats -= 1;
        self.count -= 1;
        if *seats == 0 {
            self.seats.remove(&source);
        }
    }
}
