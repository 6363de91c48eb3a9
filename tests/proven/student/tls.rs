//! Certificates, and hands that are shaken.

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};
use tokio_rustls::rustls::server::{Acceptor, ServerConfig};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{NamedGroup, StreamOwned, SupportedProtocolVersion};

use super::stream::{Socket, Stream, Wire};
use super::{Kept, Shared, Switch, reply};

/// A certificate, its key, and the root that vouches for it.
#[derive(Clone)]
pub struct Identity {
    pub root_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

/// The identity that goes with a switch. The right one is made once.
pub fn identity(s: Switch, ca: Option<&Path>) -> io::Result<Identity> {
    static RIGHT: OnceLock<Identity> = OnceLock::new();
    const OTHERS: &[&str] = &[
        "certificate-of-another-name",
        "certificate-expired",
        "certificate-from-tomorrow",
        "certificate-vouches-for-itself",
        "certificate-with-a-common-name-alone",
        "certificate-without-its-chain",
        "certificate-for-clients",
        "certificate-of-the-address-alone",
        "certificate-with-a-wildcard",
        "certificate-of-ecdsa-p384",
        "chain-in-the-wrong-order",
        "chain-with-its-root",
    ];
    match (ca, s.is_any(OTHERS)) {
        (Some(path), _) => Ok(mint(s, kept_root(path)?)),
        (None, true) => Ok(mint(s, new_root())),
        (None, false) => {
            Ok(RIGHT.get_or_init(|| mint(Switch::NONE, new_root())).clone())
        }
    }
}

fn new_root() -> KeyPair {
    KeyPair::generate().expect("there are random numbers")
}

/// The key of a root that is kept in a file, beside it. Its certificate follows from
/// the key, but for the serial number and the signature, so that is kept too.
fn kept_root(path: &Path) -> io::Result<KeyPair> {
    let key_path = path.with_extension("key");
    if let Ok(text) = fs::read_to_string(&key_path) {
        return KeyPair::from_pem(&text).map_err(io::Error::other);
    }
    let key = new_root();
    fs::write(&key_path, key.serialize_pem())?;
    let root = authority(ROOT).self_signed(&key).map_err(io::Error::other)?;
    fs::write(path, root.pem())?;
    Ok(key)
}

const ROOT: &str = "the student's root";

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn mint(s: Switch, root_key: KeyPair) -> Identity {
    let names: &[&str] = match s {
        _ if s.is("certificate-of-another-name") => &["example.com"],
        _ if s.is("certificate-with-a-common-name-alone") => &[],
        _ if s.is("certificate-of-the-address-alone") => &["127.0.0.1"],
        _ if s.is("certificate-with-a-wildcard") => &["*"],
        _ => &["localhost", "127.0.0.1", "::1"],
    };
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("the names are names");
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let purpose = match s.is("certificate-for-clients") {
        true => ExtendedKeyUsagePurpose::ClientAuth,
        false => ExtendedKeyUsagePurpose::ServerAuth,
    };
    params.extended_key_usages = vec![purpose];
    if s.is("certificate-expired") {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    if s.is("certificate-from-tomorrow") {
        params.not_before = date_time_ymd(2190, 1, 1);
    }
    let key = match s.is("certificate-of-ecdsa-p384") {
        true => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
        false => KeyPair::generate(),
    };
    let key = key.expect("there are random numbers");
    let root = authority(ROOT);
    let root_cert = root.self_signed(&root_key).expect("it can be signed");
    let root_issuer = Issuer::new(root, root_key);
    let root_pem = root_cert.pem();
    let between_key = KeyPair::generate().expect("there are random numbers");
    let between = authority("the student's intermediate");
    let between_cert =
        between.signed_by(&between_key, &root_issuer).expect("it can be signed");
    let between_issuer = Issuer::new(between, between_key);
    let by_root = |params: &CertificateParams| {
        params.signed_by(&key, &root_issuer).expect("it can be signed")
    };
    let by_between =
        || params.signed_by(&key, &between_issuer).expect("it can be signed");
    let chain = match s {
        _ if s.is("certificate-vouches-for-itself") => {
            vec![params.self_signed(&key).expect("it can be signed").der().clone()]
        }
        _ if s.is("certificate-without-its-chain") => {
            vec![by_between().der().clone()]
        }
        _ if s.is("chain-in-the-wrong-order") => {
            vec![between_cert.der().clone(), by_between().der().clone()]
        }
        _ if s.is("chain-with-its-root") => {
            vec![by_root(&params).der().clone(), root_cert.der().clone()]
        }
        _ => vec![by_root(&params).der().clone()],
    };
    Identity { root_pem, chain, key: key.serialize_der() }
}

fn config(
    shared: &Shared,
    first_offered: Option<Vec<u8>>,
    is_strange: bool,
) -> Option<Arc<ServerConfig>> {
    let s = shared.s;
    let versions: &[&SupportedProtocolVersion] = match s {
        _ if s.is("tls-1.2-alone") => &[&TLS12],
        _ if s.is("tls-1.3-alone") => &[&TLS13],
        _ => &[&TLS13, &TLS12],
    };
    let key =
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(shared.identity.key.clone()));
    let mut provider = aws_lc_rs::default_provider();
    if s.is("x25519-alone") {
        provider.kx_groups.retain(|group| group.name() == NamedGroup::X25519);
    }
    if s.is("aes-256-alone") {
        let is_long = |name: &str| name.contains("AES_256");
        provider
            .cipher_suites
            .retain(|it| it.suite().as_str().is_some_and(is_long));
    }
    let builder = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .ok()?
        .with_no_client_auth();
    // One that does not go with its key is for clients to find out.
    let mut config =
        builder.with_single_cert(shared.identity.chain.clone(), key).ok()?;
    config.alpn_protocols = match s {
        _ if s.is("alpn-not-answered") => Vec::new(),
        _ if s.is("alpn-if-there-is-one") && is_strange => Vec::new(),
        _ if s.is("alpn-says-h2") => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        _ if s.is("alpn-says-what-was-asked") => {
            first_offered.into_iter().collect()
        }
        _ if s.is("alpn-in-capitals") => vec![b"HTTP/1.1".to_vec()],
        _ if s.is("alpn-of-1.0-too") => {
            vec![b"http/1.1".to_vec(), b"http/1.0".to_vec()]
        }
        _ => vec![b"http/1.1".to_vec()],
    };
    if s.is("no-tickets") {
        config.send_tls13_tickets = 0;
    }
    if s.is("tickets-in-plenty") {
        config.send_tls13_tickets = 8;
    }
    Some(Arc::new(config))
}

/// Shakes hands under a deadline; nothing if it fails.
pub fn shake_hands(socket: Arc<TcpStream>, shared: &Shared) -> Option<Stream> {
    let s = shared.s;
    let seconds = match s {
        _ if s.is("no-handshake-deadline") => 3600,
        _ if s.is("handshake-deadline-of-a-second") => 1,
        _ => 10,
    };
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let guard =
        s.is("handshakes-one-at-a-time").then(|| shared.lock.lock().unwrap());
    let shaken = shake(&socket, deadline, shared);
    drop(guard);
    match shaken {
        Ok(stream) => Some(stream),
        Err(answer) => {
            if s.is("a-failed-handshake-ends-it") {
                shared.dead.store(true, Ordering::SeqCst);
            }
            if s.is("failed-handshakes-leak") {
                shared.kept.lock().unwrap().push(Kept::Socket(Arc::clone(&socket)));
                return None;
            }
            if s.is("failed-handshakes-hang") {
                std::thread::sleep(Duration::from_secs(20));
            }
            if !s.is("no-alerts") || !is_left_to_us(&answer) {
                let _ = (&*socket).write_all(&answer);
            }
            // What says why must arrive.
            Stream::clear(socket).close(shared);
            None
        }
    }
}

/// What is said to one whose hand could not be shaken.
type Answer = Vec<u8>;

fn wait(socket: &TcpStream, deadline: Instant) -> Result<(), Answer> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Vec::new());
    }
    let _ = socket.set_read_timeout(Some(left));
    let _ = socket.set_write_timeout(Some(left));
    Ok(())
}

fn shake(
    socket: &Arc<TcpStream>,
    deadline: Instant,
    shared: &Shared,
) -> Result<Stream, Answer> {
    let s = shared.s;
    wait(socket, deadline)?;
    let mut first = [0; 64];
    let count = socket.peek(&mut first).unwrap_or(0);
    if count < 5 && s.is("hello-in-one-read") {
        return Err(Vec::new());
    }
    if count > 0 && first[0].is_ascii_alphabetic() {
        if s.is("clear-on-the-tls-port") {
            return Ok(Stream::clear(Arc::clone(socket)));
        }
        if s.is("clear-on-the-tls-port-is-ignored") {
            std::thread::sleep(Duration::from_secs(60));
            return Err(Vec::new());
        }
        if !s.is("clear-on-the-tls-port-gets-an-alert") {
            let reply = reply::Reply::error(400, "this port speaks TLS", s);
            return Err(reply.bytes(shared, Some("close")));
        }
    }
    if s.is("tls-1.0")
        && count > 10
        && first[0] == 22
        && (first[9], first[10]) < (3, 3)
    {
        return Err(hello_of_1999());
    }
    let mut acceptor = Acceptor::default();
    let mut wire = Socket(Arc::clone(socket));
    let accepted = loop {
        wait(socket, deadline)?;
        match acceptor.read_tls(&mut wire) {
            Ok(0) | Err(_) => return Err(Vec::new()),
            Ok(_) => {}
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => break accepted,
            Ok(None) => {}
            Err((_, mut alert)) => {
                let mut bytes = Vec::new();
                let _ = alert.write_all(&mut bytes);
                return Err(bytes);
            }
        }
    };
    let hello = accepted.client_hello();
    let name = hello.server_name().map(str::to_owned);
    let offered = hello.alpn().and_then(|mut alpn| alpn.next().map(<[u8]>::to_vec));
    // It offers protocols, and none of them is ours.
    let is_strange =
        hello.alpn().is_some_and(|mut alpn| alpn.all(|it| it != b"http/1.1"));
    let refused = match (&name, s) {
        (None, _) if s.is("server-name-wanted") => true,
        (Some(name), _) if s.is("server-name-must-be-ours") => {
            !name.eq_ignore_ascii_case("localhost")
        }
        (Some(name), _) if s.is("server-name-by-its-case") => {
            name != "localhost" && name.eq_ignore_ascii_case("localhost")
        }
        _ => false,
    };
    if refused || (offered.is_none() && s.is("alpn-wanted")) {
        // unrecognized_name, or no_application_protocol
        return Err(vec![21, 3, 3, 0, 2, 2, if refused { 112 } else { 120 }]);
    }
    let config = config(shared, offered, is_strange).ok_or_else(Vec::new)?;
    let mut connection = match accepted.into_connection(config) {
        Ok(connection) => connection,
        Err((_, mut alert)) => {
            let mut bytes = Vec::new();
            let _ = alert.write_all(&mut bytes);
            return Err(bytes);
        }
    };
    if s.is("handshake-takes-its-time") {
        std::thread::sleep(Duration::from_millis(200));
    }
    while connection.is_handshaking() {
        wait(socket, deadline)?;
        match connection.complete_io(&mut wire) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {
                let mut bytes = Vec::new();
                while connection.wants_write() {
                    if connection.write_tls(&mut bytes).is_err() {
                        break;
                    }
                }
                return Err(bytes);
            }
        }
    }
    let stream = StreamOwned::new(connection, wire);
    Ok(Stream {
        wire: Wire::Tls(Box::new(stream)),
        secure: true,
        one_read_is_a_record: s.is("half-a-record-is-the-end"),
    })
}

/// Whether an answer is an alert, in the clear, and none of those that a server must send:
/// protocol_version (RFC 8996 sections 4 and 5), no_application_protocol (RFC 7301 section
/// 3.2).
fn is_left_to_us(answer: &[u8]) -> bool {
    matches!(answer, [21, .., code] if ![70, 120].contains(code))
}

/// A ServerHello of TLS 1.0, with RSA and AES, as a library of its day sends it.
fn hello_of_1999() -> Vec<u8> {
    let mut hello = vec![2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![22, 3, 1, 0, hello.len() as u8];
    record.extend(hello);
    record
}
