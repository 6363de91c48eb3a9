use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};

impl Folder {
    /// Mints a root, and a leaf that it vouches for.
    ///
    /// # Errors
    /// If one of them can't be made, or written.
    pub fn mint(&self) -> Result<(), Box<dyn std::error::Error>> {
        let pair = KeyPair::generate()?;
        let minted = root_params().self_signed(&pair)?;
        fs::create_dir_all(&self.folder)?;
        fs::write(self.root_key(), pair.serialize_pem())?;
        fs::write(self.root(), minted.pem())?;
        let issuer = Issuer::new(root_params(), pair);

        let pair = KeyPair::generate()?;
        let minted = leaf_params().signed_by(&pair, &issuer)?;
        fs::write(self.key(), pair.serialize_pem())?;
        fs::write(self.cert(), minted.pem())?;
        Ok(())
    }
}

fn leaf_params() -> CertificateParams {
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, LEAF_NAME);
    leaf.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into().expect("localhost is ASCII")),
        SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
        SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
    ];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    leaf
}
