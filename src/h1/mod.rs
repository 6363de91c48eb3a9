//! HTTP/1.1 on the wire, as RFC 9112 defines it: bytes in, values out, and values
//! in, bytes out. No sockets, no clock, no waiting.

pub mod encode;
pub mod error;
pub mod framing;
pub mod parse;

pub use error::Error;
pub use framing::{BodyLength, Persistence};
pub use parse::{Head, Parser, is_blank};

pub mod chunked;
pub mod receiving;
pub mod sending;
pub mod connection;
