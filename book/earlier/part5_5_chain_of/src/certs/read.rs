use rustls_pemfile::certs;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// What can be the matter with a certificate or key file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
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
}

/// The certificates in a file, one at least.
pub fn chain(
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let text =
        std::fs::read(path).map_err(|error| Fault::Unreadable(error).of(path))?;
    let chain: Result<Vec<_>, _> = certs(&mut &text[..]).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(Fault::Lacks("certificate").of(path)),
        Ok(chain) => Ok(chain),
        Err(error) => Err(Fault::Broken(error).of(path)),
    }
}
