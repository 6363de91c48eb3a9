//! Part 5.5 without close_notify, and without a length: what a cut connection and one
//! that has ended have in common.

use rohttp::certs::mint::Folder;
use rohttp::net::tls;
use rohttp::verse::VERSE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (identity, _) =
        Folder::new("certs").identity(std::time::SystemTime::now())?;
    let acceptor = tls::acceptor(identity.resolver(), &[b"http/1.1"])?;
    let listener = TcpListener::bind("127.0.0.1:1972").await?;
    println!("listening on https://127.0.0.1:1972");
    loop {
        let (stream, _) = listener.accept().await?;
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let _ = stream.read(&mut [0; 4096]).await;
        let half = &VERSE.as_bytes()[..VERSE.len() / 2];
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let _ = stream.write_all(half).await;
        // The socket's end, and not the stream's.
        let _ = stream.get_mut().0.shutdown().await;
    }
}
