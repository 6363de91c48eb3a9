//! What is to go out: a queue of bytes, in whatever pieces they came.

use bytes::{Buf, Bytes};
use proptest::prelude::*;
use rohttp::io::output::Output;

use crate::states::bytes;

/// What can be done with it.
#[derive(Debug, Clone)]
enum Step {
    Write(usize),
    Push(usize),
    /// So many thousandths of what there is are gone.
    Advance(usize),
}

fn step() -> impl Strategy<Value = Step> {
    // Around what is copied, and beyond.
    let length = prop_oneof![0..10_usize, 2040..2060_usize, 0..9000_usize];
    prop_oneof![
        length.clone().prop_map(Step::Write),
        length.prop_map(Step::Push),
        (0..=1000_usize).prop_map(Step::Advance),
    ]
}

proptest! {
    #[test]
    fn it_lets_out_what_was_put_in(steps in prop::collection::vec(step(), 0..30)) {
        let (mut output, mut model, mut next) = (Output::default(), Vec::new(), 0_u8);
        for step in steps {
            match step {
                Step::Advance(part) => {
                    let count = model.len() * part / 1000;
                    output.advance(count);
                    model.drain(..count);
                }
                Step::Write(length) | Step::Push(length) => {
                    next = next.wrapping_add(1);
                    let piece = vec![next; length];
                    model.extend_from_slice(&piece);
                    match step {
                        Step::Push(_) => output.push(Bytes::from(piece)),
                        _ => output.write(|buffer| buffer.extend_from_slice(&piece)),
                    }
                }
            }
            prop_assert_eq!(output.len(), model.len());
            prop_assert_eq!(output.is_empty(), model.is_empty());
            prop_assert_eq!(&bytes(&output), &model);
            prop_assert_eq!(output.chunk().is_empty(), model.is_empty());
        }
    }
}

#[test]
fn what_is_long_is_shared_and_not_copied() {
    let long = Bytes::from(vec![b'x'; 10_000]);
    let mut output = Output::default();
    output.write(|buffer| buffer.push(b'h'));
    output.push(long.clone());
    output.advance(1);
    assert_eq!(output.chunk().as_ptr(), long.as_ptr());
}
