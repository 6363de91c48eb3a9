//! Callers who take what they are given and stay: `crowd 1000 5` is a thousand of
//! them for five seconds. `crowd 1000 5 ask` is a thousand who ask as well, `begin` who
//! begin to, `film` who ask for a film and read none of it; and one more word is the
//! address that they call from.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize| words.get(index).map(String::as_str);
    let number =
        |index, usual| word(index).and_then(|it| it.parse().ok()).unwrap_or(usual);
    let (count, seconds) = (number(0, 1000), number(1, 5));
    let says = match word(2) {
        Some("ask") => GET,
        Some("begin") => &GET[..9],
        Some("film") => b"GET /film HTTP/1.1\r\nHost: localhost\r\n\r\n",
        _ => b"",
    };
    let from = word(3).and_then(|it| it.parse().ok());
    // As many descriptors as there may be.
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let crowd: std::io::Result<Vec<TcpStream>> = (0..count)
        .map(|_| call(from.unwrap_or(Ipv4Addr::LOCALHOST), says))
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    crowd.map(drop)
}

fn call(from: Ipv4Addr, says: &[u8]) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, 1337)).into())?;
    let mut stream = TcpStream::from(socket);
    // A server may have had enough by now.
    let _ = stream.write_all(says);
    Ok(stream)
}
