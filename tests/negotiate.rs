//! Codings: which of those that there are is sent.

use rohttp::resource::negotiate::{self, Coding};

use crate::support::get;

/// What a client takes of the codings in `there`, best first: `-` is none.
fn rank(accept: Option<&str>, there: &str) -> String {
    let coding = |name: &str| Coding::ALL.into_iter().find(|it| it.name() == name);
    let available: Vec<_> = there.split(' ').map(coding).collect();
    let field =
        accept.map_or(String::new(), |a| format!("Accept-Encoding: {a}\r\n"));
    let ranked = negotiate::rank(&get(&field).headers, &available);
    let names = ranked.into_iter().map(|coding| coding.map_or("-", Coding::name));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn codings_come_in_the_order_in_which_the_client_would_rather_have_them() {
    let all = "br zstd gzip -";
    let cases: &[(Option<&str>, &str, &str)] = &[
        (None, all, "- br zstd gzip"),
        (None, "gzip", "gzip"),
        (Some(""), all, "-"),
        (Some("gzip"), all, "gzip -"),
        (Some("x-gzip"), all, "gzip -"),
        (Some("GZIP"), all, "gzip -"),
        (Some("gzip, deflate, br, zstd"), all, "br zstd gzip -"),
        (Some("gzip, deflate, br, zstd"), "gzip zstd -", "zstd gzip -"),
        (Some("gzip;q=1.0, br;q=0.9"), all, "gzip br -"),
        (Some("gzip; q=0.001"), all, "gzip -"),
        (Some("gzip ; Q=0.5 , br;q=0.4"), all, "gzip br -"),
        (Some("gzip;q=0"), all, "-"),
        (Some("gzip;q=0.000, *"), all, "br zstd -"),
        (Some("*"), "gzip -", "gzip -"),
        (Some("br;q=0, *;q=0.5"), all, "zstd gzip -"),
        (Some("identity, gzip;q=0.5"), all, "- gzip"),
        (Some("identity;q=0.5, gzip;q=0.5"), all, "gzip -"),
        (Some("gzip"), "-", "-"),
        (Some("gzip"), "br", ""),
        (Some("deflate"), all, "-"),
        (Some("identity;q=0"), "-", ""),
        (Some("identity;q=0"), all, ""),
        (Some("*;q=0"), all, ""),
        (Some("*;q=0, identity"), all, "-"),
        (Some("identity;q=0, gzip"), all, "gzip"),
        (Some("gzip;q=2, br;q=0.5"), all, "br -"),
        (Some("gzip;q=1.001, br;q=0.5"), all, "br -"),
        (Some("gzip;q=0.1234, br;q=0.05"), all, "br -"),
        (Some("gzip;level=9"), all, "-"),
    ];
    for (accept, available, expected) in cases {
        assert_eq!(
            rank(*accept, available),
            *expected,
            "{accept:?} of {available}"
        );
    }
}
