/// The same, over TLS.
pub async fn serve_tls<P: Shutdown>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Tls,
    server: impl ServeConnection<P>,
    mut place: P,
) {
    let Some(mut arrival) = arrive(&stream, peer, Scheme::Https) else { return };
    // In boxes: a task is as large as the most that it ever holds, all its life long.
    let handshake = Box::pin(tls.shake_hands(stream, peer));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = place.requested() => None,
    };
    if let Some(stream) = shaken {
        arrival.protocol = stream.get_ref().1.alpn_protocol().map(Into::into);
        server.serve_connection(Box::new(stream), arrival, place).await;
    }
}

impl Tls {
    /// Wraps a stream in TLS; nothing if that can't be done, and then it is closed.
    async fn shake_hands(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<TlsStream<TcpStream>> {
        let handshake = self.acceptor.accept(stream).into_fallible();
        match timeout(self.handshake, handshake).await {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err((error, stream))) => {
                debug!(%peer, "handshake: {error}");
                // The alert that says why has been sent; let it arrive.
                close(stream, self.linger).await;
            }
            Err(_) => debug!(%peer, "handshake: not done in time"),
        }
        None
    }
}
