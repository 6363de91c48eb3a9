impl Tls {
    /// Wraps a stream in TLS; nothing if that can't be done, and then it is closed.
    async fn shake_hands(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
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
            Ok(Some(Ok(stream))) => return Some(stream),
            Ok(Some(Err((error, stream)))) => {
                debug!(%peer, "handshake: {}", HandshakeError::Tls(error));
                // The alert that says why has been sent; let it arrive.
                close(stream, self.linger).await;
            }
            Ok(None) => debug!(%peer, "handshake: {}", HandshakeError::Clear),
            Err(_) => debug!(%peer, "handshake: {}", HandshakeError::Late),
        }
        None
    }
}
