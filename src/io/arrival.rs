//! How a connection came in.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::message::Scheme;

/// Who is at the other end, and how they came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Their address.
    pub peer: SocketAddr,
    /// Ours, that they called.
    pub local: SocketAddr,
    /// In the clear, or over TLS.
    pub scheme: Scheme,
    /// The protocol that was agreed on over TLS, by its ALPN name (RFC 7301); none if
    /// the client named none.
    pub protocol: Option<Arc<[u8]>>,
}
