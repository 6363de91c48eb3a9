//! Cases made from a seed: a rule's whole dimension, in place of examples.
//!
//! Whoever makes a case draws what it is made of, one pick after the other, each time
//! from a list with the simplest first. The picks are all there is to a case: the same
//! make the same, and smaller ones a simpler one.

use std::collections::BTreeSet;

/// What a case is made from: each pick by its place in its list.
pub type Picks = Vec<usize>;

/// Picks being made.
#[derive(Debug)]
pub struct Draw {
    source: Source,
    made: Picks,
    /// How many there were to choose from, pick by pick.
    of: Vec<usize>,
}

/// Where picks are from.
#[derive(Debug)]
enum Source {
    /// These are repeated; what they have none for is the simplest.
    Given(Picks),
    /// By lot.
    Lot(Lot),
}

/// Numbers that look like chance, the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Lot(pub(crate) u64);

impl Lot {
    /// The next, which is less than another.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count as u64) as usize
    }
}

impl Draw {
    /// Picks that have been made before.
    pub fn again(picks: &[usize]) -> Draw {
        Draw::from(Source::Given(picks.to_vec()))
    }

    /// Picks by lot: the same seed, the same picks.
    pub fn by_lot(seed: u64) -> Draw {
        Draw::from(Source::Lot(Lot(seed)))
    }

    fn from(source: Source) -> Draw {
        Draw { source, made: Vec::new(), of: Vec::new() }
    }

    /// The picks that have been made.
    pub fn made(&self) -> &[usize] {
        &self.made
    }

    /// How many there were to choose from, pick by pick.
    pub fn of(&self) -> &[usize] {
        &self.of
    }

    /// Picks one of a list, in which the simplest is first.
    ///
    /// # Panics
    /// If there is nothing to pick from.
    pub fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Picks a number below another. The least is the simplest.
    pub fn below(&mut self, count: usize) -> usize {
        let pick = match &mut self.source {
            Source::Given(picks) => {
                let pick = picks.get(self.made.len()).copied().unwrap_or_default();
                pick.min(count - 1)
            }
            Source::Lot(lot) => lot.below(count),
        };
        self.made.push(pick);
        self.of.push(count);
        pick
    }
}

/// The cases that `make` can make, at most so many: the simplest; then each that differs
/// from it in one pick; then those that differ in two, and the others, all of them if
/// there is room, else by lot.
pub fn cases<T>(
    seed: u64,
    most: usize,
    make: impl Fn(&mut Draw) -> T,
) -> Vec<Picks> {
    let simplest = made_of(&[], &make);
    let mut lot = Lot(seed);
    let mut near = near(&simplest, &make);
    if near.len() >= most {
        shuffle(&mut near, &mut lot);
    }
    let mut seen = BTreeSet::from([simplest.made.clone()]);
    let mut cases = vec![simplest.made];
    let mut add = |cases: &mut Vec<Picks>, picks: Picks, most: usize| {
        if cases.len() < most && seen.insert(picks.clone()) {
            cases.push(picks);
        }
    };
    for draw in &near {
        add(&mut cases, draw.made.clone(), most);
    }
    if cases.len() == most {
        return cases;
    }
    let mut all = every(&make);
    let first: Vec<Picks> = all.by_ref().take(most).collect();
    let far = match all.next() {
        None => first,
        Some(_) => (0..2 * most).map(|_| by_lot(&mut lot, &make)).collect(),
    };
    let mut pairs: Vec<Further> = pairs(&near).collect();
    shuffle(&mut pairs, &mut lot);
    // What takes three picks to go wrong has a quarter of what is left.
    let most_pairs = most - (most - cases.len()) / 4;
    for pair in pairs.iter().take(most) {
        add(&mut cases, made_of(&pair.picks(), &make).made, most_pairs);
    }
    for picks in far {
        add(&mut cases, picks, most);
    }
    cases
}

/// Picks that differ from others in one more. There are many, of which few are taken.
struct Further<'a> {
    from: &'a Draw,
    place: usize,
    pick: usize,
}

impl Further<'_> {
    fn picks(&self) -> Picks {
        let mut picks = self.from.made.clone();
        picks[self.place] = self.pick;
        picks
    }
}

/// Those that differ from each of these in one pick more, behind the last that is not
/// the simplest.
fn pairs(near: &[Draw]) -> impl Iterator<Item = Further<'_>> {
    near.iter().flat_map(|from| {
        let last = from.made.iter().rposition(|&pick| pick > 0);
        let behind = last.map_or(0, |last| last + 1)..from.made.len();
        behind.flat_map(move |place| {
            (1..from.of[place]).map(move |pick| Further { from, place, pick })
        })
    })
}

/// What comes of repeating picks.
fn made_of<T>(picks: &[usize], make: impl Fn(&mut Draw) -> T) -> Draw {
    let mut draw = Draw::again(picks);
    make(&mut draw);
    draw
}

/// Those that differ from the simplest in one pick; and where that leads to others that
/// the simplest does not have, those that differ in one of these besides.
fn near<T>(simplest: &Draw, make: impl Fn(&mut Draw) -> T) -> Vec<Draw> {
    let mut near = Vec::new();
    for (place, &count) in simplest.of.iter().enumerate() {
        for pick in 1..count {
            let draw =
                made_of(&Further { from: simplest, place, pick }.picks(), &make);
            if draw.of != simplest.of {
                for (place, &count) in draw.of.iter().enumerate().skip(place + 1) {
                    near.extend((1..count).map(|pick| {
                        made_of(
                            &Further { from: &draw, place, pick }.picks(),
                            &make,
                        )
                    }));
                }
            }
            near.push(draw);
        }
    }
    near
}

fn by_lot<T>(lot: &mut Lot, make: impl Fn(&mut Draw) -> T) -> Picks {
    let next = Lot(lot.below(usize::MAX) as u64);
    let mut draw = Draw::from(Source::Lot(next));
    make(&mut draw);
    draw.made
}

fn shuffle<T>(all: &mut [T], lot: &mut Lot) {
    for last in (1..all.len()).rev() {
        all.swap(last, lot.below(last + 1));
    }
}

/// All that can be made, in order.
fn every<T>(make: impl Fn(&mut Draw) -> T) -> impl Iterator<Item = Picks> {
    let mut next = Some(Vec::new());
    std::iter::from_fn(move || {
        let draw = made_of(&next.take()?, &make);
        let last =
            (0..draw.made.len()).rfind(|&at| draw.made[at] + 1 < draw.of[at]);
        next = last.map(|at| {
            let mut picks = draw.made[..=at].to_vec();
            picks[at] += 1;
            picks
        });
        Some(draw.made)
    })
}

/// The simplest picks for which something still holds, found by making one smaller at a
/// time: what is found there last.
pub fn shrink<T>(
    mut picks: Picks,
    mut found: T,
    mut holds: impl FnMut(&[usize]) -> Option<T>,
) -> (Picks, T) {
    let mut place = 0;
    while place < picks.len() {
        let smaller = (0..picks[place]).find_map(|pick| {
            let mut smaller = picks.clone();
            smaller[place] = pick;
            holds(&smaller).map(|found| (smaller, found))
        });
        match smaller {
            Some(smaller) => (picks, found) = smaller,
            None => place += 1,
        }
    }
    (picks, found)
}

/// The fewest groups of so many picks for which something still holds, found by leaving
/// one out at a time: what is found there last.
pub fn fewest<T>(
    mut picks: Picks,
    width: usize,
    mut found: T,
    holds: impl Fn(&[usize]) -> Option<T>,
) -> (Picks, T) {
    let mut from = 0;
    while from < picks.len() && picks.len() > width {
        let mut fewer = picks.clone();
        fewer.drain(from..picks.len().min(from + width));
        match holds(&fewer) {
            Some(still) => (picks, found) = (fewer, still),
            None => from += width,
        }
    }
    (picks, found)
}

#[cfg(test)]
mod tests {
    use super::{Draw, cases, fewest, shrink};

    fn pair(draw: &mut Draw) -> (u8, char) {
        (draw.one(&[1, 2, 3]), draw.one(&['a', 'b']))
    }

    #[test]
    fn few_cases_are_all_made_the_simplest_first() {
        let made: Vec<(u8, char)> = cases(1, 100, pair)
            .iter()
            .map(|picks| pair(&mut Draw::again(picks)))
            .collect();
        let wanted = [(1, 'a'), (2, 'a'), (3, 'a'), (1, 'b'), (2, 'b'), (3, 'b')];
        assert_eq!(made, wanted);
    }

    #[test]
    fn of_many_each_pick_is_made_once_at_least_and_the_seed_decides() {
        let make = |draw: &mut Draw| [0; 6].map(|_| draw.below(10));
        let made = cases(7, 80, make);
        assert_eq!(made.len(), 80);
        for place in 0..6 {
            for pick in 0..10 {
                assert!(made.iter().any(|picks| picks[place] == pick));
            }
        }
        assert_eq!(made, cases(7, 80, make));
        assert_ne!(made, cases(8, 80, make));
        // Of those that differ in one pick, some.
        assert_eq!(cases(7, 10, make).len(), 10);
    }

    /// What is wrong only where two things come together is found all the same.
    #[test]
    fn any_two_picks_come_together_where_there_is_room() {
        let make = |draw: &mut Draw| [0; 6].map(|_| draw.below(5));
        let made = cases(1, 400, make);
        for (one, other) in [(0, 1), (0, 5), (2, 4), (4, 5)] {
            let both = |picks: &&Vec<usize>| picks[one] == 4 && picks[other] == 3;
            let rest = |picks: &&Vec<usize>| picks.iter().sum::<usize>() == 7;
            assert!(made.iter().filter(both).any(|picks| rest(&picks)));
        }
    }

    /// A pick may decide what else there is to pick.
    #[test]
    fn what_one_pick_alone_leads_to_is_made_too() {
        let make = |draw: &mut Draw| match draw.below(3) {
            2 => draw.below(200),
            other => 1000 + other,
        };
        let made = cases(1, 300, make);
        assert_eq!(made.len(), 202);
        let made = cases(1, 400, |draw| (make(draw), draw.below(100)));
        assert!((0..200).all(|it| made.iter().any(|picks| picks[..2] == [2, it])));
    }

    #[test]
    fn what_is_shrunk_still_holds_and_nothing_smaller_does() {
        let holds = |picks: &[usize]| (picks[1] >= 3).then(|| picks[0] + picks[2]);
        let (picks, found) = shrink(vec![5, 9, 2], 7, holds);
        assert_eq!((picks, found), (vec![0, 3, 0], 0));
    }

    #[test]
    fn what_is_not_needed_is_left_out() {
        let holds = |picks: &[usize]| {
            (picks.contains(&7) && picks.contains(&9)).then_some(picks.len())
        };
        let picks = vec![1, 1, 7, 0, 2, 2, 0, 9, 3, 3];
        let (picks, found) = fewest(picks, 2, 0, holds);
        assert_eq!((picks, found), (vec![7, 0, 0, 9], 4));
    }
}
