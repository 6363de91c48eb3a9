//! A server on its ports: a task for each connection, in the clear or over TLS.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
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
use crate::io::stream::Stream;
use crate::message::{Response, Scheme, Status};
use crate::process::shutdown::{ServerShutdown, Shutdown};

/// What can serve connections, over anything that carries bytes, and holds a `P` for as
/// long as one is there.
pub trait ServeConnection<P: Shutdown>: Clone + Send + 'static {
    /// Serves one, to its end.
    fn serve_connection<S>(
        self,
        stream: S,
        arrival: Arrival,
        place: P,
    ) -> impl Future<Output = ()> + Send
    where
        S: Stream;
}

/// Who decides whether there is room for a caller.
pub trait Admit: Clone + Send + 'static {
    /// What a connection holds for as long as it is there.
    type Place: Shutdown;

    /// Lets a caller in; or sees to it that they go, and is not waited for.
    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        scheme: Scheme,
    ) -> Option<(TcpStream, Self::Place)>;

    /// Takes note of what became of a handshake.
    fn shaken(&self, peer: SocketAddr, outcome: Result<(), HandshakeError>) {
        if let Err(error) = outcome {
            debug!(%peer, "handshake: {error}");
        }
    }
}

/// There is room for everybody, until the server ends.
impl Admit for ServerShutdown {
    type Place = ServerShutdown;

    fn admit(
        &self,
        stream: TcpStream,
        _: SocketAddr,
        _: Scheme,
    ) -> Option<(TcpStream, ServerShutdown)> {
        Some((stream, self.clone()))
    }
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

impl Ports {
    /// The same ports once more: whoever accepts there first has the caller.
    ///
    /// # Errors
    /// If there is no descriptor for one.
    pub fn try_clone(&self) -> io::Result<Ports> {
        let again = |them: &[TcpListener]| -> io::Result<Vec<TcpListener>> {
            them.iter().map(TcpListener::try_clone).collect()
        };
        let (clear, secure) = (again(&self.clear)?, again(&self.secure)?);
        Ok(Ports { clear, secure, tls: self.tls.clone() })
    }
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

/// Why nothing comes of a handshake.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The client speaks HTTP, and no TLS.
    #[error("it speaks HTTP in the clear")]
    Clear,
    /// The client takes too long.
    #[error("not done in time")]
    Late,
    /// The client can't be agreed with, or is gone.
    #[error(transparent)]
    Tls(#[from] io::Error),
}

/// Accepts connections on all ports, and has those served that are let in, for as long
/// as `accepting` is there.
///
/// # Errors
/// If the runtime can't have a listener.
pub fn serve<A: Admit>(
    accepting: &mut JoinSet<()>,
    ports: Ports,
    server: &impl ServeConnection<A::Place>,
    admit: &A,
) -> io::Result<()> {
    let Ports { clear, secure, tls } = ports;
    let (in_clear, door) = (server.clone(), admit.clone());
    accept_all(accepting, clear, move |stream, peer| {
        serve_clear(stream, peer, in_clear.clone(), door.clone())
    })?;
    let (in_tls, door) = (server.clone(), admit.clone());
    accept_all(accepting, secure, move |stream, peer| {
        serve_tls(stream, peer, tls.clone(), in_tls.clone(), door.clone())
    })
}

async fn serve_clear<A: Admit>(
    stream: TcpStream,
    peer: SocketAddr,
    server: impl ServeConnection<A::Place>,
    door: A,
) {
    // Only now: whoever came before has had a turn, and may be idle.
    let admitted = door.admit(stream, peer, Scheme::Http);
    let Some((stream, place)) = admitted else { return };
    if let Some(arrival) = arrive(&stream, peer, Scheme::Http) {
        server.serve_connection(stream, arrival, place).await;
    }
}

async fn serve_tls<A: Admit>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Tls,
    server: impl ServeConnection<A::Place>,
    door: A,
) {
    let admitted = door.admit(stream, peer, Scheme::Https);
    let Some((stream, mut place)) = admitted else { return };
    let Some(mut arrival) = arrive(&stream, peer, Scheme::Https) else { return };
    // In boxes: a task is as large as the most that it ever holds, all its life long.
    let handshake = Box::pin(tls.shake_hands(stream, peer, door));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = place.requested() => None,
    };
    if let Some(stream) = shaken {
        arrival.protocol = stream.get_ref().1.alpn_protocol().map(Into::into);
        server.serve_connection(Box::new(stream), arrival, place).await;
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
        door: impl Admit,
    ) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            if speaks_http(&stream).await {
                let why = "this port speaks TLS: the address begins with https";
                let response = Response::error(Status::BAD_REQUEST, why);
                explain(stream, response, self.linger).await;
                return None;
            }
            Some(self.acceptor.accept(stream).into_fallible().await)
        };
        match timeout(self.handshake, handshake).await {
            Ok(Some(Ok(stream))) => {
                door.shaken(peer, Ok(()));
                return Some(stream);
            }
            Ok(Some(Err((error, stream)))) => {
                door.shaken(peer, Err(error.into()));
                // The alert that says why has been sent; let it arrive.
                close(stream, self.linger).await;
            }
            Ok(None) => door.shaken(peer, Err(HandshakeError::Clear)),
            Err(_) => door.shaken(peer, Err(HandshakeError::Late)),
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

/// Says in words, and in the clear, why nothing comes of a connection: whoever typed
/// `http:` for `https:` can read that, and not an alert.
pub(super) async fn explain(
    mut stream: TcpStream,
    response: Response,
    linger: Linger,
) {
    let bytes = encode::whole(response, None, Persistence::Close, &date::now());
    if stream.write_all(&bytes).await.is_ok() {
        close(stream, linger).await;
    }
}
