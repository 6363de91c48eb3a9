//! Work on many things, half of it on a thread of its own.

use std::{panic, thread};

/// What becomes of each item, in order. Every other one is worked on beside the rest,
/// since long ones often stand in a row.
pub fn in_halves<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let every_other =
        |first: usize| items.iter().skip(first).step_by(2).map(&work).collect();
    let (even, odd): (Vec<R>, Vec<R>) = thread::scope(|scope| {
        let odd = scope.spawn(|| every_other(1));
        (every_other(0), odd.join().unwrap_or_else(|it| panic::resume_unwind(it)))
    });
    let mut halves = [even.into_iter(), odd.into_iter()];
    (0..items.len()).filter_map(|index| halves[index % 2].next()).collect()
}
