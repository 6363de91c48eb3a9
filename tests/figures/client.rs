//! The client that loads the servers: threads on a core of their own, each with
//! one connection at a time.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
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
const CORE: usize = 1;
/// How many connections are under way at once.
const THREADS: usize = 6;
/// A request for the verse.
pub const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What a server bore in one measurement.
pub struct Load {
    connections: usize,
    elapsed: Duration,
    cpu_nanos: u64,
}

impl Load {
    /// Connections a second.
    pub fn per_second(&self) -> f64 {
        self.connections as f64 / self.elapsed.as_secs_f64()
    }

    /// The server's CPU time for each, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.cpu_nanos as f64 / self.connections as f64 / 1000.0
    }

    /// One request a connection, in the clear, read to its end.
    pub fn requests(server: &Server, count: usize) -> io::Result<Load> {
        measure(server, count, || {
            let mut stream = TcpStream::connect(server.clear)?;
            stream.write_all(REQUEST)?;
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
        measure(server, count, || {
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
        measure(server, count, || shake_hands(server.tls, &trusting).map(drop))
    }

    /// By how many bytes the server grows with so many connections that say nothing.
    pub fn idle(
        server: &Server,
        root: Option<&Path>,
        count: usize,
    ) -> io::Result<f64> {
        let config = root.map(|_| config(None));
        let open = || match &config {
            None => TcpStream::connect(server.clear),
            Some(config) => shake_hands(server.tls, config).map(|tls| tls.sock),
        };
        // What is allocated once is not a connection's.
        drop(open()?);
        thread::sleep(Duration::from_millis(500));
        let before = server.resident();
        let open: io::Result<Vec<_>> = (0..count).map(|_| open()).collect();
        let _open = open?;
        thread::sleep(Duration::from_millis(500));
        Ok(server.resident() - before)
    }
}

fn measure(
    server: &Server,
    count: usize,
    connect: impl Fn() -> io::Result<()> + Sync,
) -> io::Result<Load> {
    let left = AtomicUsize::new(count);
    let work = || {
        server::pin(CORE)?;
        while left
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            connect()?;
        }
        Ok(())
    };
    let (started, cpu) = (Instant::now(), server.cpu_nanos());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let done =
            threads.into_iter().map(|thread| thread.join().expect("no panic"));
        done.collect::<io::Result<()>>()
    })?;
    let elapsed = started.elapsed();
    // What the server does after its last byte is part of the connection.
    thread::sleep(Duration::from_millis(50));
    Ok(Load { connections: count, elapsed, cpu_nanos: server.cpu_nanos() - cpu })
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
fn config(root: Option<&Path>) -> Arc<ClientConfig> {
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
