fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::net::{IpAddr, SocketAddr};
    use std::sync::{Arc, Mutex};

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

    /// How many there is room for.
    const ROOM: usize = 2;

    /// Those who are here, in the order in which they came.
    type Seats = Arc<Mutex<Vec<(IpAddr, Arc<Seat>)>>>;

    #[derive(Clone)]
    struct Door {
        seats: Seats,
        end: ServerShutdown,
    }

    struct Place {
        seats: Seats,
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
            let mut seats = self.seats.lock().unwrap();
            if seats.len() >= ROOM {
                let Some(goes) = seats.iter().position(|(_, it)| it.evict()) else {
                    println!("no room for {}", peer.ip());
                    return None;
                };
                let (address, _) = seats.remove(goes);
                println!("{address} goes, {} comes", peer.ip());
            }
            let seat = Arc::new(Seat::default());
            seats.push((peer.ip(), seat.clone()));
            let (seats, end) = (self.seats.clone(), self.end.clone());
            Some((stream, Place { seats, seat, end }))
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
            let mut seats = self.seats.lock().unwrap();
            seats.retain(|(_, seat)| !Arc::ptr_eq(seat, &self.seat));
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

        let door = Door { seats: Seats::default(), end: shutdown };
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        while signals.recv().await == Some(Signal::Hangup) {}

        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
