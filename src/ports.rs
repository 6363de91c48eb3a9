//! What Part 5.5 does around its conversations, for any: two kinds of ports, a task
//! for each caller, and the end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::close;
use crate::listen::{self, Backoff};
use crate::message::Scheme;
use crate::signals::Guest;

/// How long a TLS handshake may take: some round trips and two signatures.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Somebody who has called.
#[derive(Clone)]
pub struct Caller {
    /// Their address.
    pub peer: SocketAddr,
    /// Ours.
    pub local: SocketAddr,
    /// What is spoken here.
    pub scheme: Scheme,
    /// How they learn that the server is ending.
    pub guest: Guest,
}

/// What can hold conversations, over anything that carries bytes.
pub trait Host: Clone + Send + 'static {
    /// Holds one, to its end.
    fn converse<S>(
        self,
        caller: Caller,
        stream: S,
    ) -> impl Future<Output = ()> + Send
    where
        S: AsyncRead + AsyncWrite + Unpin + Send;
}

/// Welcomes callers at all ports, those with an acceptor over TLS, until what comes
/// back is dropped or shut down.
pub fn open(
    ports: impl Iterator<Item = (TcpListener, Option<TlsAcceptor>)>,
    host: &impl Host,
    guest: &Guest,
) -> io::Result<JoinSet<()>> {
    let mut doors = JoinSet::new();
    for (listener, acceptor) in ports {
        let listener = listen::into_tokio(listener)?;
        doors.spawn(welcome(listener, acceptor, host.clone(), guest.clone()));
    }
    Ok(doors)
}

async fn welcome(
    listener: tokio::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    host: impl Host,
    guest: Guest,
) {
    let scheme = if acceptor.is_some() { Scheme::Https } else { Scheme::Http };
    let mut backoff = Backoff::default();
    loop {
        let (stream, peer) = listen::accept(&listener, &mut backoff).await;
        // Small writes in a row must not wait for each other's acknowledgement.
        let _ = stream.set_nodelay(true);
        // Who has hung up by now has no address any more.
        let Ok(local) = stream.local_addr() else { continue };
        let caller = Caller { peer, local, scheme, guest: guest.clone() };
        match acceptor.clone() {
            None => tokio::spawn(host.clone().converse(caller, stream)),
            Some(acceptor) => {
                tokio::spawn(shake_hands(host.clone(), caller, acceptor, stream))
            }
        };
    }
}

async fn shake_hands(
    host: impl Host,
    mut caller: Caller,
    acceptor: TlsAcceptor,
    stream: TcpStream,
) {
    let handshake = acceptor.accept(stream).into_fallible();
    let handshake = tokio::select! {
        handshake = timeout(HANDSHAKE_DEADLINE, handshake) => handshake,
        () = caller.guest.told() => return,
    };
    let peer = caller.peer;
    match handshake {
        Ok(Ok(stream)) => host.converse(caller, stream).await,
        Ok(Err((error, stream))) => {
            debug!(%peer, "handshake: {error}");
            // The alert that says why has been sent; let it arrive.
            close::close(stream).await;
        }
        Err(_) => debug!(%peer, "handshake: not done in time"),
    }
}
