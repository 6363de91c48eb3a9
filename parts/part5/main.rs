//! Part 5: requests and responses.
//!
//! Bytes are parsed into a request once, and strictly; what comes out is valid, and
//! the answer is a value too. Only this file reads and writes.

mod answer;

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::h1::{self, Persistence};
use rohttp::io::close::{Linger, close};
use rohttp::limits::HeadLimits;
use rohttp::message::{Response, Scheme};
use rohttp::net::{accept, listen};
use rohttp::process::run::ProcessOptions;
use rohttp::process::{daemon, signals};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use answer::Reply;

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
    hosts: listen::Hosts,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
    #[command(flatten)]
    process: ProcessOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    let greeting = listen::greeting("http", &listeners)?;
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let mut accepting = JoinSet::new();
        accept::accept_all(&mut accepting, listeners, |stream, _| {
            converse(stream)
        })?;
        signals.recv().await;
        Ok(())
    })
}

async fn converse(mut stream: TcpStream) {
    if let Ok(()) = exchange(&mut stream).await {
        close(stream, Linger::default()).await;
    }
}

/// Answers requests until one gets the verse, or cannot be followed by another.
async fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let mut strikes = 0;
    loop {
        let Some(mut reply) = read(stream, &mut input).await? else {
            return Ok(());
        };
        strikes += 1;
        if strikes == LAST_STRIKE {
            reply.persistence = Persistence::Close;
        }
        let persistence = reply.persistence;
        timeout(WRITE_DEADLINE, stream.write_all(&reply.encode())).await??;
        if persistence == Persistence::Close {
            return Ok(());
        }
    }
}

/// Reads the next head, takes it out of `input`, and makes up the reply; none if the
/// stream ends, or is silent: there is no one to say anything to.
async fn read(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> io::Result<Option<Reply>> {
    let limits = HeadLimits::default();
    let mut parser = h1::Parser::default();
    let reply = timeout(HEAD_DEADLINE, async {
        loop {
            match parser.parse(input, &limits) {
                Ok(Some(head)) => {
                    input.drain(..head.length);
                    return Ok(Some(Reply::to(&head, Scheme::Http)));
                }
                Ok(None) => input.reserve(READ),
                Err(error) => {
                    let response = error.response();
                    return Ok(Some(Reply::refusal(parser.method(), response)));
                }
            }
            if stream.read_buf(input).await? == 0 {
                return Ok(None);
            }
        }
    });
    match reply.await {
        Ok(reply) => reply,
        Err(_) if h1::is_blank(input) => Ok(None),
        Err(_) => {
            let response = Response::timed_out();
            Ok(Some(Reply::refusal(parser.method(), response)))
        }
    }
}
