//! Part 3 as one would write it first: what one read brings is taken for a request.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use rohttp::verse::VERSE;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on http://127.0.0.1:1337");
    for stream in listener.incoming() {
        let _ = answer(stream?);
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut bytes = [0; 1024];
    loop {
        let count = stream.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        if bytes[..count].starts_with(b"GET ") {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            return stream.write_all(VERSE.as_bytes());
        }
        stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n")?;
        stream.write_all(b"Content-Length: 0\r\n\r\n")?;
    }
}
