use std::fmt;
use std::time::SystemTime;

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
