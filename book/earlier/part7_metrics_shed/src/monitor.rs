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
}

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
        }
    }
}
