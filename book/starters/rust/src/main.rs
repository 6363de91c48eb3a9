//! A socket that listens on port 1337, and nothing more. The rest is yours.

use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        std::thread::park();
    }
}
