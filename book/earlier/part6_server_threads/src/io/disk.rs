use tokio::sync::oneshot;

/// Threads that wait for disks.
#[derive(Default)]
pub struct Disk;

/// Why nothing comes of some work.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system lets no thread start.
    #[error("there is no thread that could wait for a disk: {0}")]
    NoThread(#[source] io::Error),
    /// The work panicked.
    #[error("what was to wait for a disk has panicked")]
    Panicked,
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
        let (tell, told) = oneshot::channel();
        let job = move || drop(tell.send(work()));
        let thread = thread::Builder::new().name("disk".into());
        thread.spawn(job).map_err(DiskError::NoThread)?;
        told.await.map_err(|_| DiskError::Panicked)
    }
}
