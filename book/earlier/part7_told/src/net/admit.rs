impl Admission {
    /// One that has let nobody in yet, and does for as long as the server goes on.
    pub fn new(limits: ConnectionLimits, shutdown: ServerShutdown) -> Arc<Self> {
        let told = Arc::new(Semaphore::new(TOLD_AT_ONCE));
        let crowd = Mutex::default();
        Arc::new(Admission { limits, crowd, told, shutdown })
    }
}
