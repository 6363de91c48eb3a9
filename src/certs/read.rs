//! The certificate that says who we are, and the key that proves it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls_pemfile::{certs, private_key};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ResolvesServerCert;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{self, InconsistentKeys};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::pem;
use crate::date;

/// How long before its end a certificate is spoken of: a week, in which somebody can
/// still do something about it.
const SOON: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A file that cannot be used: which, and what is the matter with it.
#[derive(Debug, thiserror::Error)]
#[error("{path} {fault}")]
pub struct CertificateError {
    /// The file.
    pub path: String,
    /// What is the matter with it.
    #[source]
    pub fault: Fault,
}

/// What can be the matter with a certificate or key file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// It can't be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// It can't be written.
    #[error("cannot be written: {0}")]
    Unwritable(#[source] io::Error),
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is too large for what it should be.
    #[error("is over 1 MiB, which no certificate is")]
    TooLarge,
    /// It is not, or not correctly, in PEM.
    #[error(
        "is not PEM: a line such as -----BEGIN {0}----- and what belongs to it"
    )]
    NotPem(&'static str),
    /// It is PEM, of something else.
    #[error("is PEM, but has no {0} in it")]
    Lacks(&'static str),
    /// The key is protected by a passphrase, which a daemon can't type.
    #[error("is encrypted: decrypt it first, with openssl pkey -in OLD -out NEW")]
    Encrypted,
    /// There is a line in it that no PEM has.
    #[error("is not PEM in line {line}: {text:?}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// There is something in it that we have no use for, or don't know.
    #[error("has a {label} in line {line}, which is not understood here")]
    Unknown {
        /// In which line it begins, from 1.
        line: usize,
        /// What it says it is.
        label: String,
    },
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
    /// There is a certificate without the key that it needs.
    #[error("is missing, and {0} is of no use without it")]
    Alone(String),
}

impl Fault {
    pub(super) fn of(self, path: &Path) -> CertificateError {
        CertificateError { path: path.display().to_string(), fault: self }
    }
}

/// A certificate with its chain and its key, which belong together.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What TLS presents and signs with.
    pub key: Arc<CertifiedKey>,
    /// From when the certificate is good.
    pub not_before: SystemTime,
    /// Until when it is.
    pub not_after: SystemTime,
}

impl Identity {
    /// What shows this certificate at each handshake.
    pub fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::new(SingleCertAndKey::from(self.key.clone()))
    }

    /// What is wrong with serving this certificate, read from `path`, now or soon.
    pub fn warning(&self, path: &Path, now: SystemTime) -> Option<String> {
        let say = |verb, time| {
            let date = date::imf_fixdate(time);
            let date = String::from_utf8_lossy(&date).into_owned();
            format!("{} {verb} on {date}: clients will refuse it", path.display())
        };
        match now {
            _ if now > self.not_after => Some(say("expired", self.not_after)),
            _ if now < self.not_before => {
                Some(say("becomes valid", self.not_before))
            }
            _ if now + SOON > self.not_after => {
                Some(say("expires", self.not_after) + " from then on")
            }
            _ => None,
        }
    }
}

/// Reads a certificate chain, the server's own first, and its key: PKCS#8, PKCS#1
/// or SEC1, all in PEM.
///
/// # Errors
/// If a file is not what it should be, or the two don't belong together.
pub fn read(cert: &Path, key: &Path) -> Result<Identity, CertificateError> {
    let chain = chain(cert)?;
    let leaf = parse(&chain[0]).ok_or_else(|| {
        Fault::Damaged("its first certificate is not X.509".into()).of(cert)
    })?;
    let validity = leaf.validity();
    let not_before = time(validity.not_before.timestamp());
    let not_after = time(validity.not_after.timestamp());

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
    Ok(Identity { key: Arc::new(certified), not_before, not_after })
}

/// The certificates in a file, one at least.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let text = pem::read(path, "CERTIFICATE")?;
    let chain: Result<Vec<_>, _> = certs(&mut &text[..]).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(Fault::Lacks("certificate").of(path)),
        Ok(chain) => Ok(chain),
        Err(error) => Err(Fault::Broken(error).of(path)),
    }
}

fn key_in(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let text = pem::read(path, "PRIVATE KEY")?;
    // The second is OpenSSL's old way, RFC 1421's: a field within the PEM.
    let encrypted =
        [&b"BEGIN ENCRYPTED PRIVATE KEY"[..], b"Proc-Type: 4,ENCRYPTED"];
    if encrypted.iter().any(|mark| pem::contains(&text, mark)) {
        return Err(Fault::Encrypted.of(path));
    }
    match private_key(&mut &text[..]) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(Fault::Lacks("private key").of(path)),
        Err(error) => Err(Fault::Broken(error).of(path)),
    }
}

pub(super) fn parse<'a>(der: &'a CertificateDer) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate)
}

/// A time from its seconds since 1970, which certificates older than that lack.
fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap_or(0))
}
