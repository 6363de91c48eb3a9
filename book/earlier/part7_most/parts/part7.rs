fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::net::SocketAddr;
    use std::sync::{Arc, Mutex};

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::Limits;
    use rohttp::message::Scheme;
    use rohttp::net::crowd::{Crowd, Seat, Source};
    use rohttp::net::serve::{Admit, Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::process::descriptors;
    use rohttp::process::shutdown::{self, ServerShutdown, Shutdown};
    use rohttp::process::signals::{self, Signal};
    use tokio::net::TcpStream;
    use tokio::task::JoinSet;

    /// How many there is room for.
    const ROOM: usize = 8;

    #[derive(Clone)]
    struct Door {
        crowd: Arc<Mutex<Crowd>>,
        end: ServerShutdown,
    }

    struct Place {
        crowd: Arc<Mutex<Crowd>>,
        source: Source,
        number: u64,
        seat: Arc<Seat>,
        end: ServerShutdown,
    }

    impl Admit for Door {
        type Place = Place;

        fn admit(
            &self,
            stream: TcpStream,
            peer: SocketAddr,
            _: Scheme,
        ) -> Option<(TcpStream, Place)> {
            let source = Source::from(peer.ip());
            let mut crowd = self.crowd.lock().unwrap();
            if crowd.count() >= ROOM && crowd.make_room(None) == 0 {
                println!("no room for {}", peer.ip());
                return None;
            }
            let (number, seat) = crowd.sit(source);
            let (crowd, end) = (self.crowd.clone(), self.end.clone());
            Some((stream, Place { crowd, source, number, seat, end }))
        }
    }

    impl Shutdown for Place {
        fn is_requested(&self) -> bool {
            self.end.is_requested() || self.seat.is_evicted()
        }

        async fn requested(&mut self) {
            self.seat.called(&mut self.end).await;
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            self.crowd.lock().unwrap().leave(self.source, self.number);
        }
    }

    descriptors::raise();
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

        let door = Door { crowd: Arc::default(), end: shutdown };
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        while signals.recv().await == Some(Signal::Hangup) {}

        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
