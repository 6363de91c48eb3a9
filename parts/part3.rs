//! Part 3: GET or junk.
//!
//! The caller has to ask now. TCP is a stream, not messages: the answer must not
//! depend on how the bytes were cut on their way.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::io::close::{Linger, close};
use rohttp::net::{accept, listen};
use rohttp::process::run::ProcessOptions;
use rohttp::process::{daemon, signals};
use rohttp::verse::VERSE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a conversation may take, from hello to the last byte.
const PATIENCE: Duration = Duration::from_secs(30);

/// The junk that ends a conversation: three are forgiven.
const LAST_STRIKE: u32 = 4;

const FOUND: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
const JUNK: &[u8] = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";

/// Recites a verse to everyone who asks for it with GET
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
    if let Ok(Ok(())) = timeout(PATIENCE, answer(&mut stream)).await {
        close(stream, Linger::default()).await;
    }
}

/// Answers until the caller gets the verse, has struck out, or hangs up.
async fn answer(stream: &mut TcpStream) -> io::Result<()> {
    // Small answers in a row must not wait for each other's acknowledgement.
    stream.set_nodelay(true)?;
    let mut reading = Reading::Start(0);
    let mut strikes = 0;
    let mut bytes = [0; 1024];
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        for &byte in &bytes[..count] {
            let (next, heard) = reading.next(byte);
            reading = next;
            match heard {
                Some(Heard::Get) => {
                    return stream
                        .write_all(&[FOUND, VERSE.as_bytes()].concat())
                        .await;
                }
                Some(Heard::Junk) => {
                    stream.write_all(JUNK).await?;
                    strikes += 1;
                    if strikes == LAST_STRIKE {
                        return Ok(());
                    }
                }
                None => {}
            }
        }
    }
}

/// What is known of the request so far: all that must be kept of the bytes that
/// have come, however few came at a time.
#[derive(Clone, Copy)]
enum Reading {
    /// At the start of a request, with so many bytes of `GET ` seen.
    Start(usize),
    /// Within a line of junk, with so many bytes of `HTTP/` just seen.
    Junk(usize),
    /// Junk that speaks HTTP has field lines too, up to an empty one. They are
    /// part of it, and no junk of their own.
    Fields {
        /// Whether the line has nothing in it yet.
        empty: bool,
    },
}

/// What the caller turns out to have said.
enum Heard {
    Get,
    Junk,
}

impl Reading {
    fn next(self, byte: u8) -> (Reading, Option<Heard>) {
        const WANTED: &[u8] = b"GET ";
        const VERSION: &[u8] = b"HTTP/";
        match (self, byte) {
            // Empty lines before a request are nothing (RFC 9112 section 2.2).
            (Reading::Start(0), b'\r' | b'\n') => (Reading::Start(0), None),
            (Reading::Start(seen), byte) if byte == WANTED[seen] => {
                match seen + 1 == WANTED.len() {
                    true => (Reading::Start(0), Some(Heard::Get)),
                    false => (Reading::Start(seen + 1), None),
                }
            }
            (Reading::Start(_), b'\n') => (Reading::Start(0), Some(Heard::Junk)),
            (Reading::Start(_), b'H') => (Reading::Junk(1), Some(Heard::Junk)),
            (Reading::Start(_), _) => (Reading::Junk(0), Some(Heard::Junk)),

            (Reading::Junk(seen), b'\n') if seen == VERSION.len() => {
                (Reading::Fields { empty: true }, None)
            }
            (Reading::Junk(_), b'\n') => (Reading::Start(0), None),
            (Reading::Junk(seen), _) if seen == VERSION.len() => (self, None),
            (Reading::Junk(seen), byte) if byte == VERSION[seen] => {
                (Reading::Junk(seen + 1), None)
            }
            (Reading::Junk(_), b'H') => (Reading::Junk(1), None),
            (Reading::Junk(_), _) => (Reading::Junk(0), None),

            (Reading::Fields { empty: true }, b'\n') => (Reading::Start(0), None),
            (Reading::Fields { .. }, b'\n') => {
                (Reading::Fields { empty: true }, None)
            }
            (Reading::Fields { .. }, b'\r') => (self, None),
            (Reading::Fields { .. }, _) => (Reading::Fields { empty: false }, None),
        }
    }
}
