fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::{ConnectionLimits, Limits};
    use rohttp::message::Scheme;
    use rohttp::net::serve::{Admit, Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::process::descriptors;
    use rohttp::process::shutdown::{self, ServerShutdown, Shutdown};
    use rohttp::process::signals::{self, Signal};
    use tokio::net::TcpStream;
    use tokio::sync::{OwnedSemaphorePermit, Semaphore};
    use tokio::task::JoinSet;

    /// As many as there are permits for.
    #[derive(Clone)]
    struct Door(Arc<Semaphore>, ServerShutdown);

    struct Place(ServerShutdown, #[expect(dead_code)] OwnedSemaphorePermit);

    impl Admit for Door {
        type Place = Place;

        fn admit(
            &self,
            stream: TcpStream,
            _: SocketAddr,
            _: Scheme,
        ) -> Option<(TcpStream, Place)> {
            let permit = self.0.clone().try_acquire_owned().ok()?;
            Some((stream, Place(self.1.clone(), permit)))
        }
    }

    impl Shutdown for Place {
        fn is_requested(&self) -> bool {
            self.0.is_requested()
        }

        async fn requested(&mut self) {
            self.0.requested().await;
        }
    }

    let most = ConnectionLimits::most(descriptors::raise());
    let Options { server, process } = options;
    let identity = server.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let limits = Limits::default();
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let service =
        server.service(&clear, &secure, own.clone(), None, disk.clone())?;
    let Limits { handshake, linger, drain, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        let door = Door(Arc::new(Semaphore::new(most)), shutdown);
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        while signals.recv().await == Some(Signal::Hangup) {}
        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
