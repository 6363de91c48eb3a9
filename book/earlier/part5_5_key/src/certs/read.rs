use tokio_rustls::rustls::sign::CertifiedKey;

/// What can be the matter with a certificate or key file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// It can't be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// It is PEM, of something else.
    #[error("is PEM, but has no {0} in it")]
    Lacks(&'static str),
    /// What stands between the lines that make it PEM can't be read.
    #[error(
        "is damaged, or of a kind not supported: its PEM breaks off, or is not base64"
    )]
    Broken(#[source] io::Error),
    /// What the PEM holds does not make sense.
    #[error("is damaged, or of a kind not supported: {0}")]
    Damaged(String),
    /// The key is not that of the certificate.
    #[error("is not the key of the certificate in {0}")]
    Mismatch(String),
}

/// A certificate with its chain and its key, which belong together.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What TLS presents and signs with.
    pub key: Arc<CertifiedKey>,
}

/// Reads a certificate chain, the server's own first, and its key: PKCS#8, PKCS#1
/// or SEC1, all in PEM.
///
/// # Errors
/// If a file is not what it should be, or the two don't belong together.
pub fn read(cert: &Path, key: &Path) -> Result<Identity, CertificateError> {
    let chain = chain(cert)?;

    let provider = aws_lc_rs::default_provider();
    let certified = CertifiedKey::from_der(chain, key_in(key)?, &provider);
    let certified = certified.map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            Fault::Mismatch(cert.display().to_string()).of(key)
        }
        rustls::Error::InvalidCertificate(error) => {
            Fault::Damaged(format!("{error:?}")).of(cert)
        }
        error => Fault::Damaged(error.to_string()).of(key),
    })?;
    Ok(Identity { key: Arc::new(certified) })
}

fn key_in(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let text = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Fault::Missing.of(path),
        _ => Fault::Unreadable(error).of(path),
    })?;
    match private_key(&mut &text[..]) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(Fault::Lacks("private key").of(path)),
        Err(error) => Err(Fault::Broken(error).of(path)),
    }
}
