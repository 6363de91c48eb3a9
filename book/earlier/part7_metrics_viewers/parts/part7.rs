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
    use rohttp::net::{listen, tls};
    use rohttp::process::{shutdown, signals};
    use tokio::task::JoinSet;

    let Options { server, process, monitor } = options;
    let acceptor =
        tls::acceptor(server.certificate.identity()?.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let head_time = Duration::from_secs(2);
    let idle = Duration::from_secs(5);
    let limits = Arc::new(Limits { head_time, idle, ..Limits::default() });
    let (own, disk) =
        (server.own_files(process.files()), Arc::new(Disk::default()));
    let service = server.service(&clear, &secure, own, None, disk)?;
    let &Limits { handshake, linger, drain, .. } = &*limits;
    let tls = Tls { acceptor, handshake, linger };
    let inside = monitor.bind()?;
    let ports = Ports { clear, secure, tls: tls.clone() };
    let monitor = Arc::new(Monitor::default());
    let pacer = Pacer::new(Pace::default());
    let server = Server { service: Arc::new(service), limits: limits.clone() };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let room = ConnectionLimits { total: 8, of_source: 2, exempt: Vec::new() };
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.clone().keep());
        let _inside = monitor.clone().serve(inside, tls, limits, pacer)?;
        let admission = Admission::new(room, shutdown);
        serve(&mut accepting, ports, &server, &admission)?;
        drop(admission);
        signals.recv().await;
        monitor.end();
        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
