use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on http://{}", listener.local_addr()?);
    let (stream, _) = listener.accept()?;
    recite(stream)
}

fn recite(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(VERSE.as_bytes())
}
