use rohttp::net::serve::Tls;

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::net::accept::accept_all;
    use rohttp::net::serve::{serve_clear, serve_tls};

    let identity = options.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let (handshake, linger) = (HANDSHAKE_DEADLINE, Linger::default());
    let tls = Tls { acceptor, handshake, linger };
    let clear = options.hosts.bind(options.http_port)?;
    let secure = options.hosts.bind(options.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        let ending = shutdown.clone();
        accept_all(&mut accepting, clear, move |stream, peer| {
            serve_clear(stream, peer, Verse, ending.clone())
        })?;
        accept_all(&mut accepting, secure, move |stream, peer| {
            serve_tls(stream, peer, tls.clone(), Verse, shutdown.clone())
        })?;
        signals.recv().await;
        accepting.shutdown().await;
        if trigger.drain(DRAIN_DEADLINE, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
