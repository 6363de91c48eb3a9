//! Connections in numbers: who was let in, and what they do.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::net::TcpStream;

use super::serve::{Admit, HandshakeError};
use crate::message::Scheme;
use crate::process::shutdown::Shutdown;

/// What has become of connections.
#[derive(Debug)]
pub struct ConnectionMetrics {
    accepted: Family<SchemeLabels, Counter>,
    busy: Gauge,
    idle: Gauge,
    shed: Family<SchemeLabels, Counter>,
    evicted: Counter,
    handshakes: Family<HandshakeLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SchemeLabels {
    scheme: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HandshakeLabels {
    outcome: &'static str,
}

/// What may become of a handshake.
const OUTCOMES: [&str; 5] = ["done", "clear", "late", "refused", "left"];

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
            evicted: Counter::default(),
            handshakes: Family::default(),
        };
        let ConnectionMetrics { accepted, shed, evicted, handshakes, .. } =
            &metrics;
        // What has never happened is 0, and not missing.
        for scheme in ["http", "https"] {
            let labels = SchemeLabels { scheme };
            let _ = accepted.get_or_create(&labels);
            let _ = shed.get_or_create(&labels);
        }
        for outcome in OUTCOMES {
            let _ = handshakes.get_or_create(&HandshakeLabels { outcome });
        }
        let help = "Connections that are there, by what they do";
        registry.register("connections", help, states);
        let help = "Connections that were let in";
        registry.register("connections_accepted", help, accepted.clone());
        let help = "Callers for whom there was no room";
        registry.register("connections_shed", help, shed.clone());
        let help =
            "Idle connections that were told to go, for others or at the end";
        registry.register("connections_evicted", help, evicted.clone());
        let help = "TLS handshakes, by what became of them";
        registry.register("tls_handshakes", help, handshakes.clone());
        metrics
    }
}

/// A door that counts who comes to it.
#[derive(Clone)]
pub struct Watched<A> {
    /// What lets them in.
    pub door: A,
    /// What counts them.
    pub metrics: Arc<ConnectionMetrics>,
}

impl<A: Admit> Admit for Watched<A> {
    type Place = WatchedPlace<A::Place>;

    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        scheme: Scheme,
    ) -> Option<(TcpStream, WatchedPlace<A::Place>)> {
        let metrics = self.metrics.clone();
        let labels = SchemeLabels { scheme: scheme.as_str() };
        let Some((stream, place)) = self.door.admit(stream, peer, scheme) else {
            metrics.shed.get_or_create(&labels).inc();
            return None;
        };
        metrics.accepted.get_or_create(&labels).inc();
        metrics.busy.inc();
        Some((stream, WatchedPlace { place, metrics }))
    }

    fn shaken(&self, peer: SocketAddr, outcome: Result<(), HandshakeError>) {
        let [done, clear, late, refused, left] = OUTCOMES;
        let label = match &outcome {
            Ok(()) => done,
            Err(HandshakeError::Clear) => clear,
            Err(HandshakeError::Late) => late,
            // It is rustls that finds data invalid.
            Err(HandshakeError::Tls(error))
                if error.kind() == ErrorKind::InvalidData =>
            {
                refused
            }
            Err(HandshakeError::Tls(_)) => left,
        };
        let labels = HandshakeLabels { outcome: label };
        self.metrics.handshakes.get_or_create(&labels).inc();
        self.door.shaken(peer, outcome);
    }
}

/// What a connection holds that is counted.
pub struct WatchedPlace<P> {
    place: P,
    metrics: Arc<ConnectionMetrics>,
}

impl<P: Shutdown> Shutdown for WatchedPlace<P> {
    fn is_requested(&self) -> bool {
        self.place.is_requested()
    }

    async fn requested(&mut self) {
        let _pause = Pause::begin(&self.metrics);
        self.place.requested().await;
        self.metrics.evicted.inc();
    }
}

impl<P> Drop for WatchedPlace<P> {
    fn drop(&mut self) {
        self.metrics.busy.dec();
    }
}

/// A connection that is idle, until this is dropped.
struct Pause<'a>(&'a ConnectionMetrics);

impl Pause<'_> {
    fn begin(metrics: &ConnectionMetrics) -> Pause<'_> {
        metrics.busy.dec();
        metrics.idle.inc();
        Pause(metrics)
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.idle.dec();
        self.0.busy.inc();
    }
}
