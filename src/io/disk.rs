//! Work that waits for a disk, done where nobody else waits for it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

/// How many may wait for a disk at a time, each on a thread of its own. A disk that
/// works is kept busy by a few; one that hangs costs that many threads, and no more.
const MOST: usize = 64;
/// How long one may wait for its turn to wait.
const TURN: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce() + Send>;

/// Threads that wait for disks. They are made as they are needed, and stay.
pub struct Disk {
    jobs: Sender<Job>,
    queue: Arc<Mutex<Receiver<Job>>>,
    turns: Arc<Semaphore>,
    threads: Mutex<usize>,
}

/// Why nothing comes of some work.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Too many wait already.
    #[error("too many wait for a disk")]
    Busy,
    /// The system lets no thread start, and there is none.
    #[error("there is no thread that could wait for a disk: {0}")]
    NoThread(#[source] io::Error),
    /// The work panicked.
    #[error("what was to wait for a disk has panicked")]
    Panicked,
}

impl Default for Disk {
    fn default() -> Disk {
        let (jobs, queue) = channel();
        Disk {
            jobs,
            queue: Arc::new(Mutex::new(queue)),
            turns: Arc::new(Semaphore::new(MOST)),
            threads: Mutex::new(0),
        }
    }
}

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
        self.start(turn, work).await
    }

    /// Does the same if there is a turn to be had at once.
    ///
    /// # Errors
    /// If there is no room for it, or it panics.
    pub async fn run_now<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DiskError> {
        let turn = self.turns.clone().try_acquire_owned();
        self.start(turn.map_err(|_| DiskError::Busy)?, work).await
    }

    async fn start<T: Send + 'static>(
        &self,
        turn: OwnedSemaphorePermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DiskError> {
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

    /// Sees to it that there is a thread for each that has its turn: or one at least,
    /// where the system has no more.
    fn hire(&self) -> io::Result<()> {
        let mut threads = lock(&self.threads);
        if *threads >= MOST - self.turns.available_permits() {
            return Ok(());
        }
        let queue = self.queue.clone();
        let thread = thread::Builder::new().name("disk".into());
        match thread.spawn(move || work_through(&queue)) {
            Ok(_) => *threads += 1,
            Err(error) if *threads == 0 => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }
}

/// Does job after job, for as long as there is somebody to give any.
fn work_through(queue: &Mutex<Receiver<Job>>) {
    let next = || lock(queue).recv();
    while let Ok(job) = next() {
        // The panic has been logged where it happened.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
