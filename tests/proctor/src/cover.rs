//! Sequences in which everything meets everything else: any two values within one row,
//! and any two in rows that follow each other.
//!
//! A row is made of picks, as a case is. Most of its picks are the simplest, so that of two
//! that go wrong together the others hide nothing.

use crate::draw::{Draw, Lot, Picks};

/// How many rows are tried for each that is taken: the one that meets most is.
const TRIES: usize = 16;

/// So many sequences of at most so many rows, one behind the other in one list of picks:
/// what has not met yet first, and then by lot. Nothing follows a row that `ends`.
pub fn cover<T>(
    seed: u64,
    count: usize,
    longest: usize,
    make: impl Fn(&mut Draw) -> T,
    ends: impl Fn(&T) -> bool,
) -> Vec<Picks> {
    let mut simplest = Draw::again(&[]);
    make(&mut simplest);
    let mut met = Met::of(simplest.of());
    let mut lot = Lot(seed);
    let sequence = |_| {
        let mut rows: Vec<Picks> = Vec::new();
        while rows.len() < longest {
            let before = rows.last();
            let tries = (0..TRIES).map(|_| met.row(&mut lot));
            let row = tries.max_by_key(|row| met.new_with(row, before));
            let row = row.unwrap_or_default();
            met.meet(&row, before);
            let is_last = ends(&make(&mut Draw::again(&row)));
            rows.push(row);
            if is_last {
                break;
            }
        }
        rows.concat()
    };
    (0..count).map(sequence).collect()
}

/// What has met already: of each two values, whether they have in one row, and whether in
/// rows that follow each other.
struct Met {
    /// How many values each pick has.
    of: Vec<usize>,
    /// How many values there are.
    count: usize,
    pairs: Vec<bool>,
}

impl Met {
    fn of(of: &[usize]) -> Met {
        let count = of.iter().sum();
        Met { of: of.to_vec(), count, pairs: vec![false; 2 * count * count] }
    }

    /// A row by lot.
    fn row(&self, lot: &mut Lot) -> Picks {
        let pick = |&count: &usize| match lot.below(3) {
            0 => lot.below(count),
            _ => 0,
        };
        self.of.iter().map(pick).collect()
    }

    /// The values of a row, each by its place in a list of all that there are.
    fn values(&self, row: &[usize]) -> Vec<usize> {
        let mut first = 0;
        let value = |(pick, count): (&usize, &usize)| {
            first += count;
            first - count + pick
        };
        row.iter().zip(&self.of).map(value).collect()
    }

    /// The pairs that meet in a row, and in it and the one before.
    fn pairs(&self, row: &[usize], before: Option<&Picks>) -> Vec<usize> {
        let values = self.values(row);
        let mut pairs = Vec::new();
        for (place, one) in values.iter().enumerate() {
            let others = &values[place + 1..];
            pairs.extend(others.iter().map(|other| one * self.count + other));
        }
        for one in before.map(|before| self.values(before)).unwrap_or_default() {
            let one = (self.count + one) * self.count;
            pairs.extend(values.iter().map(|other| one + other));
        }
        pairs
    }

    /// How many of them meet for the first time.
    fn new_with(&self, row: &[usize], before: Option<&Picks>) -> usize {
        let pairs = self.pairs(row, before);
        pairs.iter().filter(|&&pair| !self.pairs[pair]).count()
    }

    fn meet(&mut self, row: &[usize], before: Option<&Picks>) {
        for pair in self.pairs(row, before) {
            self.pairs[pair] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cover;
    use crate::draw::Draw;

    fn row(draw: &mut Draw) -> [usize; 4] {
        [5, 3, 4, 2].map(|count| draw.below(count))
    }

    #[test]
    fn any_two_values_meet_in_a_row_and_one_behind_the_other() {
        let all = cover(1, 60, 5, row, |row| row[3] == 1);
        let all: Vec<Vec<&[usize]>> =
            all.iter().map(|it| it.chunks(4).collect()).collect();
        let rows = all.concat();
        let followed: Vec<[&[usize]; 2]> = all
            .iter()
            .flat_map(|it| it.windows(2).map(|two| [two[0], two[1]]))
            .collect();
        for (a, count) in [5, 3, 4, 2].into_iter().enumerate() {
            for (b, other) in [5, 3, 4, 2].into_iter().enumerate() {
                for (one, two) in
                    (0..count).flat_map(|it| (0..other).map(move |b| (it, b)))
                {
                    let meet = |it: &&[usize]| it[a] == one && it[b] == two;
                    assert!(a == b || rows.iter().any(meet));
                    let follow =
                        |it: &[&[usize]; 2]| it[0][a] == one && it[1][b] == two;
                    // Nothing follows what ends it.
                    let is_end = a == 3 && one == 1;
                    assert_eq!(followed.iter().any(follow), !is_end);
                }
            }
        }
    }

    #[test]
    fn the_seed_decides_and_there_are_as_many_as_are_wanted() {
        let of = |seed, count| cover(seed, count, 3, row, |_| false);
        assert_eq!(of(1, 10), of(1, 10));
        assert_ne!(of(1, 10), of(2, 10));
        assert_eq!(of(1, 10).len(), 10);
    }
}
