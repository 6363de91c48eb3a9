//! The figures of Parts 5.5, 6 and 7, beside those of nginx, h2o and hyper in the same
//! run, where they are installed, and of the least that a server can do.
//!
//! `cargo bench -- part6` leaves out Part 5.5, and `cargo bench -- part7` is about what
//! Part 7 adds to Part 6 alone, and `part7 crowd` about who has to wait there. `part8` is about what each step of Part 8 brings, and
//! `part8 fair` about who has to wait there; `curves` about how cost grows with what is
//! asked for, and `curves kinds` about one of those questions. `trials` is about what
//! else might pay in Part 8 (`trials.rs` says what of it is made by hand). `lies` measures
//! badly on purpose, and better beside it. `dashboard` looks for three minutes at what a
//! server tells of itself. `rates --record` has each part serve callers,
//! and `--quick` takes a few minutes, for wider intervals.
//!
//! With `--record`, what was measured goes into files that the book shows; with
//! `--record part6`, only what Part 6 needs is measured anew. Every slice of that is
//! kept in `figures.json`, in cargo's target folder.
//!
//! Each server runs on one core and the client on another, so that neither waits
//! for the other's share. CPU is what the kernel charges the server's processes for,
//! per connection or request: it is the figure that a noisy machine spares. And each
//! is measured in slices, all of them in turn, so that a minute in which the machine
//! was slow was slow for all: so ratios are what to go by.

mod client;
mod curves;
mod dashboard;
mod floor;
mod lies;
mod minimal_hyper;
mod server;
mod speed;
mod trials;
mod weather;
mod whole;

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use client::{Load, Port};
use proctor::stage::{program, programs};
use server::{Keeps, Server};

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// How often each measurement is repeated, servers in turn.
    rounds: usize,
    /// Of how many requests one is made.
    share: usize,
}

impl Effort {
    const FULL: Effort = Effort { rounds: 9, share: 1 };
    const QUICK: Effort = Effort { rounds: 5, share: 10 };

    fn of(self, count: usize) -> usize {
        count.div_ceil(self.share)
    }
}

/// How many connections one measurement makes.
const REQUESTS: usize = 20_000;
const HANDSHAKES: usize = 4_000;
const IDLE: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let told = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if told(server::HYPER) {
        return minimal_hyper::serve();
    }
    if told(server::FLOOR) {
        return Ok(floor::serve()?);
    }
    if told(server::COPYING) {
        let way = std::env::args().next_back().unwrap_or_default();
        return Ok(floor::copy(way.parse()?)?);
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
        let crowd = weather::crowd(folder)?;
        if told("--record") {
            write("elsewhere.txt", &crowd)?;
        }
        if !told("crowd") {
            weather::measure(folder)?;
        }
        return Ok(());
    }
    if told("dashboard") {
        let lines = dashboard::record(folder)?;
        match told("--record") {
            true => write("dashboard.txt", &lines)?,
            false => lines.iter().for_each(|line| say(line)),
        }
        return Ok(());
    }
    let effort = if told("--quick") { Effort::QUICK } else { Effort::FULL };
    if told("part8") {
        let crowd = speed::crowds(folder, effort)?;
        if told("--record") {
            write("fair.txt", &crowd)?;
        }
        if !told("fair") {
            let measured = speed::measure(folder, effort)?;
            if told("--record") {
                write("rungs.txt", &whole::table(&measured))?;
            }
        }
        return Ok(());
    }
    if told("trials") {
        let measured = trials::measure(folder, effort)?;
        if told("--record") {
            write("trials.txt", &whole::table(&measured))?;
        }
        return Ok(());
    }
    let tables = match () {
        () if told("lies") => Some(lies::measure(folder)?),
        () if told("curves") => Some(curves::measure(folder, told)?),
        () => None,
    };
    if let Some(tables) = tables {
        for (name, lines) in tables {
            match told("--record") {
                true => write(name, &lines)?,
                false => lines.iter().for_each(|line| say(line)),
            }
        }
        return Ok(());
    }
    if told("rates") && told("--record") {
        return Ok(record_parts(folder)?);
    }
    let is_quick = effort.share > 1;
    if told("part6") || is_quick {
    } else if told("--record") {
        record_parts(folder)?;
    } else {
        part5_5(folder)?;
    }
    let figures = whole::measure(folder, effort)?;
    whole::keep(&figures)?;
    if is_quick {
        return Ok(());
    }
    let idle = whole::idle(folder)?;
    if told("--record") {
        whole::record(&figures, &idle)?;
        write("elsewhere.txt", &weather::crowd(folder)?)?;
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
    let pair = ["part5_5", "nginx"];
    let requests =
        compare(&servers, Effort::FULL, |server| Load::requests(server, REQUESTS));
    report("one request a connection, in the clear", &requests);
    verdict("CPU", Load::cpu_micros, &requests, pair, Wanted::AtMost(1.1));
    let handshakes = compare(&servers, Effort::FULL, |server| {
        Load::handshakes(server, &root, HANDSHAKES)
    });
    report("full TLS 1.3 handshakes", &handshakes);
    verdict("rate", Load::per_second, &handshakes, pair, Wanted::AtLeast(1.8));
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
    let figures = compare(&servers, Effort::FULL, |server| {
        Load::callers(server, program(server.name).part.last_request(), REQUESTS)
    });
    let root = folder.join("certs/rootCA.pem");
    let has_tls = |server: &Server| program(server.name).part.tls.is_some();
    let first = servers.iter().position(has_tls).expect("a part speaks TLS");
    let tls = compare(&servers[first..=first], Effort::FULL, |server| {
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

/// A table for the book: the name of its file, and its lines.
type Table = (&'static str, Vec<String>);

/// Writes a table for the book, with the machine and the day that it is from.
fn write(name: &str, lines: &[String]) -> io::Result<()> {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let (lines, machine, date) = (lines.join("\n"), machine(), &date[5..16]);
    let text = format!("{lines}\n\n{machine}\n{date}, release build\n");
    say(&text);
    let folder = weave::root::find(Path::new("."))?.join(weave::figures::FOLDER);
    fs::write(folder.join(name), text)
}

/// What one server did in one measurement: the medians, and each slice of it.
struct Figures {
    name: &'static str,
    per_second: f64,
    cpu_micros: f64,
    slices: Vec<Load>,
}

/// How many times another's a figure is.
struct Ratio {
    /// The one median by the other.
    ratio: f64,
    /// Between which it would be another time, 19 times out of 20.
    low: f64,
    high: f64,
}

impl Figures {
    fn of(name: &'static str, slices: Vec<Load>) -> Figures {
        let of = |figure: fn(&Load) -> f64| median(slices.iter().map(figure));
        let (per_second, cpu_micros) = (of(Load::per_second), of(Load::cpu_micros));
        Figures { name, per_second, cpu_micros, slices }
    }

    /// A figure beside another's of the same rounds.
    ///
    /// Of nine ratios, a round's each, the smallest but one and the largest but one
    /// have the true median between them in 96 cases of 100, and of five the smallest
    /// and the largest in 94, however they are distributed.
    fn beside(&self, other: &Figures, figure: fn(&Load) -> f64) -> Ratio {
        let all = |it: &Figures| it.slices.iter().map(figure).collect::<Vec<f64>>();
        let (ours, theirs) = (all(self), all(other));
        let each = ours.iter().zip(&theirs).map(|(our, their)| our / their);
        let mut each: Vec<f64> = each.collect();
        each.sort_by(f64::total_cmp);
        let outside = usize::from(each.len() >= 9);
        let (low, high) = (each[outside], each[each.len() - 1 - outside]);
        let ratio = median(ours.into_iter()) / median(theirs.into_iter());
        Ratio { ratio, low, high }
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Measures the servers in turn, several times over.
fn compare<'a>(
    servers: impl IntoIterator<Item = &'a Server>,
    effort: Effort,
    measure: impl Fn(&Server) -> io::Result<Load>,
) -> Vec<Figures> {
    let servers: Vec<&Server> = servers.into_iter().collect();
    let mut slices: Vec<Vec<Load>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..effort.rounds {
        for (server, slices) in servers.iter().zip(&mut slices) {
            slices.push(measure(server).expect("the server serves"));
        }
    }
    let each = servers.iter().zip(slices);
    each.map(|(server, slices)| Figures::of(server.name, slices)).collect()
}

/// On which side of a bound a figure is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

/// Says what was measured: and for CPU, how many times the last one's it is.
fn report(what: &str, figures: &[Figures]) {
    say(&format!("{what}:"));
    let Some(last) = figures.last() else { return };
    for it in figures {
        let Figures { name, per_second, cpu_micros, .. } = it;
        let Ratio { ratio, low, high } = it.beside(last, Load::cpu_micros);
        say(&format!(
            "  {name:12} {per_second:8.0} a second  {cpu_micros:8.2} µs CPU, \
             {ratio:.2} of {}'s ({low:.2} to {high:.2})",
            last.name
        ));
    }
}

/// Sets a server's figure beside another's, if both have been measured.
fn verdict(
    what: &str,
    figure: fn(&Load) -> f64,
    figures: &[Figures],
    [one, other]: [&str; 2],
    wanted: Wanted,
) {
    let of = |name: &str| figures.iter().find(|it| it.name == name);
    if let (Some(ours), Some(theirs)) = (of(one), of(other)) {
        let Ratio { ratio, low, high } = ours.beside(theirs, figure);
        say(&format!(
            "  {what}, {one} of {other}: {ratio:.2} ({low:.2} to {high:.2})"
        ));
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
