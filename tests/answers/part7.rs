//! Answers to the exercises of Part 7.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use proctor::stage::Stage;
use socket2::{Domain, Socket, Type};

use crate::support::{PATIENCE, Server};

/// 7.2: how many addresses it takes until one that has called nobody is turned away, if
/// each has so many callers who begin to ask.
fn addresses_until_full(server: SocketAddr, callers: usize) -> usize {
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut crowd = Vec::new();
    for number in 1..=u8::MAX {
        let from = Ipv4Addr::new(127, 0, 9, number);
        for caller in 0..callers {
            let mut stream = call(from, server);
            // A request, and the beginning of the next: whoever has an answer to the
            // first is known to be busy with the second.
            stream.write_all(&[GET, b"GET"].concat()).unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            if &status == b"HTTP/1.1 503" && caller == 0 {
                return usize::from(number) - 1;
            }
            crowd.push(stream);
        }
    }
    panic!("there is always room");
}

fn call(from: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[test]
fn it_takes_four_addresses_to_keep_a_fifth_out() {
    let options = ["--host", "127.0.0.1", "--connections", "40"];
    let server = Server::start_with(Stage::LAST.name(), &options);
    // Ten is a quarter, and what is beyond that is turned away.
    assert_eq!(addresses_until_full(server.addresses[0], 12), 4);
}
