//! How the cost of an answer grows: with how many ask, with how much they get, how much
//! they ask at once, and out of how many files; and what else there is to ask for.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::client::{self, Load, Port};
use crate::floor::Copying;
use crate::server::{self, Keeps, Server};
use crate::speed::crowd;
use crate::whole::SETTLED;
use crate::{Effort, Figures, Table, compare, median, others, say};

/// A few rounds for each point: there are many points.
const EFFORT: Effort = Effort { rounds: 3, share: 1 };
const FILES: [&str; 2] = ["--root", "html"];
/// How many requests make a point.
const REQUESTS: usize = 20_000;

/// What there is to measure, each with a file of its own.
const FILES_OF_FIGURES: [&str; 7] = [
    "crowds.txt",
    "sizes.txt",
    "depths.txt",
    "many.txt",
    "kinds.txt",
    "copies.txt",
    "waiting.txt",
];

/// Measures those that somebody wants, or all if that is none of them.
pub fn measure(
    folder: &Path,
    is_wanted: impl Fn(&str) -> bool,
) -> io::Result<Vec<Table>> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    lay_out(&folder.join("html"))?;
    let servers = start(folder, &FILES)?;
    thread::sleep(SETTLED);
    let is_named = |name: &&str| is_wanted(name.trim_end_matches(".txt"));
    let all = !FILES_OF_FIGURES.iter().any(is_named);
    let mut tables = Vec::new();
    for name in FILES_OF_FIGURES.into_iter().filter(|it| all || is_named(it)) {
        let lines = match name {
            "crowds.txt" => crowds(folder, &servers)?,
            "sizes.txt" => sizes(&servers),
            "depths.txt" => depths(folder, &servers)?,
            "many.txt" => many(&servers),
            "kinds.txt" => kinds(folder, &servers)?,
            "copies.txt" => copies(folder)?,
            _ => waiting(folder)?,
        };
        tables.push((name, lines));
    }
    Ok(tables)
}

/// Servers that have files.
fn start(folder: &Path, options: &[&str]) -> io::Result<Vec<Server>> {
    let mut servers = vec![
        Server::part("part7", folder, options)?,
        Server::part("part8", folder, options)?,
    ];
    servers.extend(others([
        ("nginx", Server::nginx(folder, Keeps::Connections)),
        ("h2o", Server::h2o(folder)),
    ]));
    Ok(servers)
}

/// How long files are, in bytes: nothing to 64 MiB.
const SIZES: [usize; 6] = [1, 1 << 10, 1 << 14, 1 << 18, 1 << 22, 1 << 26];
/// How many files there are, in the folder that has most.
const MOST: usize = 100_000;
/// Of how many files each is asked for in turn.
const MANY: [usize; 5] = [1, 100, 1_000, 10_000, MOST];

/// Makes the files that will be asked for.
fn lay_out(root: &Path) -> io::Result<()> {
    let bytes = |length: usize| -> Vec<u8> {
        (0..length).map(|at| (at * at / 7) as u8).collect()
    };
    for size in SIZES {
        fs::write(root.join(format!("{size}.bin")), bytes(size))?;
    }
    fs::write(root.join("film.mp4"), bytes(client::FILM))?;
    let page = rohttp::verse::VERSE;
    fs::write(root.join("page"), page)?;
    // Half as long, and never unpacked here.
    fs::write(root.join("page.gz"), &page[..page.len() / 2])?;
    for number in 0..MOST {
        let folder = root.join(format!("{}", number / 1_000));
        if number % 1_000 == 0 {
            fs::create_dir(&folder)?;
        }
        fs::write(folder.join(format!("{number}")), page)?;
    }
    File::open(root)?.sync_all()
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A table with a line for each point, and a column for each server.
struct Points {
    lines: Vec<String>,
}

impl Points {
    fn new(what: &str, names: &[&str]) -> Points {
        let names: String = names.iter().map(|it| format!("{it:>12}")).collect();
        let heading = format!("{what:22}{names}");
        say(&heading);
        Points { lines: vec![heading] }
    }

    fn push(&mut self, at: &str, figures: impl Iterator<Item = Option<f64>>) {
        let cells =
            figures.map(|it| it.map_or("–".into(), |it| format!("{it:.1}")));
        let cells: String = cells.map(|it| format!("{it:>12}")).collect();
        let line = format!("{at:22}{cells}");
        say(&line);
        self.lines.push(line);
    }

    /// Measures all servers at one point.
    fn measure(
        &mut self,
        at: &str,
        servers: &[Server],
        measure: impl Fn(&Server) -> io::Result<Load>,
    ) {
        let figures = compare(servers, EFFORT, measure);
        self.push(at, figures.iter().map(|it| Some(it.cpu_micros)));
    }
}

fn names(servers: &[Server]) -> Vec<&'static str> {
    servers.iter().map(|it| it.name).collect()
}

/// For how long a crowd asks.
const CROWDED: Duration = Duration::from_millis(1500);

/// By how many connections ask all the time.
fn crowds(folder: &Path, servers: &[Server]) -> io::Result<Vec<String>> {
    let floor = Server::floor(folder)?;
    let servers: Vec<&Server> = servers.iter().chain([&floor]).collect();
    let names: Vec<&str> = servers.iter().map(|it| it.name).collect();
    let mut points = Points::new("connections", &names);
    server::pin(client::CORE)?;
    for size in [1, 10, 100, 1_000, 4_000] {
        let mut rounds = vec![Vec::new(); servers.len()];
        for _ in 0..EFFORT.rounds {
            for (server, round) in servers.iter().zip(&mut rounds) {
                // Who does not let in so many has no figure.
                let spread = crowd(server, size, CROWDED);
                round.extend(spread.ok().map(|it| it.load.cpu_micros()));
            }
        }
        let whole = |it: Vec<f64>| {
            (it.len() == EFFORT.rounds).then(|| median(it.into_iter()))
        };
        points.push(&size.to_string(), rounds.into_iter().map(whole));
    }
    server::pin(server::CORE)?;
    Ok(points.lines)
}

/// By how long the answer is.
fn sizes(servers: &[Server]) -> Vec<String> {
    let mut points = Points::new("bytes", &names(servers));
    for size in SIZES {
        let count = (1 << 28) / size.max(1 << 14);
        let request = get(&format!("/{size}.bin"), "");
        points.measure(&size.to_string(), servers, |it| {
            Load::asked(it, 1, count, "200", |_| request.clone())
        });
    }
    points.lines
}

/// By how many are asked for in one go.
fn depths(folder: &Path, servers: &[Server]) -> io::Result<Vec<String>> {
    let floor = Server::floor(folder)?;
    let servers: Vec<&Server> = servers.iter().chain([&floor]).collect();
    let names: Vec<&str> = servers.iter().map(|it| it.name).collect();
    let mut points = Points::new("requests at once", &names);
    for depth in [1, 2, 4, 8, 16] {
        let figures = compare(servers.iter().copied(), EFFORT, |it| {
            Load::exchanges(it, Port::Clear, depth, REQUESTS * depth.min(4))
        });
        let each = figures.iter().map(|it| Some(it.cpu_micros));
        points.push(&depth.to_string(), each);
    }
    Ok(points.lines)
}

/// By how many files are asked for in turn.
fn many(servers: &[Server]) -> Vec<String> {
    let mut points = Points::new("files", &names(servers));
    for many in MANY {
        let request = |number: usize| {
            let number = number % many;
            get(&format!("/{}/{number}", number / 1_000), "")
        };
        let count = REQUESTS.max(many);
        points.measure(&many.to_string(), servers, |it| {
            Load::asked(it, 6, count, "200", request)
        });
    }
    points.lines
}

/// By what is asked for, and with a log of it.
fn kinds(folder: &Path, servers: &[Server]) -> io::Result<Vec<String>> {
    // h2o does not know that any tag will do.
    let known = servers.iter().position(|it| it.name == "h2o");
    let servers = &servers[..known.unwrap_or(servers.len())];
    let mut points = Points::new("CPU, µs each", &names(servers));
    let unchanged = "If-None-Match: *\r\n";
    let packed = "Accept-Encoding: gzip, deflate, br, zstd\r\n";
    for (what, path, fields, status) in [
        ("a file", "/page", "", "200"),
        ("the same, packed", "/page", packed, "200"),
        ("unchanged (304)", "/page", unchanged, "304"),
        ("not there (404)", "/nothing", "", "404"),
    ] {
        let request = get(path, fields);
        points.measure(what, servers, |it| {
            Load::asked(it, 6, REQUESTS, status, |_| request.clone())
        });
    }
    let options = [&FILES[..], &["--access-log", "requests.log"]].concat();
    let mut servers = vec![
        Server::part("part7", folder, &options)?,
        Server::part("part8", folder, &options)?,
    ];
    servers.extend(others([("nginx", Server::nginx(folder, Keeps::Both))]));
    thread::sleep(SETTLED);
    let request = get("/page", "");
    points.measure("a file, logged", &servers, |it| {
        Load::asked(it, 6, REQUESTS, "200", |_| request.clone())
    });
    Ok(points.lines)
}

/// How many films are watched.
const FILMS: usize = 6;

/// In which ways a large file can go from the disk's cache to a socket.
fn copies(folder: &Path) -> io::Result<Vec<String>> {
    let ways = [
        ("16 KiB at a time", Copying::Through(1 << 14)),
        ("32 KiB", Copying::Through(1 << 15)),
        ("64 KiB", Copying::Through(1 << 16)),
        ("256 KiB", Copying::Through(1 << 18)),
        ("sendfile, 64 KiB", Copying::Within(1 << 16)),
        ("sendfile, 2 MiB", Copying::Within(1 << 21)),
    ];
    let mut servers = Vec::new();
    for (name, copying) in ways {
        servers.push(Server::copying(folder, copying)?.named(name));
    }
    servers.extend(start(folder, &FILES)?);
    thread::sleep(SETTLED);
    let figures =
        compare(&servers, EFFORT, |it| Load::films(it, Port::Clear, FILMS));
    let mib = (client::FILM / 1024 / 1024) as f64;
    let mut lines =
        vec![format!("{:22}{:>12}{:>18}", "", "MiB/s", "CPU, µs a MiB")];
    for Figures { name, per_second, cpu_micros, .. } in &figures {
        let (rate, cpu) = (per_second * mib, cpu_micros / mib);
        lines.push(format!("{name:22}{rate:>12.0}{cpu:>18.0}"));
    }
    Ok(lines)
}

/// How many connections wait.
const IDLE: usize = 1_000;

/// How much memory connections hold that have been answered and wait.
fn waiting(folder: &Path) -> io::Result<Vec<String>> {
    let mut lines =
        vec![format!("{:22}{:>16}{:>12}", "", "KiB in the clear", "over TLS")];
    let mut kib = [Port::Clear, Port::Tls].map(|_| Vec::new());
    for (port, kib) in [Port::Clear, Port::Tls].into_iter().zip(&mut kib) {
        // Anew: what has been busy has memory left over.
        let mut servers = start(folder, &FILES)?;
        servers.push(Server::hyper(folder)?);
        for server in &servers {
            let bytes = Load::idle(server, port, true, IDLE)?;
            kib.push((server.name, bytes / IDLE as f64 / 1024.0));
        }
    }
    for ((name, clear), (_, tls)) in kib[0].iter().zip(&kib[1]) {
        lines.push(format!("{name:22}{clear:>16.1}{tls:>12.1}"));
    }
    Ok(lines)
}
