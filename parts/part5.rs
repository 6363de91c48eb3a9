//! Part 5: requests and responses.
//!
//! Bytes are parsed into a request once, and strictly; what comes out is valid, and
//! the answer is a value too. Only this file reads and writes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::answer::{answer, refuse, timed_out};
use rohttp::h1::{self, Body, Connection, Head};
use rohttp::message::{Method, Response, Scheme, Status};
use rohttp::{close, daemon, date, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a head may take to arrive, from the end of the last response.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// How long a client may take to make room for a response.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);

/// How much room is made for what the client sends next: most heads whole.
const READ: usize = 2 * 1024;

/// The refusal that ends a connection: three are forgiven.
const LAST_STRIKE: u32 = 4;

/// Serves a verse over HTTP/1.1
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    serve: serve::Options,
}

fn main() -> ExitCode {
    daemon::exit_code(Options::parse().serve.run(converse))
}

async fn converse(mut stream: TcpStream) {
    if let Ok(()) = exchange(&mut stream).await {
        close::close(stream).await;
    }
}

/// Answers requests until one gets the verse, or cannot be followed by another.
async fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let mut strikes = 0;
    loop {
        let (method, response, mut connection) =
            match read(stream, &mut input).await? {
                Read::Nothing => return Ok(()),
                Read::Head(head) => {
                    let response = answer(&head.request, Scheme::Http);
                    let connection = after(&head, &response);
                    (Some(head.request.method), response, connection)
                }
                Read::Refused(method, response) => {
                    (method, response, Connection::Close)
                }
            };
        strikes += 1;
        if strikes == LAST_STRIKE {
            connection = Connection::Close;
        }
        let bytes =
            h1::encode(&response, method.as_ref(), connection, &date::now());
        timeout(WRITE_DEADLINE, stream.write_all(&bytes)).await??;
        if connection == Connection::Close {
            return Ok(());
        }
    }
}

/// Whether a connection can go on: not after the verse, not past a body that
/// nobody is going to read, and not if the client would rather it did not.
fn after(head: &Head, response: &Response) -> Connection {
    match (response.status, head.body) {
        (Status::OK, _) | (_, Body::Length(_) | Body::Chunked) => Connection::Close,
        (_, Body::None) => head.connection,
    }
}

/// What a connection has to offer.
enum Read {
    /// A request, which is valid.
    Head(Head),
    /// Something else, and what to say to it. The method is none if it got not
    /// even so far.
    Refused(Option<Method>, Response),
    /// The end of the stream, or silence: no one to say anything to.
    Nothing,
}

/// Reads the next head, and takes it out of `input`.
async fn read(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<Read> {
    let mut parser = h1::Parser::default();
    let head = timeout(HEAD_DEADLINE, async {
        loop {
            match parser.parse(input) {
                Ok(Some(head)) => {
                    input.drain(..head.length);
                    return Ok(Read::Head(head));
                }
                Ok(None) => input.reserve(READ),
                Err(error) => {
                    let method = parser.method().cloned();
                    return Ok(Read::Refused(method, refuse(error)));
                }
            }
            if stream.read_buf(input).await? == 0 {
                return Ok(Read::Nothing);
            }
        }
    });
    match head.await {
        Ok(read) => read,
        Err(_) if h1::is_blank(input) => Ok(Read::Nothing),
        Err(_) => Ok(Read::Refused(parser.method().cloned(), timed_out())),
    }
}
