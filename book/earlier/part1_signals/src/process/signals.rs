use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// Hands each signal to `handle`, from now on and on a thread of its own: whatever
/// else waits, nobody is deaf.
///
/// # Errors
/// If the system lets no thread start.
pub fn catch(mut handle: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGQUIT])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().filter_map(Signal::of).for_each(&mut handle);
    })?;
    Ok(())
}
