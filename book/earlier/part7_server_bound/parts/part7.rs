/// Serves a verse or a tree of files, to as many as there is room for.
#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    connections: rohttp::net::options::ConnectionOptions,
    #[command(flatten)]
    times: rohttp::drive::options::TimeOptions,
    #[command(flatten)]
    monitor: rohttp::monitor::MonitorOptions,
    /// How the lines of both logs are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(flatten)]
    process: rohttp::process::run::ProcessOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use rohttp::process::{descriptors, shutdown, signals};

    let Options { server, connections, times, process, .. } = options;
    let descriptors = descriptors::raise();
    let connections = connections.limits(descriptors)?;
    let limits = Arc::new(times.limits());
    let upkeep = Upkeep::open(server, options.log_format, &limits)?;
    let (listeners, greeting) = server.listeners(&options.monitor)?;
    let Inherited { clear, secure, .. } = listeners;
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
        let terminal = Terminal::of_this_process();
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
        let renew = move || {
            upkeep.renew();
            own.look_again();
        };
        wait_for_end(&mut signals, terminal, renew, &disk).await;
        accepting.shutdown().await;
        trigger.drain(limits.drain, &mut signals).await;
        Ok(())
    })?;
    Ok(())
}
