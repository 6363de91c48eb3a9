//! Part 8, rung by rung, beside Part 7 and what there is: what a request costs, and who
//! has to wait for it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use crate::client::{self, Load};
use crate::server::{self, Keeps, Server};
use crate::whole::{Measured, SETTLED, requests};
use crate::{Effort, others, say};

/// How many connections ask all the time.
const CROWD: usize = 1_000;
/// For how long, if it is about who waits.
const CROWDED: Duration = Duration::from_secs(4);

/// The servers: each rung has the ones before it.
fn start(folder: &Path) -> io::Result<Vec<Server>> {
    let files = ["--root", "html"];
    let unkept = ["--root", "html", "--keep", "0s"];
    let mut servers = vec![
        Server::part("part7", folder, &[])?.named("7 verse"),
        Server::part("part7", folder, &files)?.named("7 file"),
        Server::part("part8", folder, &[])?.named("8 verse"),
        Server::part("part8", folder, &unkept)?.named("8 threads"),
        Server::part("part8", folder, &files)?.named("8 file"),
        Server::hyper(folder)?,
    ];
    servers.extend(others([
        ("nginx", Server::nginx(folder, Keeps::Connections)),
        ("h2o", Server::h2o(folder)),
    ]));
    servers.push(Server::floor(folder)?);
    Ok(servers)
}

/// Measures what a request costs.
pub fn measure(folder: &Path, effort: Effort) -> io::Result<Vec<Measured>> {
    let servers = start(folder)?;
    thread::sleep(SETTLED);
    Ok(requests(&servers, effort))
}

/// How often the client who was served least was served, and the one who was served
/// most, and how long they waited.
pub struct Spread {
    /// What all of it cost.
    pub load: Load,
    least: usize,
    most: usize,
    /// Of all waits, in microseconds: half, 99 of 100, and all are no longer.
    waits: [u128; 3],
}

/// Has so many ask, each as soon as it is answered, for a while.
pub fn crowd(server: &Server, size: usize, time: Duration) -> io::Result<Spread> {
    const REQUEST: &[u8] = b"GET /index.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let mut streams = Vec::new();
    for number in 0..size {
        let stream = TcpStream::connect(server.clear)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let data = EventData::new_u64(number as u64);
        epoll::add(&epoll, &stream, data, EventFlags::IN)?;
        streams.push((stream, Instant::now(), 0));
    }
    let (begun, cpu) = (Instant::now(), server.cpu_nanos());
    for (stream, asked, _) in &mut streams {
        *asked = Instant::now();
        stream.write_all(REQUEST)?;
    }
    let (mut waits, mut events) = (Vec::new(), Vec::with_capacity(256));
    let mut bytes = [0; 4096];
    while begun.elapsed() < time {
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let (stream, asked, count) = &mut streams[event.data.u64() as usize];
            // What comes is one response, in one piece.
            if stream.read(&mut bytes)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            waits.push(asked.elapsed().as_micros());
            *count += 1;
            *asked = Instant::now();
            stream.write_all(REQUEST)?;
        }
    }
    if waits.is_empty() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let load = Load::since(server, cpu, waits.len(), begun);
    let served = || streams.iter().map(|(_, _, count)| *count);
    let (least, most) = (served().min(), served().max());
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize];
    Ok(Spread {
        load,
        least: least.unwrap_or_default(),
        most: most.unwrap_or_default(),
        waits: [at(0.5), at(0.99), at(1.0)],
    })
}

/// Measures who waits, and for how long: of several rounds the one in the middle, by
/// the longest waits.
pub fn crowds(folder: &Path, effort: Effort) -> io::Result<Vec<String>> {
    let servers = start(folder)?;
    thread::sleep(SETTLED);
    server::pin(client::CORE)?;
    let mut spreads: Vec<Vec<Spread>> =
        servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..effort.rounds {
        for (server, spreads) in servers.iter().zip(&mut spreads) {
            spreads.push(crowd(server, CROWD, CROWDED)?);
        }
    }
    server::pin(server::CORE)?;
    let heading = format!(
        "{:12}{:>8}{:>8}{:>12}{:>12}{:>12}",
        "", "least", "most", "half, ms", "99 %, ms", "all, ms"
    );
    let mut lines = vec![heading];
    for (server, mut spreads) in servers.iter().zip(spreads) {
        spreads.sort_by_key(|it| it.waits[1]);
        let Spread { least, most, waits, .. } = &spreads[spreads.len() / 2];
        let [half, most_of_them, all] = waits.map(|it| it as f64 / 1000.0);
        lines.push(format!(
            "{:12}{least:>8}{most:>8}{half:>12.1}{most_of_them:>12.1}{all:>12.1}",
            server.name
        ));
    }
    lines.iter().for_each(|line| say(line));
    Ok(lines)
}
