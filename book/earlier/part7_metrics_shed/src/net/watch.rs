use super::serve::Admit;

/// What has become of connections.
#[derive(Debug)]
pub struct ConnectionMetrics {
    shed: Counter,
}

impl ConnectionMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> ConnectionMetrics {
        let shed = Counter::default();
        let help = "Callers for whom there was no room";
        registry.register("connections_shed", help, shed.clone());
        ConnectionMetrics { shed }
    }
}

impl<A: Admit> Admit for Watched<A> {
    type Place = A::Place;

    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        scheme: Scheme,
    ) -> Option<(TcpStream, A::Place)> {
        let admitted = self.door.admit(stream, peer, scheme);
        if admitted.is_none() {
            self.metrics.shed.inc();
        }
        admitted
    }
}
