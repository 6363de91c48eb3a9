impl<P: Shutdown> ServeConnection<P> for Server {
    async fn serve_connection<S>(self, stream: S, _: Arrival, place: P)
    where
        S: Stream,
    {
        // Of what is in PROTOCOLS, all is HTTP/1.
        h1::serve(stream, &self, place).await;
    }
}
