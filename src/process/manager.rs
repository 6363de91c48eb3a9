//! What a service manager is told (sd_notify(3)); nothing, where there is none.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;
use std::{env, io};

use sd_notify::NotifyState;
use tokio::time::sleep;
use tracing::warn;

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerState {
    /// It serves.
    Ready,
    /// It reads its files anew, and goes on serving.
    Reloading,
    /// It ends, in its own time.
    Stopping,
}

/// Tells how the server is.
pub fn tell(state: ServerState) {
    let now = || NotifyState::monotonic_usec_now().ok();
    say(&match state {
        ServerState::Ready => vec![NotifyState::Ready],
        // With the time, so that it can't be taken for an earlier one.
        ServerState::Reloading => {
            [Some(NotifyState::Reloading), now()].into_iter().flatten().collect()
        }
        ServerState::Stopping => vec![NotifyState::Stopping],
    });
}

/// Gives a sign of life for as long as the runtime has life in it, twice as often as
/// it is wanted: whoever watches starts us anew when none comes.
pub async fn stay_alive() {
    let Some(within) = sd_notify::watchdog_enabled() else { return };
    loop {
        say(&[NotifyState::Watchdog]);
        sleep((within / 2).max(Duration::from_millis(1))).await;
    }
}

fn say(states: &[NotifyState]) {
    let text: String = states.iter().map(|it| format!("{it}\n")).collect();
    if let Err(error) = send(text.as_bytes()) {
        warn!("the service manager can't be told how the server is: {error}");
    }
}

/// Without waiting: a manager that has stopped reading must not stop us.
fn send(text: &[u8]) -> io::Result<()> {
    let Some(path) = env::var_os("NOTIFY_SOCKET") else { return Ok(()) };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.send_to(text, path).map(drop)
}
