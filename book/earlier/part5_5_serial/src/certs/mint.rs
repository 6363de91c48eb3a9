impl Folder {
    /// Mints a root, and a leaf that it vouches for.
    ///
    /// # Errors
    /// If one of them can't be made, or written.
    pub fn mint(&self, now: SystemTime) -> Result<(), Box<dyn std::error::Error>> {
        let pair = KeyPair::generate()?;
        let root = root_params(now);
        let minted = root.self_signed(&pair)?;
        fs::create_dir_all(&self.folder)?;
        fs::write(self.root_key(), pair.serialize_pem())?;
        fs::write(self.root(), minted.pem())?;
        let issuer = Issuer::new(root, pair);

        let pair = KeyPair::generate()?;
        let minted = leaf_params(now).signed_by(&pair, &issuer)?;
        fs::write(self.key(), pair.serialize_pem())?;
        fs::write(self.cert(), minted.pem())?;
        Ok(())
    }
}
