//! Sockets that the process was born with. Somebody else listens on them, and goes on
//! when we end: whoever calls in between waits, and is not turned away.

use std::env;
use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;
use socket2::SockRef;

/// The sockets that were handed over, as a service manager does it (sd_listen_fds(3)):
/// from descriptor 3 on, as many as LISTEN_FDS says, to the process LISTEN_PID.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Those for clear text.
    pub clear: Vec<TcpListener>,
    /// Those for TLS.
    pub secure: Vec<TcpListener>,
    /// Those for looking inside.
    pub inside: Vec<TcpListener>,
}

/// A socket that is none to listen on.
#[derive(Debug, thiserror::Error)]
pub enum InheritedError {
    /// Its name tells nothing.
    #[error(
        "a socket that was handed over is called {0:?}, not http, https or metrics"
    )]
    Name(String),
    /// Nothing can be accepted from it.
    #[error("descriptor {0} was handed over, and does not listen")]
    Deaf(usize),
    /// It is no TCP socket at all.
    #[error("what was handed over is no socket to listen on: {0}")]
    Io(#[from] io::Error),
}

/// The first descriptor that is handed over: after those that every process has.
const FIRST: usize = 3;

impl Inherited {
    /// Takes what was handed over, if anything was. Each has its name in LISTEN_FDNAMES,
    /// `http`, `https` or `metrics`; where there are no names, the first is for clear text and the
    /// second for TLS. This must be asked before there are threads, and once.
    ///
    /// # Errors
    /// If something was handed over that we can't serve.
    pub fn take() -> Result<Inherited, InheritedError> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names: Vec<&str> =
            names.split(':').filter(|name| !name.is_empty()).collect();
        let mut handed = ListenFd::from_env();
        let mut inherited = Inherited::default();
        for index in 0..handed.len() {
            let Some(listener) = handed.take_tcp_listener(index)? else { continue };
            if !SockRef::from(&listener).is_listener()? {
                return Err(InheritedError::Deaf(FIRST + index));
            }
            match (names.get(index).copied(), index) {
                (Some("http"), _) | (None, 0) => inherited.clear.push(listener),
                (Some("https"), _) | (None, 1) => inherited.secure.push(listener),
                (Some("metrics"), _) => inherited.inside.push(listener),
                (name, _) => {
                    let name = name.unwrap_or_default().to_owned();
                    return Err(InheritedError::Name(name));
                }
            }
        }
        Ok(inherited)
    }
}
