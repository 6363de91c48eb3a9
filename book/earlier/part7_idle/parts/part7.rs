fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::net::{IpAddr, SocketAddr};
    use std::sync::{Arc, Mutex, Weak};

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::Limits;
    use rohttp::message::Scheme;
    use rohttp::net::crowd::Seat;
    use rohttp::net::serve::{Admit, Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::process::descriptors;
    use rohttp::process::shutdown::{self, ServerShutdown, Shutdown};
    use rohttp::process::signals::{self, Signal};
    use tokio::net::TcpStream;
    use tokio::task::JoinSet;
    use tokio::time::Instant;

    /// Everybody's seat, with where they call from.
    type Seats = Arc<Mutex<Vec<(IpAddr, Weak<Seat>)>>>;

    #[derive(Clone)]
    struct Door {
        seats: Seats,
        end: ServerShutdown,
    }

    struct Place {
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
            let seat = Arc::new(Seat::default());
            let shown = (peer.ip(), Arc::downgrade(&seat));
            self.seats.lock().unwrap().push(shown);
            Some((stream, Place { seat, end: self.end.clone() }))
        }
    }

    impl Shutdown for Place {
        fn is_requested(&self) -> bool {
            self.end.is_requested()
        }

        async fn requested(&mut self) {
            self.seat.called(&mut self.end).await;
        }
    }

    /// Says of everybody how they are.
    fn show(seats: &Seats) {
        for (address, seat) in seats.lock().unwrap().iter() {
            let Some(seat) = seat.upgrade() else { continue };
            match seat.idle_since() {
                Some(since) => {
                    let seconds = (Instant::now() - since).as_secs();
                    println!("{address} has been idle for {seconds} s");
                }
                None => println!("{address} is busy"),
            }
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
        let seats = Seats::default();
        let door = Door { seats: seats.clone(), end: shutdown };
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        while signals.recv().await == Some(Signal::Hangup) {
            show(&seats);
        }

        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
