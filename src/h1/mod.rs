//! HTTP/1.1 on the wire, as RFC 9112 defines it: bytes in, values out, and values
//! in, bytes out. No sockets, no clock, no waiting.

// Part 5
mod encode;
mod error;
mod framing;
mod parse;

pub use encode::encode;
pub use error::Error;
pub use framing::{Body, Connection};
pub use parse::{Head, MAX_FIELDS, MAX_HEAD, MAX_TARGET, Parser, is_blank};

// Part 6
pub mod chunked;
pub mod connection;
