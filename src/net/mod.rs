//! Sockets: bound, accepted from, and wrapped in TLS.

pub mod listen;
pub mod accept;

pub mod tls;
pub mod serve;

pub mod crowd;
pub mod admit;
pub mod pace;
pub mod options;

pub mod cores;
pub mod inherited;
pub mod watch;
