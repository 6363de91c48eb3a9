use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    ALL_VERSIONS, ClientConfig, ClientConnection, ConfigBuilder, RootCertStore,
    StreamOwned, SupportedProtocolVersion, WantsVerifier,
};

use super::{PATIENCE, Server};

/// A raw connection, in the clear or over TLS.
pub enum Client {
    Clear(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Client {
    pub fn clear(address: SocketAddr) -> Client {
        Client::Clear(connect(address))
    }

    /// Shakes hands with TLS 1.3, or says why that failed.
    pub fn tls(
        address: SocketAddr,
        config: &Arc<ClientConfig>,
    ) -> Result<Client, io::Error> {
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(config.clone(), name).unwrap();
        let mut stream = connect(address);
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        Ok(Client::Tls(Box::new(StreamOwned::new(tls, stream))))
    }

    /// A connection to each port of a part: Part 5.5 has two.
    pub fn of_each_port(server: &Server) -> Vec<Client> {
        let mut clients = vec![Client::clear(server.addresses[0])];
        if let Some(&address) = server.addresses.get(1) {
            let config = tls_config(&server.root(), ALL_VERSIONS);
            clients.push(Client::tls(address, &config).unwrap());
        }
        clients
    }

    pub fn send(&mut self, bytes: &[u8]) {
        // A server that has already said its last word may hang up on the rest.
        let sent = match self {
            Client::Clear(stream) => stream.write_all(bytes),
            Client::Tls(stream) => {
                stream.write_all(bytes).and_then(|()| stream.flush())
            }
        };
        let hung_up = |e: &io::Error| {
            matches!(e.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
        };
        sent.or_else(|e| if hung_up(&e) { Ok(()) } else { Err(e) }).unwrap();
    }

    /// Reads exactly so many bytes.
    pub fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        match self {
            Client::Clear(stream) => stream.read_exact(&mut bytes).unwrap(),
            Client::Tls(stream) => stream.read_exact(&mut bytes).unwrap(),
        }
        bytes
    }

    /// Reads up to the end of a head, and the body that its Content-Length promises.
    pub fn read_response(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.extend(self.read(1));
        }
        let head = String::from_utf8(bytes.clone()).unwrap();
        let length =
            head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length = length.unwrap().parse().unwrap();
        bytes.extend(self.read(length));
        bytes
    }

    /// Reads to the end of the stream, which over TLS must be one that can't be
    /// mistaken for a cut: rustls says UnexpectedEof if close_notify is missing.
    pub fn read_to_end(&mut self) -> Vec<u8> {
        match self {
            Client::Clear(stream) => read_to_end(stream),
            Client::Tls(stream) => read_to_end(stream),
        }
    }

    /// Sends a request, reads to the end.
    pub fn ask(mut self, request: &[u8]) -> Vec<u8> {
        self.send(request);
        self.read_to_end()
    }

    /// Says that nothing more will come, and stays to listen.
    pub fn half_close(&mut self) {
        if let Client::Tls(stream) = self {
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        }
        self.socket().shutdown(Shutdown::Write).unwrap();
    }

    pub fn socket(&self) -> &TcpStream {
        match self {
            Client::Clear(stream) => stream,
            Client::Tls(stream) => &stream.sock,
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads to the end of the stream.
pub fn read_to_end(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A client's side of TLS, trusting one root and no other.
pub fn tls_config(
    root: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    trusting(config.with_protocol_versions(versions).unwrap(), root)
}

/// The same with ciphers and groups of the test's choice.
pub fn tls_config_with(provider: CryptoProvider, root: &Path) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(provider));
    trusting(config.with_safe_default_protocol_versions().unwrap(), root)
}

fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    root: &Path,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}
