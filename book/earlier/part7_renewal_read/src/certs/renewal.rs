use std::time::SystemTime;

/// A certificate and its key, read anew when somebody asks for it.
#[derive(Debug)]
pub struct Renewable {
    source: CertificateSource,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Renewable {
    /// What was read from `source`.
    pub fn new(source: CertificateSource, identity: &Identity) -> Renewable {
        Renewable { source, current: RwLock::new(identity.key.clone()) }
    }

    /// Reads both files. Connections that are open have shown their certificate, and
    /// go on.
    pub fn renew(&self, now: SystemTime) {
        let Ok((identity, _)) = self.source.read(now) else { return };
        let current = self.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = identity.key;
    }
}
