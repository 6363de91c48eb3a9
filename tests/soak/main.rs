//! A server in all weathers at once: `cargo bench --bench soak -- 10` is ten minutes of
//! it. With `--record`, what was seen goes into a file that the book draws.
//!
//! Of each minute, fifty seconds are weather and ten are quiet. In the weather callers
//! want their answers and want them right, in the clear and over TLS; others are slow,
//! and others talk nonsense and hang up; there is a new certificate every second, and
//! with it logs are opened anew. Half-way through, a new version takes the sockets over.
//! In the quiet, the server has to be what it was in the quiet before.

mod callers;
#[expect(dead_code, unused_imports, reason = "most of it is for tests")]
#[path = "../support/mod.rs"]
mod support;

use std::error::Error;
use std::fmt::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use std::{fs, iter, thread};

use command_fds::{CommandFdExt, FdMapping};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use support::{Client, Server, weathered};
use tempfile::TempDir;

use callers::Callers;

const MINUTE: Duration = Duration::from_secs(60);
const WEATHER: Duration = Duration::from_secs(50);
/// Between two looks at the server.
const STEP: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` runs this too, and has no ten minutes.
    if !arguments.iter().any(|it| it == "--bench") {
        return Ok(());
    }
    let minutes = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(10);
    let samples = soak(minutes)?;
    let is_same = compare(&samples);
    if arguments.iter().any(|it| it == "--record") {
        record(&samples)?;
    }
    if is_same { Ok(()) } else { Err("it is not what it was".into()) }
}

/// How the server is at some moment.
struct Sample {
    /// Since the first.
    second: u64,
    is_quiet: bool,
    /// How many servers there were before this one.
    restarts: usize,
    /// That this server has answered so far.
    requests: u64,
    connections: u64,
    tasks: u64,
    descriptors: u64,
    resident_kib: u64,
}

/// All that the servers share.
struct House {
    folder: TempDir,
    /// In the clear, for TLS, and for who asks how the server is.
    sockets: [TcpListener; 3],
    issuer: Issuer<'static, KeyPair>,
}

impl House {
    fn new() -> Result<House, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(folder.path().join("root.pem"), params.self_signed(&key)?.pem())?;
        fs::create_dir(folder.path().join("files"))?;
        let film = "all work and no play ".repeat(1 << 17);
        fs::write(folder.path().join("files/film.txt"), film)?;
        let small = "a file of no great size ".repeat(40);
        fs::write(folder.path().join("files/index.html"), small)?;
        let listener = || TcpListener::bind("127.0.0.1:0");
        let sockets = [listener()?, listener()?, listener()?];
        let house = House { folder, sockets, issuer: Issuer::new(params, key) };
        house.renew()?;
        Ok(house)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a new certificate and its key in the place of those that are there.
    fn renew(&self) -> Result<(), Box<dyn Error>> {
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(["localhost".to_owned()])?;
        fs::write(
            self.path("cert.pem"),
            params.signed_by(&key, &self.issuer)?.pem(),
        )?;
        fs::write(self.path("key.pem"), key.serialize_pem())?;
        Ok(())
    }

    fn start(&self) -> Result<Server, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let mut command = Server::command(&weathered(), folder.path());
        command.args(["--drain", "5s", "--log", "log", "--access-log", "access"]);
        for (option, name) in
            [("--root", "files"), ("--cert", "cert.pem"), ("--key", "key.pem")]
        {
            command.arg(option).arg(self.path(name));
        }
        let mut mappings = Vec::new();
        for (child_fd, socket) in (3..).zip(&self.sockets) {
            let parent_fd = socket.try_clone()?.into();
            mappings.push(FdMapping { parent_fd, child_fd });
        }
        command.fd_mappings(mappings)?;
        command.env("LISTEN_FDS", "3").env("LISTEN_FDNAMES", "http:https:metrics");
        Ok(Server::spawn(command, folder))
    }
}

fn soak(minutes: u32) -> Result<Vec<Sample>, Box<dyn Error>> {
    let house = House::new()?;
    let mut server = house.start()?;
    let mut restarts = 0;
    let callers = Callers::new(&house.sockets, &house.path("root.pem"))?;
    let begun = Instant::now();
    let mut samples = Vec::new();
    for minute in 0..minutes {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| -> Result<(), Box<dyn Error>> {
            callers.come(scope, &is_over);
            let until = begun + MINUTE * minute + WEATHER;
            while Instant::now() < until {
                samples.push(look(&server, begun, false, restarts)?);
                house.renew()?;
                server.signal(Signal::HUP);
                let is_half = minute == minutes / 2 && restarts == 0;
                if is_half && Instant::now() + WEATHER / 2 > until {
                    server.signal(Signal::TERM);
                    ended(server.wait())?;
                    server = house.start()?;
                    restarts += 1;
                }
                thread::sleep(STEP);
            }
            is_over.store(true, Relaxed);
            Ok(())
        })?;
        callers.say(minute);
        while Instant::now() < begun + MINUTE * (minute + 1) {
            samples.push(look(&server, begun, true, restarts)?);
            thread::sleep(STEP);
        }
    }
    server.signal(Signal::TERM);
    ended(server.wait())?;
    Ok(samples)
}

/// Who ends in bad weather may have cut somebody short, and says so.
fn ended(status: ExitStatus) -> Result<(), Box<dyn Error>> {
    match status.code() {
        Some(0 | 3) => Ok(()),
        _ => Err(format!("it ended with {status}").into()),
    }
}

fn look(
    server: &Server,
    begun: Instant,
    is_quiet: bool,
    restarts: usize,
) -> Result<Sample, Box<dyn Error>> {
    let ask = b"GET /metrics HTTP/1.0\r\n\r\n";
    let metrics = Client::clear(server.addresses[2]).ask(ask);
    let metrics = String::from_utf8(metrics)?;
    let sum = |name: &str| -> u64 {
        let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
        let lines = lines.filter(|rest| rest.starts_with(['{', ' ']));
        lines.filter_map(|it| it.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    };
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id()))?;
    let resident = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let resident = resident.ok_or("no VmRSS")?.trim_end_matches(" kB").trim();
    Ok(Sample {
        second: begun.elapsed().as_secs(),
        is_quiet,
        restarts,
        requests: sum("rohttp_http_requests_total"),
        connections: sum("rohttp_connections"),
        tasks: sum("rohttp_tasks"),
        descriptors: sum("process_open_fds"),
        resident_kib: resident.parse()?,
    })
}

/// Says how each quiet was, and whether each server was in its last what it had been in
/// its first: no connection, no task and no descriptor more, and no more memory than
/// an allocator keeps back.
fn compare(samples: &[Sample]) -> bool {
    println!("quiet at    requests  connections  tasks  descriptors  resident");
    let mut is_same = true;
    for server in samples.chunk_by(|one, next| one.restarts == next.restarts) {
        let quiets = server.chunk_by(|one, next| one.is_quiet == next.is_quiet);
        let ends = quiets.filter_map(<[Sample]>::last).filter(|it| it.is_quiet);
        let ends: Vec<&Sample> = ends.collect();
        for it in &ends {
            println!(
                "{:5} s  {:11}  {:11}  {:5}  {:11}  {:4.1} MiB",
                it.second,
                it.requests,
                it.connections,
                it.tasks,
                it.descriptors,
                mib(it),
            );
        }
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else {
            println!("there was no quiet");
            return false;
        };
        is_same &= last.connections == 0
            && last.tasks <= first.tasks
            && last.descriptors <= first.descriptors
            && mib(last) <= 1.1 * mib(first) + 1.0;
    }
    is_same
}

fn mib(sample: &Sample) -> f64 {
    sample.resident_kib as f64 / 1024.0
}

/// Writes down what was seen, for the book: second by second, and what is counted from
/// a server's start as so many a second.
fn record(samples: &[Sample]) -> Result<(), Box<dyn Error>> {
    let mut text =
        String::from("second  requests a second  connections  descriptors  MiB\n");
    let before = iter::once(None).chain(samples.iter().map(Some));
    for (it, before) in samples.iter().zip(before) {
        let before = before.filter(|before| before.restarts == it.restarts);
        let rate = before.map_or(0, |before| {
            let seconds = (it.second - before.second).max(1);
            it.requests.saturating_sub(before.requests) / seconds
        });
        writeln!(
            text,
            "{}  {rate}  {}  {}  {:.1}",
            it.second,
            it.connections,
            it.descriptors,
            mib(it)
        )?;
    }
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    write!(text, "\n{}, release build\n", &date[5..16])?;
    let folder = weave::root::find(Path::new("."))?.join(weave::figures::FOLDER);
    Ok(fs::write(folder.join("soak.txt"), text)?)
}
