//! Ranges: which bytes a Range asks for.

use proptest::prelude::*;
use rohttp::resource::range::{self, MAX_RANGES, Selection};

use crate::support::get;

fn select(range: &str, length: u64) -> String {
    match range::select(&get(&format!("Range: {range}\r\n")).headers, length) {
        Selection::Whole => "whole".into(),
        Selection::Unsatisfiable => "416".into(),
        Selection::Ranges(ranges) => {
            let ranges =
                ranges.iter().map(|r| format!("{}-{}", r.start, r.end - 1));
            ranges.collect::<Vec<_>>().join(",")
        }
    }
}

#[test]
fn ranges_select_what_is_there() {
    let many = |count: usize| {
        let ranges = (0..count).map(|n| format!("{}-{}", 2 * n, 2 * n));
        format!("bytes={}", ranges.collect::<Vec<_>>().join(","))
    };
    let cases: &[(&str, u64, &str)] = &[
        ("bytes=0-0", 10, "0-0"),
        ("bytes=0-9", 10, "0-9"),
        ("bytes=0-", 10, "0-9"),
        ("bytes=9-", 10, "9-9"),
        ("bytes=2-99", 10, "2-9"),
        ("bytes=-3", 10, "7-9"),
        ("bytes=-99", 10, "0-9"),
        ("BYTES=1-2", 10, "1-2"),
        ("bytes=0-18446744073709551615", 10, "0-9"),
        ("bytes=0-99999999999999999999999", 10, "0-9"),
        ("bytes=-99999999999999999999999", 10, "0-9"),
        ("bytes=1-2,5-6", 10, "1-2,5-6"),
        ("bytes=5-6, 1-2", 10, "5-6,1-2"),
        ("bytes=,1-2 ,\t,-1,", 10, "1-2,9-9"),
        ("bytes=0-4,5-9", 10, "0-4,5-9"),
        ("bytes=0-1,99-", 10, "0-1"),
        ("bytes=10-", 10, "416"),
        ("bytes=99999999999999999999999-", 10, "416"),
        ("bytes=-0", 10, "416"),
        ("bytes=10-,-0", 10, "416"),
        ("bytes=0-", 0, "whole"),
        ("bytes=-5", 0, "whole"),
        ("bytes=7-9", 0, "whole"),
        ("bytes=0-5,3-8", 10, "whole"),
        ("bytes=0-,0-,0-", 10, "whole"),
        ("bytes=5-6,1-5", 10, "whole"),
        (&many(MAX_RANGES), 1000, &many(MAX_RANGES)["bytes=".len()..]),
        (&many(MAX_RANGES + 1), 1000, "whole"),
        ("bytes=", 10, "whole"),
        ("bytes=,", 10, "whole"),
        ("bytes=-", 10, "whole"),
        ("bytes=5-4", 10, "whole"),
        ("bytes=1-2,5-4", 10, "whole"),
        ("bytes=x-4", 10, "whole"),
        ("bytes=+1-4", 10, "whole"),
        ("bytes=1 - 4", 10, "whole"),
        ("bytes=1-4;", 10, "whole"),
        ("bytes 1-4", 10, "whole"),
        ("bytes = 1-4", 10, "whole"),
        ("lines=1-4", 10, "whole"),
        ("bytes=1-4\r\nRange: bytes=1-4", 10, "whole"),
    ];
    for (range, length, expected) in cases {
        assert_eq!(select(range, *length), *expected, "{range} of {length}");
    }
}

proptest! {
    /// No Range makes a selection that is not there.
    #[test]
    fn any_range_selects_what_there_is(text in "bytes=[0-9, -]{0,20}", length in 0_u64..100) {
        let selection = range::select(&get(&format!("Range: {text}\r\n")).headers, length);
        if let Selection::Ranges(ranges) = selection {
            prop_assert!(!ranges.is_empty());
            for range in ranges {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
