use prometheus_client::registry::Registry;

use super::record::{Asked, Observer, Record};

/// What has become of requests.
#[derive(Debug)]
pub struct RequestMetrics {
    requests: Family<RequestLabels, Counter>,
}

/// What is told of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    status: u16,
}

impl RequestMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> RequestMetrics {
        let requests = Family::<RequestLabels, Counter>::default();
        let help = "Requests that were answered, by method and status";
        registry.register("http_requests", help, requests.clone());
        RequestMetrics { requests }
    }
}

impl Observer for RequestMetrics {
    fn observe(&self, record: &Record) {
        let (method, status) = (label(record.asked), record.status.code());
        self.requests.get_or_create(&RequestLabels { method, status }).inc();
    }
}

/// A method's name.
fn label(asked: Asked) -> String {
    match asked {
        Asked::Request(request) => request.method.as_str().to_owned(),
        Asked::Line(_) => "none".to_owned(),
    }
}
