/// What is likely to fail at the start does so before the process detaches, and before it
/// gives up the rights that this takes.
fn run(options: &Options) -> Result<Drained, Box<dyn Error>> {
    use std::time::Duration;

    use rohttp::site::kept::Kept;

    let Options { server, connections, times, privileges, process, .. } = options;
    let privileges = privileges.privileges()?;
    let descriptors = descriptors::raise();
    let limits = Arc::new(times.limits());
    let upkeep = Upkeep::open(server, options.log_format, &limits)?;
    let (listeners, greeting) = server.listeners(&options.monitor)?;
    let Inherited { clear, secure, inside } = listeners;
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let log = upkeep.access_log.clone();
    let mut service =
        server.service(&clear, &secure, own.clone(), log, disk.clone())?;
    let site = Arc::get_mut(&mut service.site).expect("nobody else has it yet");
    site.kept = Some(Kept::new(Duration::from_secs(1)));
    let monitor = Arc::new(Monitor::new(descriptors));
    if !inside.is_empty() {
        service.observers.push(monitor.requests.clone());
    }
    let tls = upkeep.tls.clone();
    let ports = Ports { clear, secure, tls: tls.clone() };
    let count = options.cores.count();
    let taken = Cores::descriptors(count, &ports);
    let connections = connections.limits(descriptors.saturating_sub(taken))?;
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
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let admission = Admission::new(connections, shutdown);
        tokio::spawn(pacer.clone().keep());
        tokio::spawn(upkeep.certificate.clone().keep(disk.clone()));
        let metrics = monitor.connections.clone();
        let _inside = monitor.clone().serve(inside, tls, limits.clone(), pacer)?;
        let door = Watched { door: admission.clone(), metrics };
        let cores = Cores::start(count, &ports, &server, &door)?;
        drop((ports, door));
        process.ready()?;
        cores.runtimes.iter().for_each(|it| monitor.watch(it.clone()));
        manager::tell(ServerState::Ready);
        tokio::spawn(manager::stay_alive());
        let admitted = Arc::downgrade(&admission);
        drop(admission);
        let renew = move || {
            manager::tell(ServerState::Reloading);
            upkeep.renew();
            own.look_again();
            manager::tell(ServerState::Ready);
        };
        wait_for_end(&mut signals, terminal, renew, &disk).await;
        manager::tell(ServerState::Stopping);
        monitor.end();
        cores.close().await;
        drained = trigger.drain(limits.drain, &mut signals).await;
        if drained == Drained::Cut {
            let count = admitted.upgrade().map_or(0, |it| it.count());
            warn!(count, "some connections were cut off");
        }
        Ok(())
    })?;
    Ok(drained)
}
