/// What has become of connections.
#[derive(Debug)]
pub struct ConnectionMetrics {
    accepted: Family<SchemeLabels, Counter>,
    busy: Gauge,
    idle: Gauge,
    shed: Family<SchemeLabels, Counter>,
}

impl<P: Shutdown> Shutdown for WatchedPlace<P> {
    async fn requested(&mut self) {
        let _pause = Pause::begin(&self.metrics);
        self.place.requested().await;
    }
}

impl ConnectionMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> ConnectionMetrics {
        let states = Family::<StateLabels, Gauge>::default();
        let state = |state| states.get_or_create_owned(&StateLabels { state });
        let metrics = ConnectionMetrics {
            accepted: Family::default(),
            busy: state("busy"),
            idle: state("idle"),
            shed: Family::default(),
        };
        let ConnectionMetrics { accepted, shed, .. } = &metrics;
        // What has never happened is 0, and not missing.
        for scheme in ["http", "https"] {
            let labels = SchemeLabels { scheme };
            let _ = accepted.get_or_create(&labels);
            let _ = shed.get_or_create(&labels);
        }
        let help = "Connections that are there, by what they do";
        registry.register("connections", help, states);
        let help = "Connections that were let in";
        registry.register("connections_accepted", help, accepted.clone());
        let help = "Callers for whom there was no room";
        registry.register("connections_shed", help, shed.clone());
        metrics
    }
}
