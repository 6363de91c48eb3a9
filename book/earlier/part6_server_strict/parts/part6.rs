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
    let log = server.access_log.as_deref().map(AccessLog::open).transpose()?;
    let log = log.map(Arc::new);
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let service =
        server.service(&clear, &secure, own.clone(), log.clone(), disk)?;
    let drain = limits.drain;
    let Limits { handshake, linger, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        if let Some(log) = &log {
            log.start()?;
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &server, &shutdown)?;
        drop(shutdown);
        wait_for_end(&mut signals, log, &own).await;
        accepting.shutdown().await;
        if trigger.drain(drain, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
