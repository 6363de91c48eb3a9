//! The figures of Part 6: connections that stay, and a file that is large.

use std::fs;
use std::io;
use std::path::Path;

use crate::client::{FILM, Load, Port};
use crate::server::{Keeps, Server};
use crate::{Figures, Wanted, compare, judge, others, report, say, verdict, write};

/// How many requests one measurement makes, and in how many of them a client asks
/// for several at once.
const REQUESTS: usize = 60_000;
const AT_ONCE: usize = 16;
/// How many films one measurement watches.
const FILMS: usize = 12;
/// How many connections wait.
const IDLE: usize = 1_000;

/// What one measurement gave: its name, and each server's figures.
type Measured = (String, Vec<Figures>);

/// What was measured.
pub struct Whole {
    requests: Vec<Measured>,
    films: Vec<Measured>,
    /// Each server's bytes for a connection that waits, in the clear and over TLS.
    idle: Vec<(&'static str, [f64; 2])>,
}

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

/// Measures Part 6 beside what there is.
pub fn measure(folder: &Path) -> io::Result<Whole> {
    // Not zeros, which a file system or somebody's cleverness could make less of.
    let film: Vec<u8> = (0..FILM).map(|at| (at * at / 7) as u8).collect();
    fs::write(folder.join("html/film.mp4"), film)?;
    let mut servers = start(folder)?;

    let mut requests = Vec::new();
    for (at_once, port) in [
        (1, Port::Clear),
        (1, Port::Tls),
        (AT_ONCE, Port::Clear),
        (AT_ONCE, Port::Tls),
    ] {
        let what = match at_once {
            1 => port.to_string(),
            _ => format!("{port}, {at_once} at once"),
        };
        let figures = compare(&servers, |server| {
            Load::exchanges(server, port, at_once, REQUESTS * at_once.min(4))
        });
        report(&format!("the verse on connections that stay, {what}"), &figures);
        verdict(
            "rate",
            |it| it.per_second,
            &figures,
            "hyper",
            Wanted::AtLeast(1.0),
        );
        verdict("CPU", |it| it.cpu_micros, &figures, "hyper", Wanted::AtMost(1.0));
        requests.push((what, figures));
    }

    // Of servers that have done nothing yet: one that has been busy holds on to memory
    // in which connections then wait free of charge.
    let kib = |port| {
        let kib = |server| {
            Ok(Load::idle(server, port, true, IDLE)? / IDLE as f64 / 1024.0)
        };
        start(folder)?.iter().map(kib).collect::<io::Result<Vec<f64>>>()
    };
    let [clear, tls] = [kib(Port::Clear)?, kib(Port::Tls)?];
    let names = servers.iter().map(|server| server.name);
    let each = names.zip(clear.into_iter().zip(tls));
    let idle: Vec<_> =
        each.map(|(name, (clear, tls))| (name, [clear, tls])).collect();
    for (name, [clear, tls]) in &idle {
        say(&format!(
            "waiting: {name} {clear:.1} KiB in the clear, {tls:.1} over TLS"
        ));
    }
    judge(idle[0].1[0], Wanted::AtMost(6.0));
    judge(idle[0].1[1], Wanted::AtMost(20.0));

    // hyper has no files, and ours that has the verse has none either.
    servers.retain(|server| !matches!(server.name, "part6" | "hyper"));
    servers.insert(0, Server::part("part6", folder, &["--root", "html"])?);
    let mut films = Vec::new();
    for (port, bound) in [(Port::Clear, 0.5), (Port::Tls, 1.0)] {
        let figures = compare(&servers, |server| Load::films(server, port, FILMS));
        report(&format!("a file of 64 MiB, {port}"), &figures);
        let wanted = Wanted::AtLeast(bound);
        verdict("rate", |it| it.per_second, &figures, "nginx", wanted);
        films.push((port.to_string(), figures));
    }
    Ok(Whole { requests, films, idle })
}

/// Writes it down for the book.
pub fn record(whole: &Whole) -> io::Result<()> {
    let mut lines =
        vec![format!("{:32}{:>12}{:>14}", "", "requests/s", "CPU each")];
    for (what, figures) in &whole.requests {
        for Figures { name, per_second, cpu_micros } in figures {
            let rate = (per_second / 100.0).round() * 100.0;
            let who = format!("{name}, {what}");
            lines.push(format!("{who:32}{rate:>12.0}{cpu_micros:>11.1} µs"));
        }
    }
    write("requests.txt", &lines)?;

    let mut lines = vec![format!("{:30}{:>12}{:>14}", "", "MiB/s", "CPU per MiB")];
    for (what, figures) in &whole.films {
        for Figures { name, per_second, cpu_micros } in figures {
            let mib = (FILM / 1024 / 1024) as f64;
            let (rate, cpu) = (per_second * mib, cpu_micros / mib);
            let who = format!("{name}, {what}");
            lines.push(format!("{who:30}{rate:>12.0}{cpu:>11.0} µs"));
        }
    }
    write("film.txt", &lines)?;

    let mut lines =
        vec![format!("{:30}{:>12}{:>14}", "", "in the clear", "over TLS")];
    for (name, [clear, tls]) in &whole.idle {
        lines.push(format!("{name:30}{clear:>8.1} KiB{tls:>10.1} KiB"));
    }
    write("idle.txt", &lines)
}
