use super::read::{CertificateError, Fault, read};

impl Folder {
    /// Mints what is missing. Each key is written before its certificate, is never
    /// replaced, and is taken up again if only the certificate is wanting: so a
    /// crash at any point leaves what the next start completes.
    ///
    /// # Errors
    /// If what is there can't be read, or what is missing not be made.
    pub fn mint(&self, now: SystemTime) -> Result<String, CertificateError> {
        fs::create_dir_all(&self.folder)
            .map_err(|error| Fault::Unwritable(error).of(&self.folder))?;
        let (root, root_key) = (self.root(), self.root_key());
        let pair = keep_or_make_key(&root_key, &root)?;
        if !exists(&root) || read(&root, &root_key)?.not_after < now + RENEWAL {
            let minted = damaged(&root, root_params(now).self_signed(&pair))?;
            write(&root, minted.pem().as_bytes(), PUBLIC)?;
        }
        // Reading tells whether they belong together, too.
        let issuer = read(&root, &root_key)?;
        let issuer = Issuer::from_ca_cert_der(&issuer.key.cert[0], pair);
        let issuer = damaged(&root, issuer)?;

        let pair = keep_or_make_key(&self.key(), &self.cert())?;
        let minted = leaf_params(now).signed_by(&pair, &issuer);
        let minted = damaged(&self.cert(), minted)?;
        write(&self.cert(), minted.pem().as_bytes(), PUBLIC)?;

        let folder = path::absolute(&self.folder).unwrap_or(self.folder.clone());
        Ok(format!(
            "minted {} for localhost; to have browsers trust it: \
             CAROOT='{}' mkcert -install, or import {} as an authority",
            self.cert().display(),
            folder.display(),
            root.display(),
        ))
    }
}
