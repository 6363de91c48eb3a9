fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let of = |error| ListenError { address: address.to_string(), error };
    TcpListener::bind(address).map_err(of)
}
