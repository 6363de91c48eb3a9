//! The parts as processes, and clients to speak to them.

mod client;
mod exchange;
mod sealed;
mod server;
mod table;

pub use client::{Client, read_to_end, tls_config, tls_config_with};
pub use exchange::{bytes_of, exchange, recorded, visible};
pub use sealed::Sealed;
pub use server::{Server, binary, copy_program, has_option};
pub use table::{Case, cases};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proctor::stage::Stage;
use rohttp::h1::Parser;
use rohttp::limits::HeadLimits;
use rohttp::message::Request;

/// How long anything may take before a test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The checkout that is tested, and not the one that this was built in.
pub fn root() -> PathBuf {
    std::env::var("CARGO_MANIFEST_DIR").expect("run it with cargo test").into()
}

/// How often something is done that is done often: `TIMES=10` makes it ten times that.
pub fn often(count: usize) -> usize {
    let times = std::env::var("TIMES").map_or(Ok(1), |it| it.parse::<usize>());
    count * times.expect("TIMES is a number")
}

/// The program that has to bear all weathers: the newest, or the one that `WEATHERED`
/// names. Part 7 is the first that can.
pub fn weathered() -> String {
    let named = std::env::var("WEATHERED");
    named.unwrap_or_else(|_| Stage::LAST.name().to_owned())
}

/// What most clients begin with.
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A GET with some more fields, as it is read.
pub fn get(fields: &str) -> Request {
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let limits = HeadLimits::default();
    let head = Parser::default().parse(head.as_bytes(), &limits).unwrap().unwrap();
    Arc::unwrap_or_clone(head.request)
}
