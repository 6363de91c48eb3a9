//! The floor once more, on io_uring: one thread, one answer, and calls to the kernel that
//! go through a ring of memory, for `cargo bench -- trials`.

use std::io;

use compio::buf::{IntoInner, IoBuf};
use compio::io::{AsyncRead, AsyncWriteExt};
use compio::net::{TcpListener, TcpStream};

/// How many lines a request has: with one more, it is the connection's last.
const LINES: usize = 3;

#[compio::main]
async fn main() -> io::Result<()> {
    // What is answered comes from whoever measures, so that it is the floor's to the byte.
    let answer = std::env::args().nth(1).unwrap_or_default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let answer = answer.clone().into_bytes();
        compio::runtime::spawn(async move {
            // Whoever has gone has gone.
            let _ = serve(stream, &answer).await;
        })
        .detach();
    }
}

async fn serve(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    let mut answers = answer.repeat(16);
    let mut bytes = Vec::with_capacity(2048);
    loop {
        let (count, read) = stream.read(bytes).await.into();
        let count = count?;
        bytes = read;
        let lines = bytes[..count].iter().filter(|byte| **byte == b'\n').count();
        let length = lines / LINES * answer.len();
        let (done, back) = stream.write_all(answers.slice(..length)).await.into();
        done?;
        answers = back.into_inner();
        if lines == 0 || !lines.is_multiple_of(LINES) {
            return Ok(());
        }
        bytes.clear();
    }
}
