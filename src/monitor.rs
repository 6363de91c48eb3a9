//! Seeing inside: a server beside the server, which says how that one is.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::drive::Server;
use crate::limits::{ConnectionLimits, Limits};
use crate::message::{FieldName, FieldValue, Response, Status};
use crate::net::admit::Admission;
use crate::net::listen::{Hosts, ListenError};
use crate::net::pace::{Brisk, Pacer};
use crate::net::serve::{Ports, Tls, serve};
use crate::net::watch::ConnectionMetrics;
use crate::observe::lines;
use crate::observe::metrics::RequestMetrics;
use crate::process::shutdown::{self, Trigger};
use crate::service::Service;
use crate::site::{Echo, Pages, Site};

/// The option that says where it is told how the server is.
#[derive(Debug, clap::Args)]
pub struct MonitorOptions {
    /// Tell how the server is at ADDRESS:PORT: /metrics counts, for Prometheus, and
    /// /healthz says whether it serves
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
}

impl MonitorOptions {
    /// Opens a socket there.
    ///
    /// # Errors
    /// If it can't be bound.
    pub fn bind(&self) -> Result<Vec<TcpListener>, ListenError> {
        let Some(address) = self.metrics else { return Ok(Vec::new()) };
        Hosts { hosts: vec![address.ip().to_string()] }.bind(address.port())
    }
}

/// How a server is.
#[derive(Debug)]
pub struct Monitor {
    registry: Registry,
    /// What becomes of its requests.
    pub requests: Arc<RequestMetrics>,
    /// And of its connections.
    pub connections: Arc<ConnectionMetrics>,
    lost_lines: Counter,
    descriptors: Gauge,
    tasks: Gauge,
    is_ending: AtomicBool,
    /// Where tasks run, beside those that tell how the server is.
    runtimes: Mutex<Vec<Handle>>,
}

/// How many may look at the same time. Prometheus is one.
const VIEWERS: ConnectionLimits =
    ConnectionLimits { total: 16, of_source: 16, exempt: Vec::new() };

impl Monitor {
    /// Begins to count, in a process that may have so many descriptors.
    pub fn new(most_descriptors: usize) -> Monitor {
        let mut registry = Registry::default();
        let ours = registry.sub_registry_with_prefix("rohttp");
        let requests = Arc::new(RequestMetrics::new(ours));
        let connections = Arc::new(ConnectionMetrics::new(ours));
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "Which version this is", version);
        let lost_lines = Counter::default();
        let help = "Lines of logs that could not be written to their files";
        ours.register("log_lines_lost", help, lost_lines.clone());
        let tasks = Gauge::default();
        ours.register("tasks", "Tasks of the runtime", tasks.clone());
        let process = registry.sub_registry_with_prefix("process");
        let descriptors: Gauge = Gauge::default();
        let help = "Descriptors that are open";
        process.register("open_fds", help, descriptors.clone());
        let most = Gauge::<i64>::default();
        most.set(i64::try_from(most_descriptors).unwrap_or(i64::MAX));
        process.register("max_fds", "Descriptors that there may be", most);
        let is_ending = AtomicBool::new(false);
        Monitor {
            registry,
            requests,
            connections,
            lost_lines,
            descriptors,
            tasks,
            is_ending,
            runtimes: Mutex::default(),
        }
    }

    /// Has the tasks of another runtime counted, too.
    pub fn watch(&self, runtime: Handle) {
        self.runtimes().push(runtime);
    }

    fn runtimes(&self) -> MutexGuard<'_, Vec<Handle>> {
        self.runtimes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note that the server ends: it answers what it has begun, and nobody shall
    /// send it more.
    pub fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Says how the server is to whoever asks, on sockets of its own, within the limits
    /// of any other server; until what comes back is dropped.
    ///
    /// # Errors
    /// If the runtime can't have a socket.
    pub fn serve(
        self: Arc<Self>,
        listeners: Vec<TcpListener>,
        tls: Tls,
        limits: Arc<Limits>,
        pacer: Arc<Pacer>,
    ) -> io::Result<(JoinSet<()>, Trigger)> {
        let pages: Option<Arc<dyn Pages>> = Some(self);
        let site = Site { pages, echo: Echo::Off, ..Site::default() };
        let service = Service { site: Arc::new(site), ..Service::default() };
        let server = Server { service: Arc::new(service), limits };
        let server = Brisk { server, pacer };
        let ports = Ports { clear: listeners, secure: Vec::new(), tls };
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        let admission = Admission::new(VIEWERS, shutdown);
        serve(&mut accepting, ports, &server, &admission)?;
        Ok((accepting, trigger))
    }

    /// All that has been counted.
    fn metrics(&self) -> Response {
        // One of them is the folder's own.
        let open = fs::read_dir("/dev/fd").map_or(0, |it| it.count() - 1);
        self.descriptors.set(i64::try_from(open).unwrap_or(i64::MAX));
        let count = |it: &Handle| it.metrics().num_alive_tasks();
        let tasks: usize = self.runtimes().iter().map(count).sum();
        let tasks = count(&Handle::current()) + tasks;
        self.tasks.set(i64::try_from(tasks).unwrap_or(i64::MAX));
        self.lost_lines.inner().store(lines::lost(), Ordering::Relaxed);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("memory takes it");
        let media_type = FieldValue::from_static(CONTENT_TYPE);
        Response::new(Status::OK, text.into_bytes().into())
            .with(FieldName::CONTENT_TYPE, media_type)
    }

    fn health(&self) -> Response {
        match self.is_ending.load(Ordering::Relaxed) {
            true => Response::error(Status::SERVICE_UNAVAILABLE, "it is ending"),
            false => Response::text(Status::OK, "it serves\n"),
        }
    }
}

impl Pages for Monitor {
    fn page(&self, path: &str) -> Option<Response> {
        match path {
            "/metrics" => Some(self.metrics()),
            "/healthz" => Some(self.health()),
            _ => None,
        }
    }
}
