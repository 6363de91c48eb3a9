async fn run(
    stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (_trigger, shutdown) = rohttp::process::shutdown::channel();
    rohttp::drive::h1::serve(stream, &Arc::new(limits.clone()), shutdown).await;
    Ok(())
}
