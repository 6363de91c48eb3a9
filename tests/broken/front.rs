//! A front as they were made once: it passes requests on, over one connection for
//! everybody, and knows of bodies what Content-Length says.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080")?;
    println!(
        "in front of http://127.0.0.1:1337, listening on http://127.0.0.1:8080"
    );
    let mut behind = None;
    for client in listener.incoming() {
        match pass(&mut client?, &mut behind) {
            Ok(response) if !response.contains("Connection: close") => {}
            _ => behind = None,
        }
    }
    Ok(())
}

/// One request there, one response back.
fn pass(
    client: &mut TcpStream,
    behind: &mut Option<TcpStream>,
) -> io::Result<String> {
    let request = message(client)?;
    let behind = match behind {
        Some(behind) => behind,
        None => behind.insert(TcpStream::connect("127.0.0.1:1337")?),
    };
    behind.write_all(&request)?;
    let response = message(behind)?;
    client.write_all(&response)?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

/// A head, and as many bytes as it promises.
fn message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let (mut message, mut byte) = (Vec::new(), [0]);
    while !message.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        message.extend(byte);
    }
    let head = String::from_utf8_lossy(&message).to_ascii_lowercase();
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(Ok(0), str::parse).map_err(io::Error::other)?;
    stream.take(length).read_to_end(&mut message)?;
    Ok(message)
}
