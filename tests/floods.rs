//! Clients who only come to keep a server busy, and somebody honest among them, from
//! part 7 on.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rohttp::verse::VERSE;
use socket2::SockRef;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, ClientConnection};

use crate::support::{Client, GET, PATIENCE, Server, tls_config, weathered};

/// How long it goes on.
const FLOOD: Duration = Duration::from_millis(200);

const CHUNKED: &[u8] =
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
/// Records of TLS with nothing in them, of a change that is none, and of a warning that
/// nobody has asked for (RFC 8446 section 5, and RFC 5246 section 7.2).
const EMPTY: &[u8] = b"\x16\x03\x03\x00\x00";
const CHANGE: &[u8] = b"\x14\x03\x03\x00\x01\x01";
const WARNING: &[u8] = b"\x15\x03\x03\x00\x02\x01\x5a";

/// Where to, and how.
struct Target {
    clear: SocketAddr,
    tls: SocketAddr,
    config: Arc<ClientConfig>,
}

impl Target {
    /// Says something, and hangs up with a reset.
    fn says(&self, address: SocketAddr, bytes: &[u8]) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        // A server may have had enough of it before we have.
        let _ = stream.write_all(bytes);
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    }

    /// Begins to shake hands, and goes on with something else.
    fn hello_and(&self, bytes: &[u8]) {
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(self.config.clone(), name).unwrap();
        let mut hello = Vec::new();
        tls.write_tls(&mut hello).unwrap();
        self.says(self.tls, &[&hello, bytes].concat());
    }

    fn updates_keys(&self) {
        let client = Client::tls(self.tls, &self.config).unwrap();
        let Client::Tls(mut stream) = client else { unreachable!() };
        for _ in 0..200 {
            stream.conn.refresh_traffic_keys().unwrap();
            if stream.flush().is_err() {
                break;
            }
        }
    }

    /// Somebody honest asks for the verse, on a connection of their own.
    fn asks(&self, port: usize) {
        let mut client = match port {
            0 => Client::clear(self.clear),
            _ => Client::tls(self.tls, &self.config).unwrap(),
        };
        client.send(GET);
        assert!(client.read_response().ends_with(VERSE.as_bytes()));
    }
}

/// What is done over and over, and what that is called.
type Flood = (&'static str, fn(&Target));

const FLOODS: [Flood; 10] = [
    ("resets", |to| to.says(to.clear, &GET[..20])),
    ("requests that nobody waits for", |to| to.says(to.clear, &GET.repeat(100))),
    ("empty lines", |to| to.says(to.clear, &b"\r\n".repeat(1_000))),
    ("chunks of a byte", |to| {
        to.says(to.clear, &[CHUNKED, &b"1\r\nx\r\n".repeat(1_000)].concat());
    }),
    ("hellos", |to| to.hello_and(b"")),
    ("handshakes", |to| _ = Client::tls(to.tls, &to.config).unwrap()),
    ("empty records", |to| to.hello_and(&EMPTY.repeat(1_000))),
    ("changes of the cipher", |to| to.hello_and(&CHANGE.repeat(1_000))),
    ("warnings", |to| to.hello_and(&WARNING.repeat(1_000))),
    ("new keys", Target::updates_keys),
];

#[test]
fn floods_do_not_keep_somebody_honest_waiting() {
    let server = Server::start(&weathered());
    let target = Target {
        clear: server.addresses[0],
        tls: server.addresses[1],
        config: tls_config(&server.root(), ALL_VERSIONS),
    };
    let before = server.descriptors();
    for (name, deed) in FLOODS {
        let (is_over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let mut waits = thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    deed(&target);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
            let _until = Until(&is_over);
            waits(&target)
        });
        assert!(done.into_inner() > 1, "{name}: it is no flood");
        waits.sort();
        // Some are the machine's, which has other tests to run.
        let wait = waits[waits.len() / 2];
        assert!(wait < Duration::from_secs(1), "{name}: {waits:?}");
    }
    let begun = Instant::now();
    while server.descriptors() > before {
        assert!(begun.elapsed() < PATIENCE, "{} are left", server.descriptors());
    }
}

/// A flood ends when this is dropped, whatever has become of who waits.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How long somebody honest waits, time after time, on each port.
fn waits(target: &Target) -> Vec<Duration> {
    let begun = Instant::now();
    let mut waits = Vec::new();
    while begun.elapsed() < FLOOD || waits.len() < 10 {
        let asked = Instant::now();
        target.asks(waits.len() % 2);
        waits.push(asked.elapsed());
    }
    waits
}
