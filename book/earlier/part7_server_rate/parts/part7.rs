fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::Limits;
    use rohttp::net::admit::Admission;
    use rohttp::net::pace::{Brisk, Pacer};
    use rohttp::net::serve::{Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::process::signals::{self, Signal};
    use rohttp::process::{descriptors, shutdown};
    use tokio::task::JoinSet;

    let Options { server, connections, times, process } = options;
    let room = connections.limits(descriptors::raise())?;
    let identity = server.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let limits = times.limits();
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let service =
        server.service(&clear, &secure, own.clone(), None, disk.clone())?;
    let Limits { handshake, linger, drain, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    let pacer = Pacer::new(times.pace());
    let server = Brisk { server, pacer: pacer.clone() };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.keep());
        let door = Admission::new(room, shutdown);
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        while signals.recv().await == Some(Signal::Hangup) {}

        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
