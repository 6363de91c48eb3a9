//! Answers to the exercises of Part 7, and to what its page about metrics asks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use proctor::stage::Stage;
use rohttp::message::{FieldName, FieldValue, Method, Request, Response, Status};
use rohttp::resource::content::Content;
use rohttp::site::Site;
use socket2::{Domain, Socket, Type};

use crate::support::{Client, PATIENCE, Server};

/// 7.2: how many addresses it takes until one that has called nobody is turned away, if
/// each has so many callers who begin to ask.
fn addresses_until_full(server: SocketAddr, callers: usize) -> usize {
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut crowd = Vec::new();
    for number in 1..=u8::MAX {
        let from = Ipv4Addr::new(127, 0, 9, number);
        for caller in 0..callers {
            let mut stream = call(from, server);
            // A request, and the beginning of the next: whoever has an answer to the
            // first is known to be busy with the second.
            stream.write_all(&[GET, b"GET"].concat()).unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            if &status == b"HTTP/1.1 503" && caller == 0 {
                return usize::from(number) - 1;
            }
            crowd.push(stream);
        }
    }
    panic!("there is always room");
}

fn call(from: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[test]
fn it_takes_four_addresses_to_keep_a_fifth_out() {
    let options = ["--host", "127.0.0.1", "--connections", "40"];
    let server = Server::start_with(Stage::LAST.name(), &options);
    // Ten is a quarter, and what is beyond that is turned away.
    assert_eq!(addresses_until_full(server.addresses[0], 12), 4);
}

/// 7.4: how many requests there were, by label.
#[derive(Default)]
pub struct Counter(Mutex<BTreeMap<String, u64>>);

impl Counter {
    /// Counts a request, and answers it.
    pub fn answer(&self, request: &Request, label: &str) -> Response<Content> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(label.to_owned()).or_default() += 1;
        match (&request.method, request.target.to_string().as_str()) {
            (Method::Get | Method::Head, "/metrics") => page(&counts),
            _ => Site::default().answer(request),
        }
    }
}

fn page(counts: &BTreeMap<String, u64>) -> Response<Content> {
    let mut text = String::from("# TYPE requests_total counter\n");
    for (label, count) in counts {
        let _ = writeln!(text, "requests_total{{method=\"{label}\"}} {count}");
    }
    let content = Bytes::from(text).into();
    Response::new(Status::OK, content)
        .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_PLAIN)
}

/// 7.4: the short list.
pub fn method_label(method: &Method) -> &str {
    match method {
        Method::Other(_) => "other",
        known => known.as_str(),
    }
}

/// How many requests took up to so many seconds, as a bound is written.
type Buckets = BTreeMap<String, u64>;

/// The buckets of a histogram, out of what a server says of itself.
fn buckets(metrics: &str, name: &str) -> Buckets {
    let begin = format!("{name}_bucket{{le=\"");
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(&begin));
    let pairs = lines.filter_map(|line| line.split_once("\"} "));
    pairs.map(|(le, count)| (le.to_owned(), count.parse().unwrap())).collect()
}

/// Between which two bounds it was over for this part of the requests that came
/// between two looks, if any came.
fn quantile(before: &Buckets, after: &Buckets, part: f64) -> Option<(f64, f64)> {
    let since = |(le, count): (&String, &u64)| {
        let bound: f64 = le.parse().unwrap();
        (bound, count - before.get(le).unwrap_or(&0))
    };
    let mut rows: Vec<(f64, u64)> = after.iter().map(since).collect();
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    // The last bound is infinite: all of them.
    let all = rows.last()?.1 as f64;
    let index = rows.iter().position(|row| row.1 as f64 >= all * part)?;
    let lower = index.checked_sub(1).map_or(0.0, |it| rows[it].0);
    (all > 0.0).then_some((lower, rows[index].0))
}

#[test]
fn a_quantile_lies_between_two_bounds() {
    let options = ["--host", "127.0.0.1", "--metrics", "127.0.0.1:0"];
    let server = Server::start_with(Stage::LAST.name(), &options);
    let ask = |address, path: &str| {
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        let answer = Client::clear(address).ask(request.as_bytes());
        String::from_utf8(answer).unwrap()
    };
    let look = || {
        let metrics = ask(server.addresses[2], "/metrics");
        buckets(&metrics, "rohttp_http_request_duration_seconds")
    };
    let before = look();
    assert_eq!(quantile(&before, &look(), 0.99), None, "nobody came");
    for _ in 0..100 {
        ask(server.addresses[0], "/");
    }
    let (lower, upper) = quantile(&before, &look(), 0.99).unwrap();
    assert!(lower < upper && upper <= 10.0, "{lower} to {upper}");
    let told = |counts: [u64; 3]| -> Buckets {
        let bounds = ["0.005", "0.1", "+Inf"].map(str::to_owned);
        bounds.into_iter().zip(counts).collect()
    };
    let (before, after) = (told([10, 10, 10]), told([60, 109, 110]));
    assert_eq!(quantile(&before, &after, 0.5), Some((0.0, 0.005)));
    assert_eq!(quantile(&before, &after, 0.99), Some((0.005, 0.1)));
    assert_eq!(quantile(&before, &after, 1.0), Some((0.1, f64::INFINITY)));
}
