//! The options that say who we are.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
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

    /// The certificate asked for, or the one in `certs/`. What there is to say of
    /// it is said on stderr, while there is somebody to read it.
    ///
    /// # Errors
    /// If it can't be read, or made.
    pub fn identity(&self) -> Result<Identity, CertificateError> {
        let say = |line: String| drop(writeln!(io::stderr(), "{line}"));
        let now = SystemTime::now();
        let warn = |identity: &Identity, path: &Path| {
            if let Some(warning) = identity.warning(path, now) {
                say(format!("warning: {warning}"));
            }
        };
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            let identity = read(cert, key)?;
            warn(&identity, cert);
            return Ok(identity);
        }
        let folder = Folder::new("certs");
        let (identity, news) = folder.identity(now)?;
        news.map(say);
        warn(&identity, &folder.cert());
        Ok(identity)
    }
}
