//! Holds the server to a part of the book: cargo test

use std::process::Command;

const PART: &str = "part1";

#[test]
fn it_is_what_the_part_asks_for() {
    let proctor = std::env::var("PROCTOR").unwrap_or("proctor".into());
    let server = env!("CARGO_BIN_EXE_server");
    let done = Command::new(proctor).args([PART, "--", server]).output();
    let done = done.expect("proctor is on the path, or PROCTOR says where it is");
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
}
