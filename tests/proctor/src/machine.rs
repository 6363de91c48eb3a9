//! The machine that the checks are made on: whether it can tell quick from slow.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How many callers are timed, and how long they may take in all: a hundred times what
/// they take where there is nothing else to do.
const CALLERS: usize = 12;
const LONGEST: Duration = Duration::from_millis(500);

/// Whether a server of our own, which does nothing, is slow too.
pub fn is_busy() -> bool {
    time().is_ok_and(|time| time > LONGEST)
}

/// How long it takes to be answered by it a dozen times.
fn time() -> io::Result<Duration> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            for stream in listener.incoming().take(CALLERS).flatten() {
                let _ = (&stream).write_all(b"hello");
            }
        });
        for _ in 0..CALLERS {
            TcpStream::connect(address)?.read_to_end(&mut Vec::new())?;
        }
        Ok(begun.elapsed())
    })
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_server_that_does_nothing_is_timed() {
        let time = time().expect("this machine has a network");
        assert!(!time.is_zero());
    }
}
