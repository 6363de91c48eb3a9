//! The checks, stage by stage.

mod part1;
mod part2;
mod part3;
mod part4;
mod part5;
mod part5_5;
mod part6;

use std::sync::LazyLock;

use crate::check::Check;
use crate::stage::Stage;

/// All checks, in the book's order.
pub fn all() -> &'static [Check] {
    static ALL: LazyLock<Vec<Check>> = LazyLock::new(|| {
        let stages = [
            part1::checks(),
            part2::checks(),
            part3::checks(),
            part4::checks(),
            part5::checks(),
            part5_5::checks(),
            part6::checks(),
        ];
        stages.into_iter().flatten().collect()
    });
    &ALL
}

/// Those that a server of a stage must pass.
pub fn of(stage: Stage) -> impl Iterator<Item = &'static Check> {
    all().iter().filter(move |check| check.holds_for(stage))
}
