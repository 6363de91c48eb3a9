//! Those who come in the weather.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread::{self, Scope};
use std::time::Duration;

use socket2::SockRef;
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig};

use crate::support::{Client, GET, tls_config};

const GET_AND_GO: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const GET_FILM: &[u8] = b"GET /film.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What is said by those who don't know better, or do.
const NONSENSE: [&[u8]; 8] = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\n\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

/// How many slow ones a slow thread has.
const SLOW: usize = 40;
/// How long they are silent.
const PAUSE: Duration = Duration::from_millis(100);

/// Who comes, where to, and what they have seen.
pub struct Callers {
    clear: SocketAddr,
    tls: SocketAddr,
    config: Arc<ClientConfig>,
    /// What a caller in the clear was told at first: all others are told the same, but
    /// for the date.
    answer: Vec<u8>,
    answered: AtomicUsize,
    renewed: AtomicUsize,
}

impl Callers {
    pub fn new(
        [clear, tls, _]: &[TcpListener; 3],
        root: &Path,
    ) -> Result<Callers, Box<dyn Error>> {
        let (clear, tls) = (clear.local_addr()?, tls.local_addr()?);
        let config = tls_config(root, ALL_VERSIONS);
        let answer = body(Client::clear(clear).ask(GET_AND_GO));
        assert!(!answer.is_empty(), "it serves its index");
        let (answered, renewed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Ok(Callers { clear, tls, config, answer, answered, renewed })
    }

    /// Lets them come, until it is over.
    pub fn come<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        is_over: &'scope AtomicBool,
    ) {
        let repeat = move |what: fn(&Callers)| {
            scope.spawn(move || {
                while !is_over.load(Relaxed) {
                    what(self);
                }
            });
        };
        repeat(Callers::asks_and_goes);
        repeat(Callers::asks_over_tls_and_goes);
        repeat(Callers::stays);
        repeat(Callers::stays_over_tls);
        repeat(Callers::talks_nonsense);
        scope.spawn(|| self.drips(is_over));
        scope.spawn(|| self.reads_slowly(is_over));
    }

    /// Says how many have been answered so far.
    pub fn say(&self, minute: u32) {
        let answered = self.answered.load(Relaxed);
        let renewed = self.renewed.load(Relaxed);
        println!(
            "minute {}: {answered} answers, each of them right; {renewed} \
             connections ended between two requests",
            minute + 1
        );
    }

    fn is_answer(&self, answer: Vec<u8>) {
        assert_eq!(body(answer), self.answer, "an answer is wrong, or cut");
        self.answered.fetch_add(1, Relaxed);
    }

    fn asks_and_goes(&self) {
        self.is_answer(Client::clear(self.clear).ask(GET_AND_GO));
    }

    fn asks_over_tls_and_goes(&self) {
        let client = Client::tls(self.tls, &self.config);
        self.is_answer(client.expect("a handshake").ask(GET_AND_GO));
    }

    fn stays(&self) {
        self.asks_on(Client::clear(self.clear));
    }

    fn stays_over_tls(&self) {
        self.asks_on(Client::tls(self.tls, &self.config).expect("a handshake"));
    }

    /// A hundred requests, one after another. A server that ends may say so with an
    /// answer, or hang up on who has not asked yet.
    fn asks_on(&self, mut client: Client) {
        for _ in 0..100 {
            client.send(GET);
            let Some(first) = first_byte(&mut client) else {
                self.renewed.fetch_add(1, Relaxed);
                return;
            };
            let answer = [vec![first], client.read_response()].concat();
            let is_last = answer.windows(17).any(|it| it == b"Connection: close");
            self.is_answer(answer);
            if is_last {
                return;
            }
        }
    }

    /// Says something that is none, or only begins, and hangs up rudely.
    fn talks_nonsense(&self) {
        for nonsense in NONSENSE {
            for address in [self.clear, self.tls] {
                let Ok(mut stream) = TcpStream::connect(address) else { continue };
                let _ = stream.write_all(nonsense);
                let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            }
        }
        thread::sleep(PAUSE / 10);
    }

    /// Asks byte by byte.
    fn drips(&self, is_over: &AtomicBool) {
        let mut slow: Vec<(TcpStream, usize)> = Vec::new();
        while !is_over.load(Relaxed) {
            while slow.len() < SLOW {
                let address = if slow.len().is_multiple_of(4) {
                    self.tls
                } else {
                    self.clear
                };
                let Ok(stream) = TcpStream::connect(address) else { break };
                slow.push((stream, 0));
            }
            slow.retain_mut(|(stream, said)| {
                *said += 1;
                let byte = GET_AND_GO.get(*said - 1..*said);
                byte.is_some_and(|byte| stream.write_all(byte).is_ok())
            });
            thread::sleep(PAUSE);
        }
    }

    /// Reads a film a page at a time.
    fn reads_slowly(&self, is_over: &AtomicBool) {
        let mut slow: Vec<Client> = Vec::new();
        while !is_over.load(Relaxed) {
            while slow.len() < SLOW {
                let mut client = match slow.len() % 4 {
                    0 => Client::tls(self.tls, &self.config).expect("a handshake"),
                    _ => Client::clear(self.clear),
                };
                client.send(GET_FILM);
                slow.push(client);
            }
            let mut page = [0; 4096];
            slow.retain_mut(|client| match client {
                Client::Clear(stream) => {
                    stream.read(&mut page).is_ok_and(|it| it > 0)
                }
                Client::Tls(stream) => {
                    stream.read(&mut page).is_ok_and(|it| it > 0)
                }
            });
            thread::sleep(PAUSE);
        }
    }
}

/// What comes first, unless the connection ends before.
fn first_byte(client: &mut Client) -> Option<u8> {
    let mut byte = [0];
    let count = match client {
        Client::Clear(stream) => stream.read(&mut byte),
        Client::Tls(stream) => stream.read(&mut byte),
    };
    count.is_ok_and(|count| count == 1).then_some(byte[0])
}

/// What comes after the head.
fn body(answer: Vec<u8>) -> Vec<u8> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
    answer[end.map_or(answer.len(), |end| end + 4)..].to_vec()
}
