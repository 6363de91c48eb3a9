//! How we speak TLS: which versions, with which keys, and about what.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::{self, Ticketer, kx_group};
use tokio_rustls::rustls::server::{ResolvesServerCert, ServerConfig};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, crypto::CryptoProvider};

/// Makes what wraps a stream in TLS, 1.2 or 1.3. Each handshake asks `certificates`
/// for the certificate to show, so that it can be another tomorrow. `protocols` are
/// what can be spoken within, by their ALPN names (RFC 7301 section 6), best first.
///
/// The clients are not asked who they are. A client that offers protocols, and not
/// ours among them, is turned away (RFC 7301 section 3.2). Sessions are resumed
/// from tickets (RFC 8446 section 2.2, RFC 5077), whose keys rotate every six
/// hours and never leave memory.
///
/// # Errors
/// If there are no random numbers to be had.
pub fn acceptor(
    certificates: Arc<dyn ResolvesServerCert>,
    protocols: &[&[u8]],
) -> Result<TlsAcceptor, Error> {
    let provider = CryptoProvider {
        // Safe from a computer that does not exist yet, where the client knows how.
        kx_groups: vec![
            kx_group::X25519MLKEM768,
            kx_group::X25519,
            kx_group::SECP256R1,
            kx_group::SECP384R1,
        ],
        ..aws_lc_rs::default_provider()
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config.ticketer = Ticketer::new()?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
