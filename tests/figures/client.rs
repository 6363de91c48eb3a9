//! The client that loads the servers: threads on a core of their own, each with
//! one connection at a time.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, StreamOwned,
};

use crate::server::{self, Server};

/// The core that the client runs on, beside the servers'.
pub const CORE: usize = 1;
/// How many connections are under way at once.
const THREADS: usize = 6;
/// A request for the verse: by the name of its file, where it is one.
const REQUEST: &[u8] = b"GET /index.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The same, as the only one on its connection.
const LAST_REQUEST: &[u8] =
    b"GET /index.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// How long the film is, in bytes.
pub const FILM: usize = 64 * 1024 * 1024;

/// What a server bore in one measurement.
pub struct Load {
    count: usize,
    elapsed: Duration,
    cpu_nanos: u64,
}

impl Load {
    /// What a server bore from when it had used so much of its time.
    pub fn since(server: &Server, cpu: u64, count: usize, begun: Instant) -> Load {
        let (elapsed, cpu_nanos) = (begun.elapsed(), server.cpu_nanos() - cpu);
        Load { count, elapsed, cpu_nanos }
    }

    /// How many of what was measured it did in a second.
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// The server's CPU time for each, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.cpu_nanos as f64 / self.count as f64 / 1000.0
    }

    /// One request a connection, in the clear, read to its end.
    pub fn requests(server: &Server, count: usize) -> io::Result<Load> {
        each(server, count, || {
            let mut stream = TcpStream::connect(server.clear)?;
            stream.write_all(LAST_REQUEST)?;
            let mut response = Vec::with_capacity(4096);
            stream.read_to_end(&mut response)?;
            match response.starts_with(b"HTTP/1.1 200 OK\r\n") {
                true => Ok(()),
                false => Err(io::Error::other("not a 200")),
            }
        })
    }

    /// One caller a connection, who says something, if there is anything to say, and
    /// hears the server out.
    pub fn callers(
        server: &Server,
        request: &[u8],
        count: usize,
    ) -> io::Result<Load> {
        each(server, count, || {
            let mut stream = TcpStream::connect(server.clear)?;
            stream.write_all(request)?;
            let mut said = Vec::with_capacity(4096);
            stream.read_to_end(&mut said)?;
            match said.ends_with(rohttp::verse::VERSE.as_bytes()) {
                true => Ok(()),
                false => Err(io::Error::other("not the verse")),
            }
        })
    }

    /// A full handshake a connection, then a close. The chain is checked once
    /// before; in the loop the client trusts, so that the server is what is
    /// measured.
    pub fn handshakes(
        server: &Server,
        root: &Path,
        count: usize,
    ) -> io::Result<Load> {
        shake_hands(server.tls, &config(Some(root)))?;
        let trusting = config(None);
        each(server, count, || shake_hands(server.tls, &trusting).map(drop))
    }

    /// Requests on connections that stay, `at_once` of them in one write; each
    /// response is as long as the first.
    pub fn exchanges(
        server: &Server,
        port: Port,
        at_once: usize,
        count: usize,
    ) -> io::Result<Load> {
        let requests = REQUEST.repeat(at_once);
        let config = config(None);
        let mut load = measure(server, THREADS, count / at_once, || {
            let mut line = Line::open(server, port, &config)?;
            let length = line.exchange()?;
            let mut responses = vec![0; length * at_once];
            let requests = &requests;
            Ok(move || {
                line.say(requests)?;
                line.0.read_exact(&mut responses)?;
                let mut each = responses.chunks(length);
                match each.all(|it| it.starts_with(b"HTTP/1.1 200 OK\r\n")) {
                    true => Ok(()),
                    false => Err(io::Error::other("not a 200")),
                }
            })
        })?;
        load.count *= at_once;
        Ok(load)
    }

    /// Requests on connections that stay, answered one by one, by clients that take in
    /// so many bytes at a time.
    pub fn sips(server: &Server, sip: usize, count: usize) -> io::Result<Load> {
        let config = config(None);
        measure(server, THREADS, count, || {
            let mut line = Line::open(server, Port::Clear, &config)?;
            let length = line.exchange()?;
            Ok(move || {
                line.say(REQUEST)?;
                take_in(line.0.get_mut(), length, &mut vec![0; sip])
            })
        })
    }

    /// Requests of any kind, each for itself, on so many connections that stay: the
    /// one of a number is what `request` says, and has to be answered with `status`.
    pub fn asked(
        server: &Server,
        connections: usize,
        count: usize,
        status: &str,
        request: impl Fn(usize) -> String + Sync,
    ) -> io::Result<Load> {
        let config = config(None);
        let (number, request) = (AtomicUsize::new(0), &request);
        measure(server, connections, count, || {
            let mut line = Line::open(server, Port::Clear, &config)?;
            let (number, mut room) = (&number, vec![0; 256 * 1024]);
            Ok(move || {
                line.say(request(number.fetch_add(1, Relaxed)).as_bytes())?;
                let start = line.0.fill_buf()?;
                if !start.starts_with(format!("HTTP/1.1 {status} ").as_bytes()) {
                    return Err(io::Error::other("another status"));
                }
                let (_, length) = line.head()?;
                take_in(&mut line.0, length, &mut room)
            })
        })
    }

    /// The file `film.mp4`, again and again on one connection.
    pub fn films(server: &Server, port: Port, count: usize) -> io::Result<Load> {
        let config = config(None);
        measure(server, 1, count, || {
            let mut line = Line::open(server, port, &config)?;
            let mut room = vec![0; 256 * 1024];
            Ok(move || {
                line.say(b"GET /film.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
                match line.head()? {
                    (_, FILM) => take_in(&mut line.0, FILM, &mut room),
                    _ => Err(io::Error::other("not the film")),
                }
            })
        })
    }

    /// By how many bytes the server grows with so many connections that wait: for
    /// a first request, or for a second one.
    pub fn idle(
        server: &Server,
        port: Port,
        asked: bool,
        count: usize,
    ) -> io::Result<f64> {
        let config = config(None);
        let open = || {
            let mut line = Line::open(server, port, &config)?;
            if asked {
                line.exchange()?;
            }
            Ok(line)
        };
        // What is allocated once is not a connection's.
        drop(open()?);
        thread::sleep(Duration::from_millis(500));
        let before = server.resident();
        let open: io::Result<Vec<Line>> = (0..count).map(|_| open()).collect();
        let _open = open?;
        thread::sleep(Duration::from_millis(500));
        Ok(server.resident() - before)
    }
}

/// Which of a server's ports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The one for clear text.
    Clear,
    /// The one for TLS.
    Tls,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Port::Clear => "in the clear",
            Port::Tls => "over TLS",
        })
    }
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A connection that stays.
pub struct Line(BufReader<Box<dyn Stream>>);

impl Line {
    /// Connects to a server.
    pub fn open(
        server: &Server,
        port: Port,
        config: &Arc<ClientConfig>,
    ) -> io::Result<Line> {
        let stream: Box<dyn Stream> = match port {
            Port::Tls => Box::new(shake_hands(server.tls, config)?),
            Port::Clear => {
                let stream = TcpStream::connect(server.clear)?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        };
        Ok(Line(BufReader::with_capacity(2048, stream)))
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)?;
        self.0.get_mut().flush()
    }

    /// Reads a head: its length, and that of what it promises.
    fn head(&mut self) -> io::Result<(usize, usize)> {
        let (mut head, mut line, mut content) = (0, String::new(), 0);
        while line != "\r\n" {
            line.clear();
            match self.0.read_line(&mut line)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => head += count,
            }
            let (name, value) = line.split_once(": ").unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                content = value.trim_end().parse().map_err(io::Error::other)?;
            }
        }
        Ok((head, content))
    }

    /// Asks for the verse, and says how long the response is.
    pub fn exchange(&mut self) -> io::Result<usize> {
        self.ask(REQUEST)
    }

    /// Asks for something else.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<usize> {
        self.say(request)?;
        let (head, content) = self.head()?;
        self.0.read_exact(&mut vec![0; content])?;
        Ok(head + content)
    }
}

/// Reads so many bytes, as many at a time as there is room for, and forgets them.
fn take_in(
    stream: &mut impl Read,
    mut left: usize,
    room: &mut [u8],
) -> io::Result<()> {
    while left > 0 {
        let most = room.len().min(left);
        match stream.read(&mut room[..most])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => left -= count,
        }
    }
    Ok(())
}

/// Does something so often, with no more to it than that.
fn each(
    server: &Server,
    count: usize,
    work: impl Fn() -> io::Result<()> + Sync,
) -> io::Result<Load> {
    measure(server, THREADS, count, || Ok(&work))
}

/// Has so many threads do something so often, all together, each in its own way.
fn measure<W: FnMut() -> io::Result<()>>(
    server: &Server,
    threads: usize,
    count: usize,
    prepare: impl Fn() -> io::Result<W> + Sync,
) -> io::Result<Load> {
    let left = AtomicUsize::new(count);
    let begin = Barrier::new(threads + 1);
    let work = || {
        let prepared = server::pin(CORE).and_then(|()| prepare());
        begin.wait();
        begin.wait();
        let mut work = prepared?;
        while left
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            work()?;
        }
        Ok(())
    };
    let (started, cpu) = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        begin.wait();
        let started = (Instant::now(), server.cpu_nanos());
        begin.wait();
        let done =
            threads.into_iter().map(|thread| thread.join().expect("no panic"));
        done.collect::<io::Result<()>>().map(|()| started)
    })?;
    let elapsed = started.elapsed();
    // What the server does after its last byte is part of it.
    thread::sleep(Duration::from_millis(50));
    Ok(Load { count, elapsed, cpu_nanos: server.cpu_nanos() - cpu })
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn shake_hands(address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<Tls> {
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client =
        ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    while client.is_handshaking() {
        client.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(client, stream))
}

/// TLS 1.3 with X25519 and no resumption, trusting `root`, or anyone.
pub fn config(root: Option<&Path>) -> Arc<ClientConfig> {
    let provider = Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    });
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3 is there");
    let mut config = match root {
        Some(root) => {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_file(root).expect("a root");
            roots.add(root).expect("a root");
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Trusting(provider)))
            .with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// Believes anyone: only fit to load a server with.
#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
