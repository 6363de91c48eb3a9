//! The figures of Parts 5.5 and 6, beside those of nginx, h2o and hyper in the same
//! run, where they are installed; and with `cargo bench -- --record`, what each part
//! does in a second, into files that the book shows. `cargo bench -- part6` leaves out
//! Part 5.5, and `cargo bench -- part7` is about what Part 7 adds to Part 6 alone.
//!
//! Each server runs on one core and the client on another, so that neither waits
//! for the other's share. CPU is what the kernel charges the server's processes for,
//! per connection or request: it is the figure that a noisy machine spares.

mod client;
mod minimal_hyper;
mod server;
mod weather;
mod whole;

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use client::{Load, Port};
use proctor::stage::{program, programs};
use server::{Keeps, Server};

/// How often each measurement is repeated, servers in turn.
const ROUNDS: usize = 9;
/// How many connections one measurement makes.
const REQUESTS: usize = 20_000;
const HANDSHAKES: usize = 4_000;
const IDLE: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let told = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if told(server::HYPER) {
        return minimal_hyper::serve();
    }
    // `cargo test --benches` runs this too, and wants no figures.
    if !told("--bench") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    fs::create_dir_all(folder.join("html"))?;
    fs::write(folder.join("html/index.txt"), rohttp::verse::VERSE)?;
    server::pin(server::CORE)?;
    say(&machine());
    if told("part7") {
        return Ok(weather::measure(folder)?);
    }
    if told("--record") {
        record_parts(folder)?;
    } else if !told("part6") {
        part5_5(folder)?;
    }
    let figures = whole::measure(folder)?;
    if told("--record") {
        whole::record(&figures)?;
    }
    Ok(weather::measure(folder)?)
}

/// One request a connection, which is all that Part 5.5 does.
fn part5_5(folder: &Path) -> io::Result<()> {
    let start = || -> io::Result<Vec<Server>> {
        let mut servers = vec![Server::part("part5_5", folder, &[])?];
        servers.extend(others([("nginx", Server::nginx(folder, Keeps::Log))]));
        Ok(servers)
    };
    let servers = start()?;
    let root = folder.join("certs/rootCA.pem");
    let requests = compare(&servers, |server| Load::requests(server, REQUESTS));
    report("one request a connection, in the clear", &requests);
    verdict("CPU", |it| it.cpu_micros, &requests, "nginx", Wanted::AtMost(1.1));
    let handshakes =
        compare(&servers, |server| Load::handshakes(server, &root, HANDSHAKES));
    report("full TLS 1.3 handshakes", &handshakes);
    verdict("rate", |it| it.per_second, &handshakes, "nginx", Wanted::AtLeast(1.8));
    for (port, most) in [(Port::Clear, 8.0), (Port::Tls, 24.0)] {
        // Anew: what has been busy has memory left over.
        for server in &start()? {
            let kib = Load::idle(server, port, false, IDLE)? / IDLE as f64 / 1024.0;
            let name = server.name;
            say(&format!("silent, {port}: {name} {kib:.1} KiB a connection"));
            if name == "part5_5" {
                judge(kib, Wanted::AtMost(most));
            }
        }
    }
    Ok(())
}

/// Those of other servers that start here.
fn others<const N: usize>(
    servers: [(&str, io::Result<Server>); N],
) -> impl Iterator<Item = Server> {
    servers.into_iter().filter_map(|(name, server)| {
        let without = |error: &io::Error| say(&format!("without {name}: {error}"));
        server.inspect_err(without).ok()
    })
}

/// Measures what each part serves in a second, and writes it down for the book.
fn record_parts(folder: &Path) -> io::Result<()> {
    let servers: io::Result<Vec<Server>> =
        programs().map(|it| Server::part(it.name, folder, &[])).collect();
    let servers = servers?;
    let figures = compare(&servers, |server| {
        Load::callers(server, program(server.name).part.last_request(), REQUESTS)
    });
    let root = folder.join("certs/rootCA.pem");
    let has_tls = |server: &Server| program(server.name).part.tls.is_some();
    let first = servers.iter().position(has_tls).expect("a part speaks TLS");
    let tls = compare(&servers[first..=first], |server| {
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
    line(&format!("{} with a TLS handshake", tls[0].name), &tls[0]);
    lines.push(format!("{:32}{:>10}", "the original in the clear", "4"));
    lines.push(format!("{:32}{:>10}", "the original over TLS", "2"));
    write("rates.txt", &lines)
}

/// Writes a table for the book, with the machine and the day that it is from.
fn write(name: &str, lines: &[String]) -> io::Result<()> {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let (lines, machine, date) = (lines.join("\n"), machine(), &date[5..16]);
    let text = format!("{lines}\n\n{machine}\n{date}, release build\n");
    say(&text);
    let folder = weave::root::find(Path::new("."))?.join(weave::figures::FOLDER);
    fs::write(folder.join(name), text)
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

/// On which side of a bound a figure is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

fn report(what: &str, figures: &[Figures]) {
    say(&format!("{what}:"));
    for Figures { name, per_second, cpu_micros } in figures {
        say(&format!(
            "  {name:8} {per_second:8.0} a second  {cpu_micros:8.2} µs CPU"
        ));
    }
}

/// Sets the first server's figure beside another's, if that has been measured.
fn verdict(
    what: &str,
    figure: fn(&Figures) -> f64,
    figures: &[Figures],
    other: &str,
    wanted: Wanted,
) {
    if let Some(theirs) = figures.iter().find(|it| it.name == other) {
        let ratio = figure(&figures[0]) / figure(theirs);
        say(&format!("  {what}, of {other}'s: {ratio:.2}"));
        judge(ratio, wanted);
    }
}

fn judge(figure: f64, wanted: Wanted) {
    let (reached, words, bound) = match wanted {
        Wanted::AtLeast(bound) => (figure >= bound, "at least", bound),
        Wanted::AtMost(bound) => (figure <= bound, "at most", bound),
    };
    let not = if reached { "" } else { "NOT " };
    say(&format!("  {not}reached: {figure:.2}, wanted {words} {bound}"));
}

fn machine() -> String {
    let read = |path| fs::read_to_string(Path::new(path)).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model =
        model.map_or("a processor", |rest| rest.trim_matches([' ', '\t', ':']));
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let release = read("/proc/sys/kernel/osrelease");
    let release = release.trim();
    format!(
        "{model}, Linux {release}, {cores} cores, of which\n\
         the server had one and the callers another"
    )
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
