//! Requests in numbers, for Prometheus, which comes by and reads them.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::deadline::Deadline;
use super::record::{Asked, End, Observer, Record};
use crate::message::Method;

/// What has become of requests.
#[derive(Debug)]
pub struct RequestMetrics {
    requests: Family<RequestLabels, Counter>,
    cut: Counter,
    duration: Histogram,
    received: Histogram,
    sent: Histogram,
    deadlines: Family<DeadlineLabels, Counter>,
}

/// What is told of a request: few words and few numbers, as each pair is a series that
/// somebody keeps for weeks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeadlineLabels {
    phase: &'static str,
}

impl From<Deadline> for DeadlineLabels {
    fn from(deadline: Deadline) -> DeadlineLabels {
        let phase = match deadline {
            Deadline::Head => "head",
            Deadline::Body => "body",
            Deadline::Write => "write",
            Deadline::Idle => "idle",
            Deadline::Pace => "pace",
        };
        DeadlineLabels { phase }
    }
}

/// Into which a request's seconds are sorted: from what is in memory to what is a film.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0];

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
            deadlines: Family::default(),
        };
        let RequestMetrics { requests, cut, duration, received, sent, deadlines } =
            &metrics;
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
        // What has never happened is 0, and not missing.
        for deadline in Deadline::ALL {
            let _ = deadlines.get_or_create(&deadline.into());
        }
        let help = "Clients who took too long, by what they were waited for";
        registry.register("deadlines_missed", help, deadlines.clone());
        metrics
    }
}

impl Observer for RequestMetrics {
    fn observe(&self, record: &Record) {
        let (method, status) = (label(record.asked), record.status.code());
        self.requests.get_or_create(&RequestLabels { method, status }).inc();
        self.duration.observe(record.duration.as_secs_f64());
        self.received.observe(record.received as f64);
        self.sent.observe(record.sent as f64);
        if record.end == End::Cut {
            self.cut.inc();
        }
    }

    fn miss(&self, deadline: Deadline) {
        self.deadlines.get_or_create(&deadline.into()).inc();
    }
}

/// A method's name; or one word for all that we have not heard of, as a client may
/// think of a new one each time.
fn label(asked: Asked) -> &'static str {
    let Asked::Request(request) = asked else { return "none" };
    match &request.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(_) => "other",
    }
}
