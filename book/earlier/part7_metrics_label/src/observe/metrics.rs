/// What has become of requests.
#[derive(Debug)]
pub struct RequestMetrics {
    requests: Family<RequestLabels, Counter>,
    cut: Counter,
}

impl RequestMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> RequestMetrics {
        let metrics =
            RequestMetrics { requests: Family::default(), cut: Counter::default() };
        let RequestMetrics { requests, cut } = &metrics;
        let help = "Requests that were answered, by method and status";
        registry.register("http_requests", help, requests.clone());
        let help = "Responses that broke off";
        registry.register("http_responses_cut", help, cut.clone());
        metrics
    }
}
impl Observer for RequestMetrics {
    fn observe(&self, record: &Record) {
        let (method, status) = (label(record.asked), record.status.code());
        self.requests.get_or_create(&RequestLabels { method, status }).inc();
        if record.end == End::Cut {
            self.cut.inc();
        }
    }
}
