/// What has become of connections.
#[derive(Debug)]
pub struct ConnectionMetrics {
    accepted: Family<SchemeLabels, Counter>,
    shed: Family<SchemeLabels, Counter>,
}

impl ConnectionMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> ConnectionMetrics {
        let metrics = ConnectionMetrics {
            accepted: Family::default(),
            shed: Family::default(),
        };
        let ConnectionMetrics { accepted, shed } = &metrics;
        // What has never happened is 0, and not missing.
        for scheme in ["http", "https"] {
            let labels = SchemeLabels { scheme };
            let _ = accepted.get_or_create(&labels);
            let _ = shed.get_or_create(&labels);
        }
        let help = "Connections that were let in";
        registry.register("connections_accepted", help, accepted.clone());
        let help = "Callers for whom there was no room";
        registry.register("connections_shed", help, shed.clone());
        metrics
    }
}

impl<A: Admit> Admit for Watched<A> {
    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        scheme: Scheme,
    ) -> Option<(TcpStream, A::Place)> {
        let labels = SchemeLabels { scheme: scheme.as_str() };
        let admitted = self.door.admit(stream, peer, scheme);
        let family = match admitted {
            Some(_) => &self.metrics.accepted,
            None => &self.metrics.shed,
        };
        family.get_or_create(&labels).inc();
        admitted
    }
}
