use rohttp::upkeep::Upkeep;

/// Serves a verse or a tree of files, to as many as there is room for.
#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    connections: rohttp::net::options::ConnectionOptions,
    #[command(flatten)]
    times: rohttp::drive::options::TimeOptions,
    /// How the lines of both logs are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(flatten)]
    process: rohttp::process::run::ProcessOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::net::listen;
    use rohttp::process::signals::{self, Signal};
    use rohttp::process::{descriptors, shutdown};

    let Options { server, connections, times, process, .. } = options;
    let descriptors = descriptors::raise();
    let connections = connections.limits(descriptors)?;
    let limits = Arc::new(times.limits());
    let upkeep = Upkeep::open(server, options.log_format, &limits)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let log = upkeep.access_log.clone();
    let service =
        server.service(&clear, &secure, own.clone(), log, disk.clone())?;
    let ports = Ports { clear, secure, tls: upkeep.tls.clone() };
    let server = Server { service: Arc::new(service), limits: limits.clone() };
    let pacer = Pacer::new(times.pace());
    let server = Brisk { server, pacer: pacer.clone() };

    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        if let Some(log) = &upkeep.access_log {
            log.start()?;
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let admission = Admission::new(connections, shutdown);
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.clone().keep());
        tokio::spawn(upkeep.certificate.clone().keep(disk.clone()));
        serve(&mut accepting, ports, &server, &admission)?;
        drop(admission);
        while signals.recv().await == Some(Signal::Hangup) {
            upkeep.renew();
        }
        accepting.shutdown().await;
        trigger.drain(limits.drain, &mut signals).await;
        Ok(())
    })?;
    Ok(())
}
