//! A connection: reading and writing under deadlines, and its end.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use super::{Shared, Stage, Switch, tls};

/// A socket that can be had in several places.
pub struct Socket(pub Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buf)
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let begun = Instant::now();
        let count = (&*self.0).write(buf)?;
        // What had room before the time was over is no reason to begin it anew.
        let patience = self.0.write_timeout()?;
        match patience.is_some_and(|it| count < buf.len() && begun.elapsed() >= it)
        {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => Ok(count),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub enum Wire {
    Clear(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

pub struct Stream {
    pub wire: Wire,
    pub secure: bool,
    /// A mistake: what one read brings is a record, or nothing comes any more.
    pub one_read_is_a_record: bool,
}

/// Why nothing more came.
#[derive(Debug, PartialEq, Eq)]
pub enum Lack {
    /// The deadline has passed.
    Time,
    /// The peer has ended its side.
    End,
    /// The connection is broken.
    Broken,
}

impl Stream {
    pub fn clear(socket: Arc<TcpStream>) -> Stream {
        Stream {
            wire: Wire::Clear(Socket(socket)),
            secure: false,
            one_read_is_a_record: false,
        }
    }

    /// Shakes hands; nothing if that fails, and then the socket is closed.
    pub fn secure(socket: Arc<TcpStream>, shared: &Shared) -> Option<Stream> {
        tls::shake_hands(socket, shared)
    }

    pub fn socket(&self) -> &Arc<TcpStream> {
        match &self.wire {
            Wire::Clear(socket) => &socket.0,
            Wire::Tls(stream) => &stream.sock.0,
        }
    }

    /// Reads what is there, up to the size of the buffer.
    pub fn read(
        &mut self,
        buf: &mut [u8],
        deadline: Instant,
    ) -> Result<usize, Lack> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Lack::Time);
            }
            let _ = self.socket().set_read_timeout(Some(left));
            let read = match &mut self.wire {
                Wire::Clear(socket) => socket.read(buf),
                Wire::Tls(stream) if self.one_read_is_a_record => {
                    read_record(stream, buf)
                }
                Wire::Tls(stream) => stream.read(buf),
            };
            match read {
                Ok(0) => return Err(Lack::End),
                Ok(count) => return Ok(count),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e)
                    if matches!(
                        e.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Err(Lack::Time);
                }
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(Lack::End);
                }
                Err(_) => return Err(Lack::Broken),
            }
        }
    }

    /// Writes all of it, or says that it can't be done.
    pub fn write(&mut self, bytes: &[u8], s: Switch) -> Result<(), Lack> {
        let patience = match s {
            _ if s.is("no-write-deadline") => None,
            _ if s.is("write-deadline-of-a-second") => Some(Duration::from_secs(1)),
            _ => Some(Duration::from_secs(30)),
        };
        let _ = self.socket().set_write_timeout(patience);
        if s.is("the-peers-end-is-the-end") && self.is_told_of_the_end() {
            return Err(Lack::Broken);
        }
        if s.is("writes-a-byte-at-a-time") && bytes.len() < 20_000 {
            let written = bytes.chunks(1).try_for_each(|byte| self.write_now(byte));
            return written.map_err(|_| Lack::Broken);
        }
        if s.is("writes-slowly") && bytes.len() < 5_000 {
            for piece in bytes.chunks(256) {
                self.write_now(piece).map_err(|_| Lack::Broken)?;
                std::thread::sleep(Duration::from_millis(20));
            }
            return Ok(());
        }
        if s.is("one-write-is-all") {
            // What `send` returns is not looked at.
            let most = bytes.len().min(8 * 1024);
            return self.write_now(&bytes[..most]).map_err(|_| Lack::Broken);
        }
        if s.is("one-record-is-all") && self.secure {
            const RECORD: usize = 16 * 1024;
            let most = bytes.len().min(RECORD);
            return self.write_now(&bytes[..most]).map_err(|_| Lack::Broken);
        }
        self.write_now(bytes).map_err(|_| Lack::Broken)
    }

    /// Whether close_notify comes within the time that an answer may take, in TLS.
    fn is_told_of_the_end(&mut self) -> bool {
        let Wire::Tls(stream) = &mut self.wire else { return false };
        let a_while = Some(Duration::from_millis(20));
        let _ = stream.sock.0.set_read_timeout(a_while);
        loop {
            let state = stream.conn.process_new_packets();
            if state.is_ok_and(|it| it.peer_has_closed()) {
                return true;
            }
            if !stream.conn.read_tls(&mut stream.sock).is_ok_and(|it| it > 0) {
                return false;
            }
        }
    }

    fn write_now(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.wire {
            Wire::Clear(socket) => socket.write_all(bytes),
            Wire::Tls(stream) => {
                stream.write_all(bytes)?;
                stream.flush()
            }
        }
    }

    /// Says that nothing more will come.
    pub fn end(&mut self, s: Switch) {
        if let Wire::Tls(stream) = &mut self.wire
            && !s.is("no-close-notify")
        {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        if !s.is("close-notify-and-no-fin") {
            let _ = self.socket().shutdown(Shutdown::Write);
        }
    }

    /// Closes in stages: ends our side, then reads until the peer has ended its own.
    pub fn close(mut self, shared: &Shared) {
        let s = shared.s;
        if s.is("never-closes") {
            let mut kept = shared.kept.lock().unwrap();
            kept.push(super::Kept::Socket(Arc::clone(self.socket())));
            return;
        }
        if s.is("resets") || (self.secure && s.is("tls-resets")) {
            // Closed as it is, with whatever is unread.
            return;
        }
        self.end(s);
        // Where there is nobody but one, the others wait for this.
        let most = if shared.stage == Stage::Part1 { 2 } else { 30 };
        let total = Instant::now() + Duration::from_secs(most);
        let guard =
            s.is("lingers-under-a-lock").then(|| shared.lock.lock().unwrap());
        let mut unwanted = [0; 4096];
        let pause = match s {
            _ if s.is("lingers-not-at-all") => Duration::from_millis(1),
            _ if s.is("lingers-for-ever") => Duration::from_secs(3600),
            _ if s.is("lingers-five-seconds") => Duration::from_secs(5),
            _ => Duration::from_secs(2),
        };
        let total =
            if s.is("lingers-for-ever") { Instant::now() + pause } else { total };
        while !shared.stopping.load(Ordering::SeqCst) {
            let deadline = match s.is("lingers-one-read-at-a-time") {
                true => Instant::now() + pause,
                false => (Instant::now() + pause).min(total),
            };
            match self.read(&mut unwanted, deadline) {
                Ok(_) if s.is("drains-one-read") => break,
                Ok(_) => {}
                Err(lack) => {
                    if lack == Lack::Broken && s.is("a-reset-ends-the-server") {
                        shared.dead.store(true, Ordering::SeqCst);
                    }
                    break;
                }
            }
        }
        drop(guard);
    }
}

/// One read of the socket, and what it was worth.
fn read_record(
    stream: &mut StreamOwned<ServerConnection, Socket>,
    buf: &mut [u8],
) -> io::Result<usize> {
    match stream.conn.reader().read(buf) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        read => return read,
    }
    if stream.conn.read_tls(&mut stream.sock)? == 0 {
        return Ok(0);
    }
    stream.conn.process_new_packets().map_err(io::Error::other)?;
    match stream.conn.reader().read(buf) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        read => read,
    }
}
