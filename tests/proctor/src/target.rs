//! Where the server is, and how to call it.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs,
};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use rustls::client::{ClientConfig, ClientConnection};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ALL_VERSIONS, DigitallySignedStruct, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::variant::Variant;

/// A server under examination.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it speaks in the clear.
    pub clear: Endpoint,
    /// Where it speaks TLS, if it does.
    pub tls: Option<Tls>,
    /// How long it may take to do a thing that ought to be done at once.
    pub patience: Duration,
    /// What cases are made from: the same, the same cases.
    pub seed: u64,
    /// How many cases are made at most of a rule's whole dimension.
    pub cases: usize,
    /// The folder that it serves, if we have planted one for it.
    pub root: Option<PathBuf>,
    /// Its process, if we have started it: the first of its group.
    pub process: Option<Pid>,
    /// What its author said of it before looking.
    pub said: Vec<String>,
    /// Where it is to differ from the book.
    pub variant: Option<Variant>,
}

impl Target {
    /// A server, of which nothing more is known.
    pub fn new(clear: Endpoint, tls: Option<Tls>, patience: Duration) -> Target {
        Target {
            clear,
            tls,
            patience,
            seed: SEED,
            cases: usize::MAX,
            root: None,
            process: None,
            said: Vec::new(),
            variant: None,
        }
    }

    /// The ports that it has.
    pub fn ports(&self) -> &'static [Port] {
        match self.tls {
            Some(_) => &[Port::Clear, Port::Tls],
            None => &[Port::Clear],
        }
    }
}

/// The seed that is used if nobody says otherwise: who makes the checks again, after
/// having mended something, has the same made.
pub const SEED: u64 = 1;

/// A host and a port, and the addresses that they stand for.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// As it was given.
    pub name: String,
    /// In the order in which they are tried.
    pub addresses: Vec<SocketAddr>,
}

/// The port that speaks TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Whom to believe about it.
    pub roots: RootCertStore,
}

/// One of the two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// The one that speaks in the clear.
    Clear,
    /// The one that speaks TLS.
    Tls,
}

impl Port {
    /// What a check is called on it.
    pub fn name_of(self, id: &str) -> String {
        match self {
            Port::Clear => id.to_owned(),
            Port::Tls => format!("{id} over TLS"),
        }
    }
}

/// Where free ports are looked for: callers are given others, by Linux (from 32768) and
/// by macOS (from 49152).
const FREE: Range<u16> = 20000..32000;

impl Endpoint {
    /// Looks up `HOST:PORT`, or a port alone on this machine. IPv4 goes first, which
    /// is what the first part has.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        let name = match text.parse::<u16>() {
            Ok(port) => format!("localhost:{port}"),
            Err(_) => text.to_owned(),
        };
        let addresses = name.to_socket_addrs();
        let addresses = addresses.map_err(|error| format!("{name}: {error}"))?;
        let mut addresses: Vec<SocketAddr> = addresses.collect();
        if let Some(port) = name.strip_prefix("localhost:") {
            // It stands for both loopback addresses (RFC 6761 section 6.3), even where
            // the file of hosts knows one; if this machine has both.
            let port = port.parse().unwrap_or_default();
            let loopback: [IpAddr; 2] =
                [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            let here = loopback.into_iter().filter(|&address| {
                TcpListener::bind(SocketAddr::new(address, 0)).is_ok()
            });
            addresses.extend(here.map(|address| SocketAddr::new(address, port)));
        }
        addresses.sort_by_key(|address| (address.is_ipv6(), *address));
        addresses.dedup();
        if addresses.is_empty() {
            return Err(format!("{name} has no address"));
        }
        Ok(Endpoint { name, addresses })
    }

    /// A port of this machine that nobody has, of both families where there are both, and
    /// that no caller is given: while some servers have many, others are started.
    ///
    /// # Errors
    /// If there is none.
    pub fn free() -> Result<Endpoint, String> {
        let is_taken = |address: IpAddr, port| {
            let bound = TcpListener::bind((address, port));
            bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
        };
        let some = RandomState::new().hash_one(()) as u16;
        let ports = (0..FREE.len() as u16)
            .map(|it| FREE.start + some.wrapping_add(it) % FREE.len() as u16);
        let mut free = ports.filter(|&port| {
            !is_taken(Ipv4Addr::LOCALHOST.into(), port)
                && !is_taken(Ipv6Addr::LOCALHOST.into(), port)
        });
        let port = free.next().ok_or("no port is free")?;
        Endpoint::parse(&port.to_string())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    /// Whether a name was given, and not one address in particular.
    pub fn is_name(&self) -> bool {
        self.name.parse::<SocketAddr>().is_err()
    }

    /// The host's part of its name.
    pub fn host(&self) -> &str {
        let host = self.name.rsplit_once(':').map_or(&*self.name, |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Calls whichever address answers first.
    ///
    /// # Errors
    /// That of the last address.
    pub fn connect(&self, patience: Duration) -> io::Result<TcpStream> {
        let mut last = io::ErrorKind::AddrNotAvailable.into();
        for address in &self.addresses {
            match TcpStream::connect_timeout(address, patience) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Reads the certificates of a PEM file, as those to believe.
pub fn roots(path: &std::path::Path) -> Result<RootCertStore, String> {
    let say = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| say(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| say(&error))?;
        roots.add(certificate).map_err(|error| say(&error))?;
    }
    if roots.is_empty() {
        return Err(say(&"there is no certificate in it"));
    }
    Ok(roots)
}

/// How a client of ours shakes hands.
#[derive(Debug, Clone)]
pub struct Hello {
    /// What it calls the server.
    pub name: String,
    /// What it speaks.
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// What it wants to speak within.
    pub alpn: Vec<Vec<u8>>,
    /// Whether it looks at the certificate. Where something else is examined, a bad
    /// certificate is not what is to be complained of.
    pub verify: bool,
    /// Whether it sends its part of the handshake byte by byte.
    pub chopped: bool,
    /// Which ciphers and key exchanges it knows.
    pub knows: CryptoProvider,
}

impl Hello {
    /// How a client shakes hands where nothing else is wanted.
    pub fn to(name: impl Into<String>) -> Hello {
        Hello {
            name: name.into(),
            versions: ALL_VERSIONS,
            alpn: vec![b"http/1.1".to_vec()],
            verify: false,
            chopped: false,
            knows: aws_lc_rs::default_provider(),
        }
    }
}

impl Tls {
    /// The client's side of a handshake.
    ///
    /// # Errors
    /// If the name is none.
    pub fn client(&self, hello: &Hello) -> Result<ClientConnection, String> {
        let provider = Arc::new(hello.knows.clone());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(hello.versions)
            .map_err(|error| error.to_string())?;
        let mut config = match hello.verify {
            true => config.with_root_certificates(self.roots.clone()),
            false => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Credulous)),
        }
        .with_no_client_auth();
        config.alpn_protocols = hello.alpn.clone();
        let name = ServerName::try_from(hello.name.clone());
        let name = name.map_err(|error| format!("{}: {error}", hello.name))?;
        ClientConnection::new(Arc::new(config), name)
            .map_err(|error| error.to_string())
    }
}

/// Believes everyone.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known =
            &aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            known,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known =
            &aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            known,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
