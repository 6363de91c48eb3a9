use std::net::SocketAddr;

use crate::message::Scheme;

/// Serves a connection in the clear, to its end.
pub async fn serve_clear<P: Shutdown>(
    stream: TcpStream,
    peer: SocketAddr,
    server: impl ServeConnection<P>,
    place: P,
) {
    if let Some(arrival) = arrive(&stream, peer, Scheme::Http) {
        server.serve_connection(stream, arrival, place).await;
    }
}

/// The same, over TLS.
pub async fn serve_tls<P: Shutdown>(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    server: impl ServeConnection<P>,
    mut place: P,
) {
    let Some(mut arrival) = arrive(&stream, peer, Scheme::Https) else { return };
    // In boxes: a task is as large as the most that it ever holds, all its life long.
    let handshake = Box::pin(acceptor.accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken.ok(),
        () = place.requested() => None,
    };
    if let Some(stream) = shaken {
        arrival.protocol = stream.get_ref().1.alpn_protocol().map(Into::into);
        server.serve_connection(Box::new(stream), arrival, place).await;
    }
}
