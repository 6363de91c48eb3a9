//! Answers to the exercises of Part 1.

use std::io;
use std::net::{TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, poll};

/// 1.5: waits at several sockets, and takes a caller from whichever has one first.
///
/// The sockets must not block: between `poll` and `accept` a caller may have left.
pub fn accept_any(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    loop {
        let mut waits: Vec<PollFd> = listeners
            .iter()
            .map(|listener| PollFd::new(listener, PollFlags::IN))
            .collect();
        poll(&mut waits, None)?;
        let ready: Vec<bool> =
            waits.iter().map(|wait| !wait.revents().is_empty()).collect();
        for (listener, _) in listeners.iter().zip(ready).filter(|(_, ready)| *ready)
        {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Ok(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[test]
fn callers_of_either_family_are_taken_in_any_order() {
    let listeners = ["127.0.0.1:0", "[::1]:0"].map(|address| {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    });
    for order in [[0, 1], [1, 0], [1, 1], [0, 0]] {
        for index in order {
            let address = listeners[index].local_addr().unwrap();
            let caller = TcpStream::connect(address).unwrap();
            let taken = accept_any(&listeners).unwrap();
            assert_eq!(taken.peer_addr().unwrap(), caller.local_addr().unwrap());
        }
    }
}
