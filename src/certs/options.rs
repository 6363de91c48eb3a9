//! The options that say who we are.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::mint::Folder;
use super::read::{CertificateError, Identity, read};

/// Which certificate to serve.
#[derive(Debug, Default, clap::Args)]
pub struct CertificateOptions {
    /// The certificate to serve and its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key, in PEM, not encrypted
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
}

impl CertificateOptions {
    /// The keys that are nobody else's business.
    pub fn keys(&self) -> Vec<PathBuf> {
        let folder = Folder::new("certs");
        let mut keys = vec![folder.key(), folder.root_key()];
        keys.extend(self.key.clone());
        keys
    }

    /// Where the certificate is: in the files asked for, or in `certs/`.
    pub fn source(&self) -> CertificateSource {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => {
                CertificateSource::Files(cert.clone(), key.clone())
            }
            _ => CertificateSource::Minted(Folder::new("certs")),
        }
    }

    /// The certificate asked for, or the one in `certs/`. What there is to say of
    /// it is said on stderr, while there is somebody to read it.
    ///
    /// # Errors
    /// If it can't be read, or made.
    pub fn identity(&self) -> Result<Identity, CertificateError> {
        let (identity, news) = self.source().read(SystemTime::now())?;
        for line in news {
            let _ = writeln!(io::stderr(), "{line}");
        }
        Ok(identity)
    }
}

/// Where a certificate and its key come from.
#[derive(Debug)]
pub enum CertificateSource {
    /// From a file each.
    Files(PathBuf, PathBuf),
    /// From a folder, where they are minted when it is time.
    Minted(Folder),
}

impl CertificateSource {
    /// The files: the certificate's and the key's.
    pub fn files(&self) -> [PathBuf; 2] {
        match self {
            CertificateSource::Files(cert, key) => [cert.clone(), key.clone()],
            CertificateSource::Minted(folder) => [folder.cert(), folder.key()],
        }
    }

    /// Reads what is there now, and what there is to say of it, in lines.
    ///
    /// # Errors
    /// If it can't be read, or made, or the two don't belong together.
    pub fn read(
        &self,
        now: SystemTime,
    ) -> Result<(Identity, Vec<String>), CertificateError> {
        let (identity, news) = match self {
            CertificateSource::Files(cert, key) => (read(cert, key)?, None),
            CertificateSource::Minted(folder) => folder.identity(now)?,
        };
        let [cert, _] = self.files();
        let warning = identity.warning(&cert, now);
        let warning = warning.map(|warning| format!("warning: {warning}"));
        Ok((identity, news.into_iter().chain(warning).collect()))
    }
}
