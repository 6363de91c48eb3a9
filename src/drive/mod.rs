//! Connections driven: a protocol, a stream and the service joined.

pub mod h1;

pub mod options;

use std::sync::Arc;

use crate::io::arrival::Arrival;
use crate::io::stream::Stream;
use crate::limits::Limits;
use crate::net::serve::ServeConnection;
use crate::process::shutdown::Shutdown;
use crate::service::Service;

/// What can be spoken over TLS, by ALPN's names, best first. Whoever asks for 1.0
/// alone, as `curl --http1.0` does, is answered too.
pub const PROTOCOLS: [&[u8]; 2] = [b"http/1.1", b"http/1.0"];

/// What all connections share.
#[derive(Clone)]
pub struct Server {
    /// What answers their requests.
    pub service: Arc<Service>,
    /// What they may take.
    pub limits: Arc<Limits>,
}

impl<P: Shutdown> ServeConnection<P> for Server {
    async fn serve_connection<S>(self, stream: S, arrival: Arrival, place: P)
    where
        S: Stream,
    {
        // Of what is in PROTOCOLS, all is HTTP/1.
        h1::serve(stream, &self, arrival, place).await;
    }
}
