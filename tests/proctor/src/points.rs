//! What checks are worth.

use std::fmt;
use std::str::FromStr;

use crate::check::{Check, Level};
use crate::run::Done;

/// How many points a check is worth, by its level. One that is made on both ports is
/// worth them on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights([u32; Level::ALL.len()]);

/// What is required counts most.
impl Default for Weights {
    fn default() -> Weights {
        Weights([3, 2, 1])
    }
}

impl Weights {
    /// The most points for a check.
    const MOST: u32 = 1000;

    /// What a check is worth.
    pub fn of(&self, check: &Check) -> u32 {
        self.0[check.rule.level() as usize]
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let words = Level::ALL
            .map(|level| format!("{}={}", level.name(), self.0[level as usize]));
        f.write_str(&words.join(","))
    }
}

impl FromStr for Weights {
    type Err = String;

    /// Reads `must=3,should=2,ours=1`; what is not named is worth what it is otherwise.
    fn from_str(text: &str) -> Result<Weights, String> {
        let mut weights = Weights::default();
        for word in text.split(',') {
            let (level, points) =
                word.split_once('=').ok_or("such as must=3,should=2,ours=1")?;
            let level: Level = level.parse()?;
            let points = points.parse().ok().filter(|&it| it <= Weights::MOST);
            weights.0[level as usize] = points.ok_or_else(|| {
                format!("{level} is worth 0 to {} points", Weights::MOST)
            })?;
        }
        match weights.0 {
            [0, 0, 0] => Err("something has to be worth a point".into()),
            _ => Ok(weights),
        }
    }
}

/// How many points were earned, of how many that could be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Points {
    /// How many were earned.
    pub earned: u32,
    /// How many there are.
    pub of: u32,
}

impl Points {
    /// Those of checks that were made, and of those that were to be made and were not.
    /// What can't be made on a server counts neither way.
    pub fn count<'a>(
        weights: &Weights,
        done: &[Done],
        not_made: impl IntoIterator<Item = &'a Check>,
    ) -> Points {
        let mut points = Points::default();
        for it in done.iter().filter(|it| it.skipped().is_none()) {
            let weight = weights.of(it.check);
            points.of += weight;
            points.earned += if it.outcome.is_ok() { weight } else { 0 };
        }
        points.of += not_made.into_iter().map(|it| weights.of(it)).sum::<u32>();
        points
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {} points", self.earned, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::Weights;

    #[test]
    fn weights_are_named_by_level() {
        let read = |text: &str| text.parse::<Weights>();
        assert_eq!(read("must=3,should=2,ours=1"), Ok(Weights::default()));
        assert_eq!(read("ours=0,must=5").map(|it| it.0), Ok([5, 2, 0]));
        for (text, expected) in [
            ("3", "such as must=3"),
            ("may=3", "must, should and ours"),
            ("must=-1", "must is worth 0 to 1000 points"),
            ("must=1001", "must is worth 0 to 1000 points"),
            ("must=0,should=0,ours=0", "something has to be worth a point"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
