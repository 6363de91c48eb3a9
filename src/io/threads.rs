//! Threads that others start for us. They panic where there is none to be had.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Runtime};

/// A thread that the system does not let start.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {whose}: {said}")]
pub struct ThreadError {
    /// What it is for.
    pub whose: &'static str,
    /// What was said of it.
    pub said: String,
}

/// Has `start` start a thread. If that panics, `failing` is called before anything is
/// dropped, and nobody else is told.
///
/// # Errors
/// If it panics.
pub fn start<T>(
    whose: &'static str,
    start: impl FnOnce() -> T,
    failing: impl Fn() + Send + Sync + 'static,
) -> Result<T, ThreadError> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |_| failing()));
    let started = catch_unwind(AssertUnwindSafe(start));
    panic::set_hook(hook);
    started.map_err(|panic| ThreadError { whose, said: said(&*panic) })
}

/// A runtime with a worker for each core.
///
/// # Errors
/// If there is no thread for one of them, or no descriptor for what they wait with.
pub fn runtime() -> Result<Runtime, ThreadError> {
    const WHOSE: &str = "the threads of the runtime";
    // Where one can't be had, those that were are waited for, and nobody has told them
    // to end. So none begins before it is known whether all are there.
    let are_all_there = Arc::new(OnceLock::new());
    let (told, failed) = (are_all_there.clone(), are_all_there.clone());
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().on_thread_start(move || {
        if !told.wait() {
            panic::resume_unwind(Box::new(()));
        }
    });
    let built = start(WHOSE, || builder.build(), move || _ = failed.set(false));
    let _ = are_all_there.set(true);
    built?.map_err(|error| ThreadError { whose: WHOSE, said: error.to_string() })
}

/// What a panic has said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_owned()
}
