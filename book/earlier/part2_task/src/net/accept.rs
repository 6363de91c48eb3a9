use tokio::task::yield_now;

/// Accepts connections from one listener, for ever.
pub async fn accept_loop<F>(
    listener: TcpListener,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::default();
    let mut callers = 0_usize;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                backoff.reset();
                tokio::spawn(serve(stream, peer));
                callers += 1;
                // However many are waiting, those who are served have their turn.
                if callers.is_multiple_of(AT_ONCE) {
                    yield_now().await;
                }
            }
            Err(error) => sleep(backoff.after(&error)).await,
        }
    }
}
