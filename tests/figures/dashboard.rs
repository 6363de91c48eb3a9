//! Three minutes in the life of a small server, as it tells of them itself: for the
//! dashboard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use tokio_rustls::rustls::ClientConfig;

use crate::client::{self, Line, Port};
use crate::server::{self, Server};
use crate::weather::{GET, call};

/// How long it lives, and how often it is looked at.
const LIFE: Duration = Duration::from_secs(180);
const LOOK: Duration = Duration::from_secs(3);
/// How often whoever comes does something.
const STEP: Duration = Duration::from_millis(50);

/// Room for few, and little time for anything: so that there is something to be seen.
const OPTIONS: [&str; 14] = [
    "--root",
    "html",
    "--connections",
    "60",
    "--per-address",
    "30",
    "--handshake-time",
    "3s",
    "--head-time",
    "3s",
    "--idle-time",
    "10s",
    "--linger-time",
    "1s",
];
const DESCRIPTORS: usize = 128;

/// How many visitors come at each step: of each quarter of a minute.
const VISITORS: [u32; 12] = [1, 1, 2, 2, 3, 3, 2, 2, 3, 2, 2, 1];
/// Each of so many wants a picture, and each of so many what is not there.
const PICTURE: u32 = 10;
const MISSING: u32 = 25;

/// Others who come, from an address of their own, and in which seconds.
struct Others {
    from: Ipv4Addr,
    seconds: Range<u64>,
    /// At every how many steps one of them comes.
    every: u32,
    says: &'static [u8],
    /// Whether each second one goes to the TLS port, and says nothing there.
    over_tls: bool,
}

const OTHERS: [Others; 3] = [
    // They begin a head and don't go on.
    Others {
        from: Ipv4Addr::new(127, 0, 0, 7),
        seconds: 30..60,
        every: 5,
        says: GET.split_at(9).0,
        over_tls: true,
    },
    // They have asked, and stay.
    Others {
        from: Ipv4Addr::new(127, 0, 0, 8),
        seconds: 75..105,
        every: 2,
        says: GET,
        over_tls: false,
    },
    // More than there is room for, who want nothing.
    Others {
        from: Ipv4Addr::new(127, 0, 0, 9),
        seconds: 120..150,
        every: 1,
        says: GET.split_at(9).0,
        over_tls: true,
    },
];
/// How many of its connections each of these keeps open, on its side.
const KEPT: usize = 100;

/// What it tells of what the dashboard asks for, look by look.
pub fn record(folder: &Path) -> io::Result<Vec<String>> {
    let files = folder.join("html");
    fs::write(files.join("index.html"), rohttp::verse::VERSE)?;
    fs::write(files.join("picture.jpg"), vec![b'x'; 100_000])?;
    let inside = server::free_address()?;
    let metrics = inside.to_string();
    let options = [&OPTIONS[..], &["--metrics", &metrics]].concat();
    let server = &Server::short("part7", folder, DESCRIPTORS, &options)?;
    let names = names()?;
    server::pin(client::CORE)?;
    let begun = Instant::now();
    let looks = thread::scope(|scope| {
        let config = client::config(None);
        let mut threads = vec![scope.spawn(move || {
            each_step(begun, |step, second| visit(server, &config, step, second))
        })];
        threads.extend(OTHERS.map(|others| {
            let mut open = VecDeque::new();
            scope.spawn(move || {
                each_step(begun, |step, second| {
                    others.come(server, &mut open, step, second)
                })
            })
        }));
        let looks: io::Result<Vec<Look>> = (0..=LIFE.div_duration_f64(LOOK) as u32)
            .map(|number| look(inside, &names, begun, LOOK * number))
            .collect();
        let ended = threads.into_iter().map(|it| it.join().expect("no panic"));
        ended.collect::<io::Result<()>>().and(looks)
    })?;
    Ok(table(&looks))
}

/// The names that the dashboard asks for.
fn names() -> io::Result<BTreeSet<String>> {
    let root = weave::root::find(Path::new("."))?;
    let dashboard = fs::read_to_string(root.join(weave::dashboard::DASHBOARD))?;
    let name =
        Regex::new("(?:rohttp|process)_[a-z_]+").map_err(io::Error::other)?;
    Ok(name.find_iter(&dashboard).map(|it| it.as_str().to_owned()).collect())
}

/// Does something at each step, which has a number and is in some second.
fn each_step(
    begun: Instant,
    mut something: impl FnMut(u32, u64) -> io::Result<()>,
) -> io::Result<()> {
    for number in 0..LIFE.div_duration_f64(STEP) as u32 {
        let due = STEP * number;
        thread::sleep(due.saturating_sub(begun.elapsed()));
        something(number, due.as_secs())?;
    }
    Ok(())
}

/// Some come, ask once, and go; the first of them over TLS.
fn visit(
    server: &Server,
    config: &Arc<ClientConfig>,
    step: u32,
    second: u64,
) -> io::Result<()> {
    let quarter = second as usize / 15 % VISITORS.len();
    for number in 0..VISITORS[quarter] {
        let port = if number == 0 { Port::Tls } else { Port::Clear };
        let file = match step + number {
            it if it.is_multiple_of(MISSING) => "favicon.ico",
            it if it.is_multiple_of(PICTURE) => "picture.jpg",
            _ => "",
        };
        let ask = format!("GET /{file} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Line::open(server, port, config)?.ask(ask.as_bytes())?;
    }
    Ok(())
}

impl Others {
    fn come(
        &self,
        server: &Server,
        open: &mut VecDeque<TcpStream>,
        step: u32,
        second: u64,
    ) -> io::Result<()> {
        if !self.seconds.contains(&second) {
            open.clear();
        } else if step.is_multiple_of(self.every) {
            let is_over_tls = self.over_tls && step.is_multiple_of(2);
            let port = if is_over_tls { server.tls } else { server.clear };
            let mut stream = call(self.from, port)?;
            if !is_over_tls {
                // A server may have had enough of them.
                let _ = stream.write_all(self.says);
            }
            open.push_back(stream);
            if open.len() > KEPT {
                open.pop_front();
            }
        }
        Ok(())
    }
}

/// What it told at some second: each series with its value.
struct Look {
    second: f64,
    told: BTreeMap<String, String>,
}

fn look(
    inside: SocketAddr,
    names: &BTreeSet<String>,
    begun: Instant,
    due: Duration,
) -> io::Result<Look> {
    thread::sleep(due.saturating_sub(begun.elapsed()));
    let second = begun.elapsed().as_secs_f64();
    let mut stream = TcpStream::connect(inside)?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics)?;
    let series = metrics.lines().filter_map(|line| line.rsplit_once(' '));
    let is_wanted = |series: &str| {
        series.split('{').next().is_some_and(|it| names.contains(it))
    };
    let told = series.filter(|it| is_wanted(it.0));
    let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Look { second, told: told.collect() })
}

/// A column for each series, and a line for each look. What has not been told of yet has
/// not happened.
fn table(looks: &[Look]) -> Vec<String> {
    let series: BTreeSet<&String> =
        looks.iter().flat_map(|it| it.told.keys()).collect();
    let heading = series.iter().map(|it| format!("  {it}")).collect::<String>();
    let mut lines = vec![format!("second{heading}")];
    for Look { second, told } in looks {
        let value = |name: &&String| told.get(*name).map_or("0", String::as_str);
        let values: String =
            series.iter().map(|name| format!("  {}", value(name))).collect();
        lines.push(format!("{second:.1}{values}"));
    }
    lines
}
