//! The figures of Part 5.5, beside nginx's in the same run where it is installed; and
//! with `cargo bench -- --record`, how many callers each part serves in a second, into
//! a file that the book shows.
//!
//! Each server runs on one core and the client on another, so that neither waits
//! for the other's share. CPU is what the kernel charges the server's processes for,
//! per connection: it is the figure that a noisy machine spares.

mod client;
mod server;

use std::io::{self, Write};
use std::path::Path;

use client::Load;
use server::Server;

/// How often each measurement is repeated, servers in turn.
const ROUNDS: usize = 5;
/// How many connections one measurement makes.
const REQUESTS: usize = 20_000;
const HANDSHAKES: usize = 4_000;
const IDLE: usize = 1_000;

fn main() -> io::Result<()> {
    // `cargo test --benches` runs this too, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let record = std::env::args().any(|argument| argument == "--record");
    let cores = std::thread::available_parallelism()?;
    server::pin(server::CORE)?;
    let mut servers = vec![Server::ours(folder.path())?];
    match Server::nginx(folder.path()) {
        Ok(nginx) => servers.push(nginx),
        Err(error) => say(&format!("without nginx, which does not start: {error}")),
    }
    say(&format!(
        "{} of {cores} cores: server on one, client on another",
        machine()
    ));

    let root = folder.path().join("certs/rootCA.pem");
    if record {
        drop(servers);
        return record_parts(folder.path(), cores.get());
    }
    let requests = compare(&servers, |server| Load::requests(server, REQUESTS));
    report(
        "one request a connection, in the clear",
        &requests,
        1.1,
        Wanted::AtMost,
    );
    let handshakes =
        compare(&servers, |server| Load::handshakes(server, &root, HANDSHAKES));
    report("full TLS 1.3 handshakes", &handshakes, 1.8, Wanted::AtLeast);

    for (what, tls, most) in [("in the clear", false, 8), ("over TLS", true, 24)] {
        for server in &servers {
            let bytes = Load::idle(server, tls.then_some(&*root), IDLE)?;
            let kib = bytes / IDLE as f64 / 1024.0;
            let name = server.name;
            say(&format!("idle {what}: {name} {kib:.1} KiB a connection"));
            if name == "part5_5" {
                verdict(kib, most as f64, Wanted::AtMost);
            }
        }
    }
    Ok(())
}

/// The parts, and what a caller has to say to each.
const PARTS: [(&str, &[u8]); 7] = [
    ("part1", b""),
    ("part2_threads", b""),
    ("part2", b""),
    ("part3", client::REQUEST),
    ("part4", client::REQUEST),
    ("part5", client::REQUEST),
    ("part5_5", client::REQUEST),
];

/// Measures what each part serves in a second, and writes it down for the book.
fn record_parts(folder: &Path, cores: usize) -> io::Result<()> {
    let servers: io::Result<Vec<Server>> =
        PARTS.iter().map(|(part, _)| Server::part(part, folder)).collect();
    let servers = servers?;
    let request = |server: &Server| {
        let part = PARTS.iter().find(|(part, _)| *part == server.name);
        part.map_or(client::REQUEST, |(_, request)| request)
    };
    let figures = compare(&servers, |server| {
        Load::callers(server, request(server), REQUESTS)
    });
    let root = folder.join("certs/rootCA.pem");
    let tls = compare(&servers[6..], |server| {
        Load::handshakes(server, &root, HANDSHAKES)
    });
    let mut lines = vec![format!("{:32}{:>10}{:>14}", "", "callers/s", "CPU each")];
    let mut line =
        |what: &str, Figures { per_second, cpu_micros, .. }: &Figures| {
            let rate = (per_second / 10.0).round() * 10.0;
            lines.push(format!("{what:32}{rate:>10.0}{cpu_micros:>11.0} µs"));
        };
    for figures in &figures {
        line(figures.name, figures);
    }
    line("part5_5 with a TLS handshake", &tls[0]);
    lines.push(format!("{:32}{:>10}", "the original in the clear", "4"));
    lines.push(format!("{:32}{:>10}", "the original over TLS", "2"));
    let seconds = std::time::SystemTime::now();
    let date = httpdate::fmt_http_date(seconds);
    lines.push(format!("\n{}, {cores} cores, of which", machine()));
    lines.push("the server had one and the callers another".to_owned());
    lines.push(format!("{}, release build", &date[5..16]));
    let text = lines.join("\n") + "\n";
    say(&text);
    std::fs::write(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/figures/rates.txt"),
        text,
    )
}

/// What one server did in one measurement.
struct Figures {
    name: &'static str,
    per_second: f64,
    cpu_micros: f64,
}

/// Measures the servers in turn, several times over, and takes each one's median.
fn compare(
    servers: &[Server],
    measure: impl Fn(&Server) -> io::Result<Load>,
) -> Vec<Figures> {
    let mut loads: Vec<Vec<Load>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (server, loads) in servers.iter().zip(&mut loads) {
            loads.push(measure(server).expect("the server serves"));
        }
    }
    let median = |loads: &[Load], figure: fn(&Load) -> f64| {
        let mut figures: Vec<f64> = loads.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let figures = |(server, loads): (&Server, &Vec<Load>)| Figures {
        name: server.name,
        per_second: median(loads, Load::per_second),
        cpu_micros: median(loads, Load::cpu_micros),
    };
    servers.iter().zip(&loads).map(figures).collect()
}

/// Which side of a bound is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    AtLeast,
    AtMost,
}

fn report(what: &str, figures: &[Figures], bound: f64, wanted: Wanted) {
    say(&format!("{what}:"));
    for Figures { name, per_second, cpu_micros } in figures {
        say(&format!(
            "  {name:8} {per_second:8.0} a second  {cpu_micros:6.1} µs CPU"
        ));
    }
    if let [ours, nginx] = figures {
        let rate = ours.per_second / nginx.per_second;
        let cpu = ours.cpu_micros / nginx.cpu_micros;
        say(&format!("  of nginx's: rate {rate:.2}, CPU {cpu:.2}"));
        match wanted {
            Wanted::AtLeast => verdict(rate, bound, wanted),
            Wanted::AtMost => verdict(cpu, bound, wanted),
        }
    }
}

fn verdict(figure: f64, bound: f64, wanted: Wanted) {
    let (reached, words) = match wanted {
        Wanted::AtLeast => (figure >= bound, "at least"),
        Wanted::AtMost => (figure <= bound, "at most"),
    };
    let not = if reached { "" } else { "NOT " };
    say(&format!("  {not}reached: {figure:.2}, wanted {words} {bound}"));
}

fn machine() -> String {
    let read = |path| std::fs::read_to_string(Path::new(path)).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model =
        model.map_or("a processor", |rest| rest.trim_matches([' ', '\t', ':']));
    format!("{model}, Linux {}", read("/proc/sys/kernel/osrelease").trim())
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
