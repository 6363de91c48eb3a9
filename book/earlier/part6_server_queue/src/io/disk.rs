/// Threads that wait for disks. They are made as they are needed, and stay.
pub struct Disk {
    jobs: Sender<Job>,
    queue: Arc<Mutex<Receiver<Job>>>,
    threads: Mutex<usize>,
}

impl Default for Disk {
    fn default() -> Disk {
        let (jobs, queue) = channel();
        let (queue, threads) = (Arc::new(Mutex::new(queue)), Mutex::new(0));
        Disk { jobs, queue, threads }
    }
}

impl Disk {
    /// Does some work on a thread where it may wait.
    ///
    /// # Errors
    /// If there is no thread for it, or it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DiskError> {
        self.hire().map_err(DiskError::NoThread)?;
        let (tell, told) = oneshot::channel();
        let job = Box::new(move || drop(tell.send(work())));
        self.jobs.send(job).expect("we have the other end too");
        told.await.map_err(|_| DiskError::Panicked)
    }

    /// Sees to it that there is a thread.
    fn hire(&self) -> io::Result<()> {
        let mut threads = lock(&self.threads);
        if *threads > 0 {
            return Ok(());
        }
        let queue = self.queue.clone();
        let thread = thread::Builder::new().name("disk".into());
        thread.spawn(move || work_through(&queue))?;
        *threads += 1;
        Ok(())
    }
}
