/// Accepts connections on all ports, and has them served, for as long as `accepting` is
/// there.
///
/// # Errors
/// If the runtime can't have a listener.
pub fn serve<P: Shutdown + Clone>(
    accepting: &mut JoinSet<()>,
    ports: Ports,
    server: &impl ServeConnection<P>,
    place: &P,
) -> io::Result<()> {
    let Ports { clear, secure, tls } = ports;
    let (in_clear, its) = (server.clone(), place.clone());
    accept_all(accepting, clear, move |stream, peer| {
        serve_clear(stream, peer, in_clear.clone(), its.clone())
    })?;
    let (in_tls, its) = (server.clone(), place.clone());
    accept_all(accepting, secure, move |stream, peer| {
        serve_tls(stream, peer, tls.clone(), in_tls.clone(), its.clone())
    })
}

async fn serve_clear<P: Shutdown>(
    stream: TcpStream,
    peer: SocketAddr,
    server: impl ServeConnection<P>,
    place: P,
) {
    if let Some(arrival) = arrive(&stream, peer, Scheme::Http) {
        server.serve_connection(stream, arrival, place).await;
    }
}

async fn serve_tls<P: Shutdown>(
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
