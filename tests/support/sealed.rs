//! Records of TLS as no client would send them, behind a handshake that is in order.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs::cipher_suite::{
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS13_CHACHA20_POLY1305_SHA256,
};
use tokio_rustls::rustls::crypto::cipher::{
    MessageEncrypter, OutboundChunks, OutboundPlainMessage,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    ClientConnection, ConnectionTrafficSecrets, ContentType, ProtocolVersion,
    SupportedCipherSuite,
};

use super::{PATIENCE, tls_config_with};

/// Whoever has shaken hands, and makes records by hand since then.
pub struct Sealed {
    stream: TcpStream,
    encrypter: Box<dyn MessageEncrypter>,
    sequence: u64,
}

impl Sealed {
    /// Shakes hands in this version of TLS, 1.2 or 1.3.
    pub fn shake_hands(
        address: SocketAddr,
        root: &Path,
        version: ProtocolVersion,
    ) -> io::Result<Sealed> {
        let suite = match version {
            ProtocolVersion::TLSv1_2 => {
                TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            }
            _ => TLS13_CHACHA20_POLY1305_SHA256,
        };
        let provider = CryptoProvider {
            cipher_suites: vec![suite],
            ..aws_lc_rs::default_provider()
        };
        let mut config = Arc::unwrap_or_clone(tls_config_with(provider, root));
        config.enable_secret_extraction = true;
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(address)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        while tls.is_handshaking() || tls.wants_write() {
            tls.complete_io(&mut stream)?;
        }
        let (sequence, secrets) = tls.dangerous_extract_secrets().unwrap().tx;
        let ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } = secrets else {
            unreachable!("no other suite is offered")
        };
        let encrypter = match suite {
            SupportedCipherSuite::Tls12(suite) => {
                suite.aead_alg.encrypter(key, iv.as_ref(), &[])
            }
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
        };
        Ok(Sealed { stream, encrypter, sequence })
    }

    /// The record that is next, with this in it.
    pub fn record(&mut self, typ: ContentType, payload: &[u8]) -> Vec<u8> {
        let version = ProtocolVersion::TLSv1_2;
        let payload = OutboundChunks::Single(payload);
        let message = OutboundPlainMessage { typ, version, payload };
        let sealed = self.encrypter.encrypt(message, self.sequence).unwrap();
        self.sequence += 1;
        sealed.encode()
    }

    /// Sends what was made.
    pub fn send(&mut self, records: &[u8]) -> io::Result<()> {
        self.stream.write_all(records)
    }
}
