/// Accepts connections from one listener, for ever.
pub async fn accept_loop<F>(
    listener: TcpListener,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::default();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                backoff.reset();
                tokio::spawn(serve(stream, peer));
            }
            Err(error) => sleep(backoff.after(&error)).await,
        }
    }
}
