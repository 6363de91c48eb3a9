use tokio::sync::{Semaphore, oneshot};

impl Disk {
    /// Does some work on a thread where it may wait.
    ///
    /// # Errors
    /// If there is no room for it, or it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DiskError> {
        let turn = timeout(TURN, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(DiskError::Busy) };
        self.hire().map_err(DiskError::NoThread)?;
        let (tell, told) = oneshot::channel();
        let job = Box::new(move || {
            let done = work();
            drop(turn);
            let _ = tell.send(done);
        });
        self.jobs.send(job).expect("we have the other end too");
        told.await.map_err(|_| DiskError::Panicked)
    }
}
