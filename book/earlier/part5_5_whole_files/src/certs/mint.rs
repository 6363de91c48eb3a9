use std::path::{Path, PathBuf};

use super::read::{CertificateError, Fault};

impl Folder {
    /// Mints a root, and a leaf that it vouches for.
    ///
    /// # Errors
    /// If one of them can't be made, or written.
    pub fn mint(&self, now: SystemTime) -> Result<(), CertificateError> {
        fs::create_dir_all(&self.folder)
            .map_err(|error| Fault::Unwritable(error).of(&self.folder))?;
        let pair = damaged(&self.root_key(), KeyPair::generate())?;
        write(&self.root_key(), pair.serialize_pem().as_bytes(), SECRET)?;
        let root = root_params(now);
        let minted = damaged(&self.root(), root.self_signed(&pair))?;
        write(&self.root(), minted.pem().as_bytes(), PUBLIC)?;
        let issuer = Issuer::new(root, pair);

        let pair = damaged(&self.key(), KeyPair::generate())?;
        write(&self.key(), pair.serialize_pem().as_bytes(), SECRET)?;
        let minted = leaf_params(now).signed_by(&pair, &issuer);
        let minted = damaged(&self.cert(), minted)?;
        write(&self.cert(), minted.pem().as_bytes(), PUBLIC)
    }
}
