//! What a connection goes over.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// What carries bytes both ways, and serves for a connection.
pub trait Stream: AsyncRead + AsyncWrite + SendFile + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + SendFile + Unpin + Send> Stream for S {}

/// What may be given files that it sends itself.
pub trait SendFile {
    /// The socket that takes them, if there is one by which all leaves as it is.
    fn socket(&self) -> Option<&TcpStream> {
        None
    }

    /// Takes note of bytes that were given to the socket.
    fn sent(&mut self, _count: u64) {}
}

impl SendFile for TcpStream {
    fn socket(&self) -> Option<&TcpStream> {
        cfg!(target_os = "linux").then_some(self)
    }
}

/// Each byte is encrypted on its way.
impl SendFile for Box<TlsStream<TcpStream>> {}

/// There is no socket, but memory.
impl SendFile for DuplexStream {}

/// The socket of a stream once more, for another thread.
pub fn socket_of(stream: &impl Stream) -> Option<OwnedFd> {
    stream.socket()?.as_fd().try_clone_to_owned().ok()
}

/// How much of a file is sent in one call. On a loopback 64 KiB cost half as much again
/// for each byte, and 1 MiB no less.
const SENT: usize = 256 * 1024;

/// Gives a range of a file to a socket, as far as there is room, and waits for the disk
/// where it must: how many bytes; nothing if it can't be sent like that.
pub fn send_file(socket: &OwnedFd, file: &File, range: Range<u64>) -> Option<u64> {
    let mut at = range.start;
    while at < range.end {
        let most = SENT.min((range.end - at) as usize);
        match send_piece(socket, file, &mut at, most) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            // It has ended, or something is wrong: whoever reads it finds out what.
            _ if at > range.start => break,
            _ => return None,
        }
    }
    Some(at - range.start)
}

fn send_piece(
    socket: &OwnedFd,
    file: &File,
    at: &mut u64,
    most: usize,
) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    {
        Ok(rustix::fs::sendfile(socket, file, Some(at), most)?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (socket, file, at, most);
        Err(ErrorKind::Unsupported.into())
    }
}
