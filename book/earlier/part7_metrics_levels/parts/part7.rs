fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;
    use std::time::Duration;

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::{ConnectionLimits, Limits, Pace};
    use rohttp::monitor::Monitor;
    use rohttp::net::admit::Admission;
    use rohttp::net::pace::Pacer;
    use rohttp::net::serve::{Ports, Tls, serve};
    use rohttp::net::watch::Watched;
    use rohttp::net::{listen, tls};
    use rohttp::observe::access_log::AccessLog;
    use rohttp::observe::json::{self, LogFormat};
    use rohttp::process::{descriptors, shutdown, signals};
    use tokio::task::JoinSet;

    let Options { server, process, monitor } = options;
    let acceptor =
        tls::acceptor(server.certificate.identity()?.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let head_time = Duration::from_millis(500);
    let idle = Duration::from_secs(5);
    let limits = Arc::new(Limits { head_time, idle, ..Limits::default() });
    let (own, disk) =
        (server.own_files(process.files()), Arc::new(Disk::default()));
    let log = server.access_log.as_deref().map(AccessLog::open).transpose()?;
    let log = log.map(|it| Arc::new(it.with_lines(json::access_line)));
    let mut service = server.service(&clear, &secure, own, log, disk)?;
    let &Limits { handshake, linger, drain, .. } = &*limits;
    let tls = Tls { acceptor, handshake, linger };
    let inside = monitor.bind()?;
    let ports = Ports { clear, secure, tls: tls.clone() };
    let descriptors = descriptors::raise();
    let monitor = Arc::new(Monitor::new(descriptors));
    service.observers.push(monitor.requests.clone());
    let pacer = Pacer::new(Pace::default());
    let server = Server { service: Arc::new(service), limits: limits.clone() };
    rohttp::observe::log::set_format(LogFormat::Json);
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let room = ConnectionLimits { total: 8, of_source: 2, exempt: Vec::new() };
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.clone().keep());
        let _inside = monitor.clone().serve(inside, tls, limits, pacer)?;
        let admission = Admission::new(room, shutdown);
        let metrics = monitor.connections.clone();
        let door = Watched { door: admission, metrics };
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        tracing::info!(most = 8_u64, "listening to \"everybody\"");
        signals.recv().await;
        monitor.end();
        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
