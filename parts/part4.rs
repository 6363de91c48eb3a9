//! Part 4: heads.
//!
//! Every response has one now, valid in every particular, and a client can tell
//! where its body ends. Framing is a promise about bytes.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use clap::Parser;
use rohttp::date;
use rohttp::io::close::{Linger, close};
use rohttp::net::{accept, listen};
use rohttp::process::run::ProcessOptions;
use rohttp::process::{daemon, signals};
use rohttp::verse::VERSE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use Connection::{Last, NotLast};

/// How long a conversation may take, from hello to the last byte.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest head: a browser's is under 2 KiB, most servers allow 8.
const MAX_HEAD: usize = 8 * 1024;

/// The junk that ends a conversation: three are forgiven.
const LAST_STRIKE: u32 = 4;

const JUNK: &str = "405 Method Not Allowed";
const ALLOW: &str = "Allow: GET, HEAD\r\nContent-Length: 0\r\n";
const TOO_LARGE: &str = "431 Request Header Fields Too Large";

/// When the verse was last modified, in seconds since 1970: 27 July 1987.
const LAST_MODIFIED: Duration = Duration::from_secs(554_342_400);

/// Recites a verse to everyone who asks for it with GET, and describes it on HEAD
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
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let mut strikes = 0;
    loop {
        let response = match read_head(stream, &mut input).await? {
            Heard::None => return Ok(()),
            Heard::TooLarge => head(TOO_LARGE, "Content-Length: 0\r\n", Last),
            Heard::Get => verse() + VERSE,
            // The same head, to the letter, and nothing after it.
            Heard::Head => verse(),
            Heard::Junk if strikes + 1 < LAST_STRIKE => {
                strikes += 1;
                stream.write_all(head(JUNK, ALLOW, NotLast).as_bytes()).await?;
                continue;
            }
            Heard::Junk => head(JUNK, ALLOW, Last),
        };
        return stream.write_all(response.as_bytes()).await;
    }
}

/// What a caller can send, as far as this part cares.
enum Heard {
    Get,
    Head,
    Junk,
    TooLarge,
    /// The stream ended, and no request with it.
    None,
}

/// Reads up to the end of the next head, and takes it out of `input`.
async fn read_head(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> io::Result<Heard> {
    loop {
        // Empty lines before a request are nothing (RFC 9112 section 2.2).
        let content = input.iter().position(|byte| !b"\r\n".contains(byte));
        input.drain(..content.unwrap_or(input.len()));

        let length = head_length(input);
        if length.unwrap_or(input.len()) > MAX_HEAD {
            return Ok(Heard::TooLarge);
        }
        if let Some(length) = length {
            let head: Vec<u8> = input.drain(..length).collect();
            return Ok(match &head[..] {
                [b'G', b'E', b'T', b' ', ..] => Heard::Get,
                [b'H', b'E', b'A', b'D', b' ', ..] => Heard::Head,
                _ => Heard::Junk,
            });
        }
        if stream.read_buf(input).await? == 0 {
            return Ok(Heard::None);
        }
    }
}

/// How long the head at the start of `input` is, once all of it is there. A line
/// that has HTTP/ in it is followed by fields, up to an empty line; another is junk
/// by itself.
fn head_length(input: &[u8]) -> Option<usize> {
    let line = input.iter().position(|&byte| byte == b'\n')? + 1;
    if !input[..line].windows(5).any(|bytes| bytes == b"HTTP/") {
        return Some(line);
    }
    let mut lines = input.split_inclusive(|&byte| byte == b'\n');
    let mut length = 0;
    lines.find_map(|line| {
        length += line.len();
        matches!(line, b"\r\n" | b"\n").then_some(length)
    })
}

/// The head that describes the verse: its length in bytes, not in characters.
fn verse() -> String {
    let fields = format!(
        "Content-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Last-Modified: {}\r\n",
        VERSE.len(),
        text(&date::imf_fixdate(UNIX_EPOCH + LAST_MODIFIED)),
    );
    head("200 OK", &fields, Last)
}

/// Whether the connection ends after a response.
enum Connection {
    Last,
    NotLast,
}

/// A status line, the fields that every response has, and `fields`.
fn head(status: &str, fields: &str, connection: Connection) -> String {
    let close = match connection {
        Last => "Connection: close\r\n",
        NotLast => "",
    };
    let date = date::now();
    format!("HTTP/1.1 {status}\r\nDate: {}\r\n{fields}{close}\r\n", text(&date))
}

fn text(date: &date::ImfFixdate) -> &str {
    str::from_utf8(date).expect("a date is ASCII")
}
