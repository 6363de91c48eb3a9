//! Part 4 with a Content-Length that is wrong by as much as the command line says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use rohttp::verse::VERSE;

fn main() -> std::io::Result<()> {
    let wrong_by =
        std::env::args().nth(1).and_then(|by| by.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on http://127.0.0.1:1337");
    for stream in listener.incoming() {
        let _ = answer(stream?, VERSE.len().saturating_add_signed(wrong_by));
    }
    Ok(())
}

fn answer(mut stream: TcpStream, length: usize) -> std::io::Result<()> {
    // Requests that fit in one segment will do here.
    let _ = stream.read(&mut [0; 4096])?;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{VERSE}")?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}
