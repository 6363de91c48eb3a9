use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose,
};

impl Folder {
    /// Mints a root.
    ///
    /// # Errors
    /// If it can't be made, or written.
    pub fn mint(&self) -> Result<(), Box<dyn std::error::Error>> {
        let pair = KeyPair::generate()?;
        let minted = root_params().self_signed(&pair)?;
        fs::create_dir_all(&self.folder)?;
        fs::write(self.root_key(), pair.serialize_pem())?;
        fs::write(self.root(), minted.pem())?;
        Ok(())
    }
}

fn root_params() -> CertificateParams {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "RoHTTP development root");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    root
}
