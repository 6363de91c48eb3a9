/// What is likely to fail at the start does so before the process detaches.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let Options { server, process } = options;
    let identity = server.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let limits = Limits::default();
    let service = server.service()?;
    let drain = limits.drain;
    let Limits { handshake, linger, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &server, &shutdown)?;
        drop(shutdown);
        signals.recv().await;
        accepting.shutdown().await;
        if trigger.drain(drain, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
