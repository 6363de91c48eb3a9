/// What has become of requests.
#[derive(Debug)]
pub struct RequestMetrics {
    requests: Family<RequestLabels, Counter>,
    cut: Counter,
    duration: Histogram,
    received: Histogram,
    sent: Histogram,
}

impl RequestMetrics {
    /// Metrics that begin with nothing, and are found in `registry`.
    pub fn new(registry: &mut Registry) -> RequestMetrics {
        // From 256 bytes to half a gigabyte.
        let sizes = || Histogram::new(exponential_buckets(256.0, 8.0, 8));
        let metrics = RequestMetrics {
            requests: Family::default(),
            cut: Counter::default(),
            duration: Histogram::new(SECONDS),
            received: sizes(),
            sent: sizes(),
        };
        let RequestMetrics { requests, cut, duration, received, sent } = &metrics;
        let help = "Requests that were answered, by method and status";
        registry.register("http_requests", help, requests.clone());
        let help = "Responses that broke off";
        registry.register("http_responses_cut", help, cut.clone());
        let help = "From the end of a request's head to that of its response";
        let name = "http_request_duration";
        registry.register_with_unit(name, help, Unit::Seconds, duration.clone());
        let help = "Content of requests, as far as it was read";
        let name = "http_request_size";
        registry.register_with_unit(name, help, Unit::Bytes, received.clone());
        let help = "Content of responses, as far as it was sent";
        let name = "http_response_size";
        registry.register_with_unit(name, help, Unit::Bytes, sent.clone());
        metrics
    }
}
