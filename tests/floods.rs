//! Clients who only come to keep a server busy, and somebody honest among them, from
//! part 7 on.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rohttp::verse::VERSE;
use socket2::SockRef;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    ALL_VERSIONS, ClientConfig, ClientConnection, ContentType, ProtocolVersion,
};

use crate::support::{
    Client, GET, PATIENCE, Sealed, Server, tls_config, weathered,
};

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
    root: PathBuf,
    config: Arc<ClientConfig>,
}

impl Target {
    fn of(server: &Server) -> Target {
        let root = server.root();
        let config = tls_config(&root, ALL_VERSIONS);
        let [clear, tls] = [0, 1].map(|it| server.addresses[it]);
        Target { clear, tls, root, config }
    }

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
        to.says(to.clear, &[CHUNKED, &b"1\r\nx\r\n".repeat(200)].concat());
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
    let target = Target::of(&server);
    let before = server.descriptors();
    for (name, deed) in FLOODS {
        nobody_waits_long(name, || {
            let (is_over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
            let waits = thread::scope(|scope| {
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
            waits
        });
    }
    let begun = Instant::now();
    while server.descriptors() > before {
        assert!(begun.elapsed() < PATIENCE, "{} are left", server.descriptors());
    }
}

/// Fails if somebody waits for a second, in each of some tries of a flood. (A wait may be
/// the machine's, which has other tests to run.)
fn nobody_waits_long(name: &str, flood: impl Fn() -> Vec<Duration>) {
    const TRIES: usize = 3;
    let longest = || flood().into_iter().max().expect("somebody asks");
    let waits: Vec<Duration> = (0..TRIES)
        .map(|_| longest())
        .take_while(|wait| *wait >= Duration::from_secs(1))
        .collect();
    assert!(waits.len() < TRIES, "{name}: the longest waits were {waits:?}");
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

/// What a client goes on to do whose handshake was in order, until nobody lets it, and
/// what that is called.
type Within = (&'static str, fn(&Target));

/// The beginning of a request that never ends.
const ENDLESS: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
/// How many empty records rustls bears between others.
const BORNE: usize = 32;
/// A ClientHello, or as much of it as it takes to see that it is one: a client of TLS
/// 1.2 asks so to negotiate anew (RFC 5246 section 7.4.1.2).
const HELLO: &[u8] = b"\x01\x00\x00\x26\x03\x03\
    01234567890123456789012345678901\x00\x00\x02\xcc\xa9\x01\x00";

/// A byte of something that never ends.
fn endless(number: usize) -> &'static [u8] {
    ENDLESS.get(number..=number).unwrap_or(b"x")
}

fn empty(sealed: &mut Sealed, count: usize) -> Vec<u8> {
    let record = |_| sealed.record(ContentType::ApplicationData, b"");
    (0..count).flat_map(record).collect()
}

const V1_2: ProtocolVersion = ProtocolVersion::TLSv1_2;
const V1_3: ProtocolVersion = ProtocolVersion::TLSv1_3;

const WITHIN: [Within; 9] = [
    ("empty records", |to| to.floods(V1_3, |it, _| empty(it, 100))),
    ("empty records of TLS 1.2", |to| to.floods(V1_2, |it, _| empty(it, 100))),
    ("records of a byte", |to| to.floods(V1_3, one)),
    ("records of a byte of TLS 1.2", |to| to.floods(V1_2, one)),
    ("as many empty records as are borne, and a byte", |to| {
        to.floods(V1_3, |it, n| [empty(it, BORNE - 1), one(it, n)].concat());
    }),
    ("the same of TLS 1.2", |to| {
        to.floods(V1_2, |it, n| [empty(it, BORNE - 1), one(it, n)].concat());
    }),
    ("as many new keys as are borne, and a byte", Target::updates_keys_on_and_on),
    // That a user has canceled (RFC 5246 section 7.2.2).
    ("warnings", |to| {
        to.floods(V1_2, |it, _| it.record(ContentType::Alert, b"\x01\x5a"));
    }),
    ("renegotiations", |to| {
        to.floods(V1_2, |it, _| it.record(ContentType::Handshake, HELLO));
    }),
];

/// A byte of something that never ends, in a record.
fn one(sealed: &mut Sealed, number: usize) -> Vec<u8> {
    sealed.record(ContentType::ApplicationData, endless(number))
}

impl Target {
    /// Sends records, each time after so many others, until they are not taken.
    fn floods(
        &self,
        version: ProtocolVersion,
        records: fn(&mut Sealed, usize) -> Vec<u8>,
    ) {
        let sealed = Sealed::shake_hands(self.tls, &self.root, version);
        let mut sealed = sealed.unwrap();
        let begun = Instant::now();
        for number in 0.. {
            let records = records(&mut sealed, number);
            if let Err(error) = sealed.send(&records) {
                assert_ne!(error.kind(), ErrorKind::WouldBlock, "nobody reads");
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody ends it");
        }
    }

    fn updates_keys_on_and_on(&self) {
        let client = Client::tls(self.tls, &self.config).unwrap();
        client.socket().set_write_timeout(Some(PATIENCE)).unwrap();
        let Client::Tls(mut stream) = client else { unreachable!() };
        let begun = Instant::now();
        for number in 0.. {
            for _ in 0..BORNE - 1 {
                stream.conn.refresh_traffic_keys().unwrap();
            }
            let sent = stream.write_all(endless(number));
            if sent.and_then(|()| stream.flush()).is_err() {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody ends it");
        }
    }
}

/// The times that are given to who floods: a head's, and that to hang up.
const GIVEN: Duration = Duration::from_secs(2);

/// A flood that comes to nothing rustls ends itself; one with a byte in it now and then
/// is a request, and has the time and the length of one.
#[test]
fn who_floods_behind_a_handshake_is_ended_in_time_and_meanwhile_nobody_waits() {
    let (head, linger) = (["--head-time", "1s"], ["--linger-time", "1s"]);
    let options = [&["--host", "127.0.0.1"][..], &head, &linger].concat();
    let server = Server::start_with(&weathered(), &options);
    let target = Target::of(&server);
    for (name, floods) in WITHIN {
        let flooder = || {
            let begun = Instant::now();
            floods(&target);
            begun.elapsed()
        };
        nobody_waits_long(name, || {
            let (lasted, waits) = thread::scope(|scope| {
                let flooder = scope.spawn(flooder);
                let mut waits = Vec::new();
                while !flooder.is_finished() || waits.len() < 10 {
                    let asked = Instant::now();
                    target.asks(waits.len() % 2);
                    waits.push(asked.elapsed());
                }
                (flooder.join().unwrap(), waits)
            });
            // The machine has other tests to run.
            assert!(lasted < 10 * GIVEN, "{name}: it goes on for {lasted:?}");
            waits
        });
    }
}
