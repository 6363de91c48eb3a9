//! What Part 7 costs those who keep to the rules: beside Part 6, in the same run. And
//! what they have of it, when there is a crowd.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};
use socket2::{Domain, SockRef, Socket, Type};

use crate::client::{self, Load, Port};
use crate::lies::{self, waits};
use crate::server::{self, Server};
use crate::{Effort, Wanted, compare, judge, report, say, verdict};

/// How many requests one measurement makes.
const REQUESTS: usize = 60_000;
/// How many connections wait.
const IDLE: usize = 1_000;

/// Measures both, and says what the difference is.
pub fn measure(folder: &Path) -> io::Result<()> {
    let start = || -> io::Result<Vec<Server>> {
        ["part7", "part6"]
            .map(|it| Server::part(it, folder, &[]))
            .into_iter()
            .collect()
    };
    let servers = start()?;
    for port in [Port::Clear, Port::Tls] {
        let figures = compare(&servers, Effort::FULL, |server| {
            Load::exchanges(server, port, 1, REQUESTS)
        });
        report(&format!("the verse on connections that stay, {port}"), &figures);
        let most = Wanted::AtMost(1.03);
        verdict("CPU", Load::cpu_micros, &figures, ["part7", "part6"], most);
    }
    for port in [Port::Clear, Port::Tls] {
        for server in &start()? {
            let kib = Load::idle(server, port, true, IDLE)? / IDLE as f64 / 1024.0;
            say(&format!("waiting, {port}: {} {kib:.1} KiB", server.name));
            // Ten thousand in 60 MB, in the clear.
            if server.name == "part7" && matches!(port, Port::Clear) {
                judge(kib, Wanted::AtMost(6.0));
            }
        }
    }
    Ok(())
}

/// How many call from one address, and how many descriptors the server has.
const CROWD: usize = 5_000;
const DESCRIPTORS: usize = 1_024;
/// Once they are there, how long it is until one of them goes and calls anew.
const AGAIN: Duration = Duration::from_millis(1);
/// For how long that goes on: twice what a head may take.
const CROWDED: Duration = Duration::from_secs(20);
/// How often somebody calls from elsewhere.
const EVERY: Duration = Duration::from_millis(5);
/// Where the crowd is, and where that is.
const HERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

/// What somebody asks who stays, and somebody who does not.
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const GET_AND_GO: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// How long somebody waits in all of the time in which others crowd the server: from
/// when the call is due until the answer is there to its end.
pub fn crowd(folder: &Path) -> io::Result<Vec<String>> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let mut lines = vec![lies::heading()];
    for part in ["part7", "part8"] {
        for (what, says) in [("have asked", GET), ("begin to ask", &GET[..9])] {
            let server = Server::short(part, folder, DESCRIPTORS, &[])?;
            let waited = crowded(server.clear, says)?;
            let longest = waited.iter().max().copied().unwrap_or(Duration::MAX);
            lines.push(waits(&format!("{part}, from those who {what}"), waited));
            judge(longest.as_secs_f64() * 1000.0, Wanted::AtMost(100.0));
        }
    }
    Ok(lines)
}

fn crowded(server: SocketAddr, says: &[u8]) -> io::Result<Vec<Duration>> {
    let is_over = AtomicBool::new(false);
    server::pin(client::CORE)?;
    let waited = thread::scope(|scope| {
        let crowd = scope.spawn(|| come(server, says, &is_over));
        let waited = ask(server);
        is_over.store(true, Relaxed);
        let came = crowd.join().expect("it does not panic")?;
        say(&format!("  {came} calls of the crowd"));
        waited
    });
    server::pin(server::CORE).and(waited)
}

/// A crowd that comes as fast as it can, and stays as large. How often it has called.
fn come(
    server: SocketAddr,
    says: &[u8],
    is_over: &AtomicBool,
) -> io::Result<usize> {
    let (mut crowd, mut count) = (VecDeque::new(), 0);
    while !is_over.load(Relaxed) {
        let mut stream = call(HERE, server)?;
        // A server may have had enough of it.
        let _ = stream.write_all(says);
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        crowd.push_back(stream);
        count += 1;
        if crowd.len() > CROWD {
            crowd.pop_front();
            thread::sleep(AGAIN);
        }
    }
    Ok(count)
}

/// Asks by the clock, on a new connection each time.
fn ask(server: SocketAddr) -> io::Result<Vec<Duration>> {
    let (begun, mut waited) = (Instant::now(), Vec::new());
    while begun.elapsed() < CROWDED {
        let due = begun + EVERY * waited.len() as u32;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut stream = call(ELSEWHERE, server)?;
        stream.set_read_timeout(Some(CROWDED))?;
        stream.write_all(GET_AND_GO)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.ends_with(rohttp::verse::VERSE) {
            return Err(io::Error::other(format!("no verse, but {answer:?}")));
        }
        waited.push(due.elapsed());
    }
    Ok(waited)
}

/// Connects from an address.
pub fn call(from: Ipv4Addr, server: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}
