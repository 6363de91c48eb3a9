//! Runs that lie, each beside one that does not: for *How to measure a server*.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{hint, thread};

use crate::client::{self, Line, Load, Port};
use crate::server::{self, Keeps, Server};
use crate::whole::SETTLED;
use crate::{Effort, Figures, Ratio, Table, compare, median, others};

const FILES: [&str; 2] = ["--root", "html"];

/// Measures all of them.
pub fn measure(folder: &Path) -> io::Result<Vec<Table>> {
    let server = Server::part("part8", folder, &FILES)?;
    thread::sleep(SETTLED);
    Ok(vec![
        ("stall.txt", stall(&server)?),
        ("cold.txt", cold(folder)?),
        ("narrow.txt", narrow(folder)?),
        ("twins.txt", twins(folder)?),
    ])
}

/// For how long a server is asked that stands still once a second, and for how long
/// that is.
const STALLED: Duration = Duration::from_secs(5);
const STALL: Duration = Duration::from_millis(200);
/// How often it is asked, by the clock.
const EVERY: Duration = Duration::from_millis(1);

/// How long somebody waited for an answer.
struct Wait {
    /// Since the question was due.
    due: Duration,
    /// Since it was asked.
    asked: Duration,
}

/// A server that stands still now and then: who asks when they have been answered, and
/// who asks by the clock.
fn stall(server: &Server) -> io::Result<Vec<String>> {
    let closed = stalled(server, None)?;
    let open = stalled(server, Some(EVERY))?;
    let asked = |waits: &[Wait]| waits.iter().map(|it| it.asked).collect();
    let due = open.iter().map(|it| it.due).collect();
    Ok(vec![
        heading(),
        waits("asks when it is answered", asked(&closed)),
        waits("every ms, since it has asked", asked(&open)),
        waits("every ms, since it should have", due),
    ])
}

/// What is above [`waits`].
pub fn heading() -> String {
    format!(
        "{:34}{:>10}{:>10}{:>10}{:>10}",
        "", "questions", "half, ms", "99 %, ms", "all, ms"
    )
}

/// Within what time half of those who asked were answered, and others.
pub fn waits(what: &str, mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |part: f64| {
        let wait = waits[((waits.len() - 1) as f64 * part) as usize];
        wait.as_secs_f64() * 1000.0
    };
    let (count, [half, most, all]) = (waits.len(), [0.5, 0.99, 1.0].map(at));
    format!("{what:34}{count:>10}{half:>10.2}{most:>10.2}{all:>10.2}")
}

/// Asks a server that stands still once a second.
fn stalled(server: &Server, every: Option<Duration>) -> io::Result<Vec<Wait>> {
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..STALLED.as_secs() {
                thread::sleep(Duration::from_secs(1) - STALL);
                server.stand_still(STALL);
            }
        });
        server::pin(client::CORE)?;
        let waits = ask(server, every);
        server::pin(server::CORE).and(waits)
    })
}

fn ask(server: &Server, every: Option<Duration>) -> io::Result<Vec<Wait>> {
    let mut line = Line::open(server, Port::Clear, &client::config(None))?;
    let (begun, mut waits) = (Instant::now(), Vec::new());
    loop {
        let due = match every {
            Some(every) => begun + every * waits.len() as u32,
            None => Instant::now(),
        };
        if due - begun >= STALLED {
            return Ok(waits);
        }
        // To sleep would be to wake up late.
        while Instant::now() < due {
            hint::spin_loop();
        }
        let asked = Instant::now();
        line.exchange()?;
        waits.push(Wait { due: due.elapsed(), asked: asked.elapsed() });
    }
}

/// How many servers are asked for the first time.
const STARTS: usize = 9;

/// What a server's first answers take, and later ones.
fn cold(folder: &Path) -> io::Result<Vec<String>> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let server = Server::part("part8", folder, &FILES)?;
        server::pin(client::CORE)?;
        let mut line = Line::open(&server, Port::Clear, &client::config(None))?;
        let mut each = Vec::new();
        for _ in 0..10_000 {
            let asked = Instant::now();
            line.exchange()?;
            each.push(asked.elapsed().as_secs_f64() * 1e6);
        }
        server::pin(server::CORE)?;
        starts.push(each);
    }
    let mut lines = vec![format!("{:34}{:>16}", "", "an answer, µs")];
    for (what, from, to) in [
        ("the first", 0, 1),
        ("those up to the tenth", 1, 10),
        ("up to the hundredth", 10, 100),
        ("up to the thousandth", 100, 1_000),
        ("up to the ten thousandth", 1_000, 10_000),
    ] {
        let mean =
            |it: &Vec<f64>| it[from..to].iter().sum::<f64>() / (to - from) as f64;
        let figure = median(starts.iter().map(mean));
        lines.push(format!("{what:34}{figure:>16.0}"));
    }
    Ok(lines)
}

/// How many requests are made of those who are compared.
const REQUESTS: usize = 20_000;
/// How many bytes a client takes at a time who is slower than any server.
const SIP: usize = 16;

/// Servers that are not alike, and a client who can't tell.
fn narrow(folder: &Path) -> io::Result<Vec<String>> {
    let mut servers = vec![Server::floor(folder)?];
    servers.push(Server::part("part8", folder, &FILES)?);
    let nginx = Server::nginx(folder, Keeps::Connections);
    servers.extend(others([("nginx", nginx)]));
    thread::sleep(SETTLED);
    let sips =
        compare(&servers, Effort::FULL, |it| Load::sips(it, SIP, REQUESTS / 2));
    let gulps = compare(&servers, Effort::FULL, |it| {
        Load::exchanges(it, Port::Clear, 1, REQUESTS)
    });
    let heading = format!(
        "{:12}{:>22}{:>22}{:>14}",
        "a second", "a client that sips", "one that does not", "CPU each"
    );
    let mut lines = vec![heading];
    for (sip, gulp) in sips.iter().zip(&gulps) {
        let Figures { name, per_second, .. } = sip;
        lines.push(format!(
            "{name:12}{per_second:>22.0}{:>22.0}{:>11.1} µs",
            gulp.per_second, gulp.cpu_micros
        ));
    }
    Ok(lines)
}

/// One program twice, as if it were two: by how much they differ.
fn twins(folder: &Path) -> io::Result<Vec<String>> {
    let twin = || Server::part("part8", folder, &FILES);
    let twins = [twin()?, twin()?];
    thread::sleep(SETTLED);
    let measure = |it: &Server| Load::exchanges(it, Port::Clear, 1, REQUESTS);
    let one_by_one: Vec<Figures> =
        twins.iter().flat_map(|it| compare([it], Effort::FULL, measure)).collect();
    let in_turn = compare(&twins, Effort::FULL, measure);
    let heading = format!(
        "{:40}{:>14}{:>14}",
        "the one divided by the other", "a second", "CPU each"
    );
    let mut lines = vec![heading];
    let mut line = |what: &str, rate: String, cpu: String| {
        lines.push(format!("{what:40}{rate:>14}{cpu:>14}"));
    };
    type Of = fn(&Load) -> f64;
    let figures: [Of; 2] = [Load::per_second, Load::cpu_micros];
    let [rate, cpu] = figures.map(|of| single(&in_turn, of));
    line("once each, as it may come out", rate, cpu);
    let [rate, cpu] = figures.map(|of| {
        let Ratio { ratio, .. } = one_by_one[0].beside(&one_by_one[1], of);
        format!("{ratio:.3}")
    });
    line("nine of one, then nine of the other", rate, cpu);
    let in_turns = figures.map(|of| in_turn[0].beside(&in_turn[1], of));
    let [rate, cpu] = in_turns.each_ref().map(|it| format!("{:.3}", it.ratio));
    line("nine in turn", rate, cpu);
    let [rate, cpu] = in_turns.map(|it| format!("{:.3}–{:.3}", it.low, it.high));
    line("  and where that may lie", rate, cpu);
    Ok(lines)
}

/// Between which two a ratio lies if each server is measured once.
fn single(figures: &[Figures], of: fn(&Load) -> f64) -> String {
    let each = |it: &Figures| it.slices.iter().map(of).collect::<Vec<f64>>();
    let (one, other) = (each(&figures[0]), each(&figures[1]));
    let ratios: Vec<f64> =
        one.iter().flat_map(|a| other.iter().map(move |b| a / b)).collect();
    let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ratios.iter().copied().fold(0.0, f64::max);
    format!("{low:.3}–{high:.3}")
}
