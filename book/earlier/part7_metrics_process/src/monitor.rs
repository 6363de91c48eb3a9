/// How a server is.
#[derive(Debug)]
pub struct Monitor {
    registry: Registry,
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
        Monitor { registry, lost_lines, descriptors, tasks, is_ending }
    }

    /// All that has been counted.
    fn metrics(&self) -> Response {
        // One of them is the folder's own.
        let open = fs::read_dir("/dev/fd").map_or(0, |it| it.count() - 1);
        self.descriptors.set(i64::try_from(open).unwrap_or(i64::MAX));
        let tasks = Handle::current().metrics().num_alive_tasks();
        self.tasks.set(i64::try_from(tasks).unwrap_or(i64::MAX));
        self.lost_lines.inner().store(lines::lost(), Ordering::Relaxed);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("memory takes it");
        let media_type = FieldValue::from_static(CONTENT_TYPE);
        Response::new(Status::OK, text.into_bytes().into())
            .with(FieldName::CONTENT_TYPE, media_type)
    }
}
