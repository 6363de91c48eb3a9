//! A server on its ports: a task for each connection, in the clear or over TLS.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::debug;

use super::accept::accept_all;
use crate::date;
use crate::h1::{Persistence, encode};
use crate::io::arrival::Arrival;
use crate::io::close::{Linger, close};
use crate::message::{Response, Scheme, Status};
use crate::process::shutdown::Shutdown;

/// What can serve connections, over anything that carries bytes.
pub trait ServeConnection: Clone + Send + 'static {
    /// Serves one, to its end.
    fn serve_connection<S>(
        self,
        stream: S,
        arrival: Arrival,
        shutdown: Shutdown,
    ) -> impl Future<Output = ()> + Send
    where
        S: AsyncRead + AsyncWrite + Unpin + Send;
}

/// Where a server listens.
pub struct Ports {
    /// In the clear.
    pub clear: Vec<TcpListener>,
    /// Over TLS.
    pub secure: Vec<TcpListener>,
    /// How TLS is spoken there.
    pub tls: Tls,
}

/// How TLS is spoken.
#[derive(Clone)]
pub struct Tls {
    /// What wraps a stream in it.
    pub acceptor: TlsAcceptor,
    /// How long a handshake may take.
    pub handshake: Duration,
    /// How long a connection may linger after a handshake that failed.
    pub linger: Linger,
}

/// Accepts connections on all ports and has them served, for as long as `accepting`
/// is there.
///
/// # Errors
/// If the runtime can't have a listener.
pub fn serve(
    accepting: &mut JoinSet<()>,
    ports: Ports,
    server: &impl ServeConnection,
    shutdown: &Shutdown,
) -> io::Result<()> {
    let Ports { clear, secure, tls } = ports;
    let (in_clear, end) = (server.clone(), shutdown.clone());
    accept_all(accepting, clear, move |stream, peer| {
        serve_clear(stream, peer, in_clear.clone(), end.clone())
    })?;
    let (in_tls, end) = (server.clone(), shutdown.clone());
    accept_all(accepting, secure, move |stream, peer| {
        serve_tls(stream, peer, tls.clone(), in_tls.clone(), end.clone())
    })
}

async fn serve_clear(
    stream: TcpStream,
    peer: SocketAddr,
    server: impl ServeConnection,
    shutdown: Shutdown,
) {
    if let Some(arrival) = arrive(&stream, peer, Scheme::Http) {
        server.serve_connection(stream, arrival, shutdown).await;
    }
}

async fn serve_tls(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Tls,
    server: impl ServeConnection,
    mut shutdown: Shutdown,
) {
    let Some(mut arrival) = arrive(&stream, peer, Scheme::Https) else { return };
    let shaken = tokio::select! {
        shaken = tls.shake_hands(stream, peer) => shaken,
        () = shutdown.requested() => None,
    };
    if let Some(stream) = shaken {
        arrival.protocol = stream.get_ref().1.alpn_protocol().map(Into::into);
        server.serve_connection(stream, arrival, shutdown).await;
    }
}

/// How a connection came in; nothing if whoever it was has hung up by now.
fn arrive(stream: &TcpStream, peer: SocketAddr, scheme: Scheme) -> Option<Arrival> {
    // Small writes in a row must not wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().ok()?;
    Some(Arrival { peer, local, scheme, protocol: None })
}

impl Tls {
    /// Wraps a stream in TLS; nothing if that can't be done, and then it is closed.
    async fn shake_hands(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            if speaks_http(&stream).await {
                explain(stream, self.linger).await;
                return None;
            }
            Some(self.acceptor.accept(stream).into_fallible().await)
        };
        match timeout(self.handshake, handshake).await {
            Ok(Some(Ok(stream))) => return Some(stream),
            Ok(Some(Err((error, stream)))) => {
                debug!(%peer, "handshake: {error}");
                // The alert that says why has been sent; let it arrive.
                close(stream, self.linger).await;
            }
            Ok(None) => debug!(%peer, "handshake: it speaks HTTP in the clear"),
            Err(_) => debug!(%peer, "handshake: not done in time"),
        }
        None
    }
}

/// Whether a client begins with a letter. No TLS record does: the first byte of one
/// says which kind it is, 22 for a handshake's (RFC 8446 section 5.1).
async fn speaks_http(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0].is_ascii_alphabetic()
}

/// Says in words that TLS is spoken here: whoever typed `http:` for `https:` can read
/// that, and not an alert.
async fn explain(mut stream: TcpStream, linger: Linger) {
    let why = "this port speaks TLS: the address begins with https";
    let response = Response::error(Status::BAD_REQUEST, why);
    let bytes = encode::whole(response, None, Persistence::Close, &date::now());
    if stream.write_all(&bytes).await.is_ok() {
        close(stream, linger).await;
    }
}
