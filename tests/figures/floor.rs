//! The least that a server can do: one thread that waits for whatever comes, and has
//! one answer to it. What that costs, no server can save.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::str::FromStr;

use rohttp::net::listen;
use rohttp::verse::VERSE;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fs::sendfile;

/// How many lines a request has: with one more, it is the connection's last.
const LINES: usize = 3;

/// Serves until somebody ends it.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    print!("{}", listen::greeting("http", std::slice::from_ref(&listener))?);
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let number = |fd: &dyn AsRawFd| fd.as_raw_fd() as u64;
    let door = number(&listener);
    epoll::add(&epoll, &listener, EventData::new_u64(door), EventFlags::IN)?;
    let mut streams = HashMap::new();
    let mut events = Vec::with_capacity(256);
    let answers = answer().repeat(16);
    loop {
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let this = event.data.u64();
            if this == door {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let data = EventData::new_u64(number(&stream));
                    epoll::add(&epoll, &stream, data, EventFlags::IN)?;
                    streams.insert(data.u64(), stream);
                }
            } else if let Some(stream) = streams.get_mut(&this)
                && !respond(stream, &answers).unwrap_or(false)
            {
                // With its descriptor it leaves the others.
                streams.remove(&this);
            }
        }
    }
}

/// Reads what has come, which is whole requests, and answers each: whether the
/// connection goes on.
fn respond(stream: &mut TcpStream, answers: &[u8]) -> io::Result<bool> {
    let mut bytes = [0; 2048];
    let count = match stream.read(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
        count => count?,
    };
    let lines = bytes[..count].iter().filter(|byte| **byte == b'\n').count();
    let length = answers.len() / 16;
    stream.write_all(&answers[..lines / LINES * length])?;
    Ok(lines > 0 && lines.is_multiple_of(LINES))
}

/// The one answer: the verse.
pub fn answer() -> Vec<u8> {
    let length = VERSE.len();
    let head = "Content-Type: text/plain; charset=utf-8";
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{head}\r\n\r\n{VERSE}")
        .into_bytes()
}

/// In which way a large file goes to a socket, and how many bytes at a time.
#[derive(Clone, Copy)]
pub enum Copying {
    /// Through the server's memory.
    Through(usize),
    /// Within the kernel.
    Within(usize),
}

impl fmt::Display for Copying {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Copying::Through(count) => write!(f, "through {count}"),
            Copying::Within(count) => write!(f, "within {count}"),
        }
    }
}

impl FromStr for Copying {
    type Err = io::Error;

    fn from_str(text: &str) -> io::Result<Copying> {
        let (way, count) = text.split_once(' ').unwrap_or_default();
        let count = count.parse().map_err(io::Error::other)?;
        match way {
            "through" => Ok(Copying::Through(count)),
            "within" => Ok(Copying::Within(count)),
            _ => Err(io::Error::other("there is no such way")),
        }
    }
}

/// Sends the film to whoever asks for anything, one caller after the other.
pub fn copy(copying: Copying) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    print!("{}", listen::greeting("http", std::slice::from_ref(&listener))?);
    let film = File::open("html/film.mp4")?;
    for stream in listener.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        // Whoever has seen enough hangs up.
        let _ = send_all(&stream, &film, copying);
    }
    Ok(())
}

fn send_all(stream: &TcpStream, film: &File, copying: Copying) -> io::Result<()> {
    let (mut lines, mut room) = (BufReader::new(stream).lines(), Vec::new());
    let length = film.metadata()?.len();
    while let Some(line) = lines.next().transpose()? {
        if !line.is_empty() {
            continue;
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        (&*stream).write_all(head.as_bytes())?;
        let mut offset = 0;
        while offset < length {
            match copying {
                Copying::Within(count) => {
                    sendfile(stream, film, Some(&mut offset), count)?;
                }
                Copying::Through(count) => {
                    room.resize(count, 0);
                    let count = film.read_at(&mut room, offset)?;
                    (&*stream).write_all(&room[..count])?;
                    offset += count as u64;
                }
            }
        }
    }
    Ok(())
}
