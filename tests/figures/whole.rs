//! The figures of Parts 6 and 7: connections that stay, a small file beside the verse,
//! and a file that is large.

use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

use serde_json::{Value, json};

use crate::client::{FILM, Load, Port};
use crate::server::{Keeps, Server};
use crate::{
    Effort, Figures, Wanted, compare, judge, machine, others, report, say, verdict,
    write,
};

/// How many requests one measurement makes, and in how many of them a client asks
/// for several at once.
const REQUESTS: usize = 60_000;
const AT_ONCE: usize = 16;
/// How many requests one measurement makes that close their connection.
const CLOSING: usize = 20_000;
/// How many films one measurement watches.
const FILMS: usize = 12;
/// How many connections wait.
const IDLE: usize = 1_000;
/// For how long a file has to be left alone to be like any other.
pub const SETTLED: Duration = Duration::from_secs(4);

/// What one measurement gave: its name, and each server's figures.
pub type Measured = (&'static str, Vec<Figures>);

/// What was measured.
pub struct Whole {
    requests: Vec<Measured>,
    films: Vec<Measured>,
}

/// Each server's bytes for a connection that waits, in the clear and over TLS.
type Idle = Vec<(&'static str, [f64; 2])>;

/// Starts Part 6, and what there is to hold it against. Nobody keeps a log.
fn start(folder: &Path) -> io::Result<Vec<Server>> {
    let mut servers = vec![Server::part("part6", folder, &[])?];
    servers.push(Server::hyper(folder)?);
    servers.extend(others([
        ("nginx", Server::nginx(folder, Keeps::Connections)),
        ("h2o", Server::h2o(folder)),
    ]));
    Ok(servers)
}

/// Starts all there are: ours with the verse and with a file, and in the end the one
/// that does the least. hyper has the verse, and nginx and h2o a file.
fn start_all(folder: &Path) -> io::Result<Vec<Server>> {
    let files = ["--root", "html"];
    let mut servers = start(folder)?;
    servers.insert(1, Server::part("part6", folder, &files)?.named("part6 file"));
    servers.insert(2, Server::part("part7", folder, &[])?);
    servers.insert(3, Server::part("part7", folder, &files)?.named("part7 file"));
    servers.push(Server::floor(folder)?);
    Ok(servers)
}

/// Measures Parts 6 and 7 beside what there is.
pub fn measure(folder: &Path, effort: Effort) -> io::Result<Whole> {
    // Not zeros, which a file system or somebody's cleverness could make less of.
    let film: Vec<u8> = (0..FILM).map(|at| (at * at / 7) as u8).collect();
    fs::write(folder.join("html/film.mp4"), film)?;
    let servers = start_all(folder)?;
    thread::sleep(SETTLED);
    let requests = requests(&servers, effort);

    // The film is for those who have files.
    let has_files = |it: &&Server| {
        it.name.ends_with(" file") || matches!(it.name, "nginx" | "h2o")
    };
    let mut films = Vec::new();
    for (port, bound) in [(Port::Clear, 0.5), (Port::Tls, 1.0)] {
        let servers = servers.iter().filter(has_files);
        let count = effort.of(FILMS);
        let figures =
            compare(servers, effort, |server| Load::films(server, port, count));
        report(&format!("a file of 64 MiB, {port}"), &figures);
        let pair = ["part6 file", "nginx"];
        let wanted = Wanted::AtLeast(bound);
        verdict("rate", Load::per_second, &figures, pair, wanted);
        let what = if port == Port::Tls { "TLS" } else { "clear" };
        films.push((what, figures));
    }
    Ok(Whole { requests, films })
}

/// Measures what small things cost.
pub fn requests(servers: &[Server], effort: Effort) -> Vec<Measured> {
    let speaks_tls = |it: &&Server| it.clear != it.tls;
    let mut measured = Vec::new();
    for (what, port, at_once) in [
        ("stays", Port::Clear, 1),
        ("stays, TLS", Port::Tls, 1),
        ("16 at once", Port::Clear, AT_ONCE),
        ("16, TLS", Port::Tls, AT_ONCE),
    ] {
        let count = effort.of(REQUESTS * at_once.min(4));
        let servers =
            servers.iter().filter(|it| port == Port::Clear || speaks_tls(it));
        let figures = compare(servers, effort, |server| {
            Load::exchanges(server, port, at_once, count)
        });
        measured.push((what, figures));
    }
    let count = effort.of(CLOSING);
    let closing = compare(servers, effort, |it| Load::requests(it, count));
    measured.push(("closes", closing));
    for (what, figures) in &measured {
        report(&format!("1 KiB on a connection: {what}"), figures);
        let pair = ["part6", "hyper"];
        verdict("CPU", Load::cpu_micros, figures, pair, Wanted::AtMost(1.0));
        let pair = ["part6 file", "nginx"];
        verdict("CPU", Load::cpu_micros, figures, pair, Wanted::AtMost(1.0));
    }
    measured
}

/// Measures by how much the servers grow with connections that wait.
pub fn idle(folder: &Path) -> io::Result<Idle> {
    // Of servers that have done nothing yet: one that has been busy holds on to memory
    // in which connections then wait free of charge.
    let kib = |port| {
        let kib = |server: &Server| {
            let bytes = Load::idle(server, port, true, IDLE)?;
            Ok((server.name, bytes / IDLE as f64 / 1024.0))
        };
        start(folder)?.iter().map(kib).collect::<io::Result<Vec<_>>>()
    };
    let [clear, tls] = [kib(Port::Clear)?, kib(Port::Tls)?];
    let each = clear.into_iter().zip(tls);
    let idle: Idle =
        each.map(|((name, clear), (_, tls))| (name, [clear, tls])).collect();
    for (name, [clear, tls]) in &idle {
        say(&format!(
            "waiting: {name} {clear:.1} KiB in the clear, {tls:.1} over TLS"
        ));
    }
    judge(idle[0].1[0], Wanted::AtMost(6.0));
    judge(idle[0].1[1], Wanted::AtMost(20.0));
    Ok(idle)
}

/// Keeps every slice, for whoever would rather count again.
pub fn keep(whole: &Whole) -> io::Result<()> {
    let slice = |it: &Load| json!([it.per_second(), it.cpu_micros()]);
    let server = |it: &Figures| {
        let slices: Vec<Value> = it.slices.iter().map(slice).collect();
        json!({ "server": it.name, "per second, CPU in µs": slices })
    };
    let measured = |(what, figures): &Measured| {
        let servers: Vec<Value> = figures.iter().map(server).collect();
        json!({ "what": what, "servers": servers })
    };
    let all = |them: &[Measured]| them.iter().map(measured).collect::<Vec<Value>>();
    let kept = json!({
        "machine": machine(),
        "requests": all(&whole.requests),
        "films": all(&whole.films),
    });
    let program = Path::new(env!("CARGO_BIN_EXE_part5_5"));
    let file = program.with_file_name("figures.json");
    say(&format!("kept in {}", file.display()));
    fs::write(file, format!("{kept:#}\n"))
}

/// A table of what each request costs.
pub fn table(requests: &[Measured]) -> Vec<String> {
    let figure = |name: &str, (_, figures): &Measured| {
        let it = figures.iter().find(|it| it.name == name);
        it.map_or("–".into(), |it| format!("{:.1}", it.cpu_micros))
    };
    let mut heading = format!("{:12}", "CPU, µs each");
    for (what, _) in requests {
        heading += &format!("{what:>12}");
    }
    let mut lines = vec![heading];
    for Figures { name, .. } in &requests[0].1 {
        let cells = requests.iter().map(|it| figure(name, it));
        let cells: String = cells.map(|cell| format!("{cell:>12}")).collect();
        lines.push(format!("{name:12}{cells}"));
    }
    lines
}

/// Writes it down for the book.
pub fn record(whole: &Whole, idle: &Idle) -> io::Result<()> {
    write("requests.txt", &table(&whole.requests))?;

    let mut heading = format!("{:12}", "");
    for (what, _) in &whole.films {
        heading +=
            &format!("{:>17}{:>17}", format!("MiB/s, {what}"), "µs CPU each");
    }
    let mut lines = vec![heading];
    for (at, Figures { name, .. }) in whole.films[0].1.iter().enumerate() {
        let mut line = format!("{:12}", name.trim_end_matches(" file"));
        for (_, figures) in &whole.films {
            let Figures { per_second, cpu_micros, .. } = &figures[at];
            let mib = (FILM / 1024 / 1024) as f64;
            let (rate, cpu) = (per_second * mib, cpu_micros / mib);
            line += &format!("{rate:>17.0}{cpu:>17.0}");
        }
        lines.push(line);
    }
    write("film.txt", &lines)?;

    let mut lines =
        vec![format!("{:30}{:>12}{:>14}", "", "in the clear", "over TLS")];
    for (name, [clear, tls]) in idle {
        lines.push(format!("{name:30}{clear:>8.1} KiB{tls:>10.1} KiB"));
    }
    write("idle.txt", &lines)
}
