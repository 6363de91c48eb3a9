use tokio_rustls::rustls::crypto::aws_lc_rs;

/// Makes what wraps a stream in TLS, 1.2 or 1.3. Each handshake asks `certificates`
/// for the certificate to show, so that it can be another tomorrow.
///
/// # Errors
/// If the cryptography can do neither version.
pub fn acceptor(
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<TlsAcceptor, Error> {
    let provider: CryptoProvider = aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    Ok(TlsAcceptor::from(Arc::new(config)))
}
