use rohttp::monitor::MonitorOptions;

/// What is likely to fail at the start does so before the process detaches, and before it
/// gives up the rights that this takes.
fn run(options: &Options) -> Result<Drained, Box<dyn Error>> {
    let Options { server, connections, times, privileges, process, .. } = options;
    let privileges = privileges.privileges()?;
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
    let mut drained = Drained::Whole;
    let started = process.start(greeting)?;
    let sandbox = privileges.give_up(&needs(options))?;
    started.serve(async |process| {
        let mut signals = signals::channel()?;
        let terminal = Terminal::of_this_process();
        if let Some(lack) = sandbox.as_ref().and_then(|it| it.lacks.as_ref()) {
            warn!("{lack}");
        }
        if let Some(log) = &upkeep.access_log {
            log.start()?;
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let admission = Admission::new(connections, shutdown);
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.keep());
        tokio::spawn(upkeep.certificate.clone().keep(disk.clone()));
        serve(&mut accepting, ports, &server, &admission)?;
        drop(admission);
        let renew = move || {
            upkeep.renew();
            own.look_again();
        };
        wait_for_end(&mut signals, terminal, renew, &disk).await;
        accepting.shutdown().await;
        drained = trigger.drain(limits.drain, &mut signals).await;
        Ok(())
    })?;
    Ok(drained)
}
