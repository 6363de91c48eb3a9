//! Codings: which of those that there are is sent.

use rohttp::negotiate::{self, Choice, Coding};

use crate::support::get;

#[test]
fn the_coding_that_weighs_most_is_chosen() {
    use Coding::{Brotli, Gzip, Zstd};
    let identity = Choice::Identity;
    let all = &Coding::ALL[..];
    let cases: &[(Option<&str>, &[Coding], Choice)] = &[
        (None, all, identity),
        (Some(""), all, identity),
        (Some("gzip"), all, Choice::Coded(Gzip)),
        (Some("x-gzip"), all, Choice::Coded(Gzip)),
        (Some("GZIP"), all, Choice::Coded(Gzip)),
        (Some("gzip, deflate, br, zstd"), all, Choice::Coded(Brotli)),
        (Some("gzip, deflate, br, zstd"), &[Gzip, Zstd], Choice::Coded(Zstd)),
        (Some("gzip;q=1.0, br;q=0.9"), all, Choice::Coded(Gzip)),
        (Some("gzip; q=0.001"), all, Choice::Coded(Gzip)),
        (Some("gzip ; Q=0.5 , br;q=0.4"), all, Choice::Coded(Gzip)),
        (Some("gzip;q=0"), all, identity),
        (Some("gzip;q=0.000, *"), all, Choice::Coded(Brotli)),
        (Some("*"), &[Gzip], Choice::Coded(Gzip)),
        (Some("br;q=0, *;q=0.5"), all, Choice::Coded(Zstd)),
        (Some("identity, gzip;q=0.5"), all, identity),
        (Some("identity;q=0.5, gzip;q=0.5"), all, Choice::Coded(Gzip)),
        (Some("gzip"), &[], identity),
        (Some("deflate"), all, identity),
        (Some("identity;q=0"), &[], Choice::Neither),
        (Some("identity;q=0"), all, Choice::Neither),
        (Some("*;q=0"), all, Choice::Neither),
        (Some("*;q=0, identity"), all, identity),
        (Some("identity;q=0, gzip"), all, Choice::Coded(Gzip)),
        (Some("gzip;q=2, br;q=0.5"), all, Choice::Coded(Brotli)),
        (Some("gzip;q=1.001, br;q=0.5"), all, Choice::Coded(Brotli)),
        (Some("gzip;q=0.1234, br;q=0.05"), all, Choice::Coded(Brotli)),
        (Some("gzip;level=9"), all, identity),
    ];
    for (accept, available, expected) in cases {
        let field =
            accept.map_or(String::new(), |a| format!("Accept-Encoding: {a}\r\n"));
        let choice = negotiate::choose(&get(&field).headers, available);
        assert_eq!(choice, *expected, "{accept:?} of {available:?}");
    }
}
