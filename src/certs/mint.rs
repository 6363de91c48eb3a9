//! A root and a certificate for this machine alone, for want of real ones: what
//! mkcert does, with the same files, so that either can go on where the other
//! stopped.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{self, Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
    SerialNumber,
};
use tokio_rustls::rustls::crypto::aws_lc_rs;

use super::pem;
use super::read::{CertificateError, Fault, Identity, parse, read};

/// How long a leaf is good for: as long as Let's Encrypt's were for ten years.
const LEAF_LIFE: Duration = Duration::from_secs(90 * DAY);
/// How long a root is good for, as mkcert's.
const ROOT_LIFE: Duration = Duration::from_secs(3650 * DAY);
/// How long before its end a certificate of ours is minted anew.
const RENEWAL: Duration = Duration::from_secs(7 * DAY);
/// How far a client's clock may be behind ours.
const SKEW: Duration = Duration::from_secs(3600);
const DAY: u64 = 24 * 60 * 60;

/// By what a leaf of ours is known from one that somebody put in its place.
const LEAF_NAME: &str = "RoHTTP development certificate";

/// A folder of certificates, laid out as mkcert does.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
}

impl Folder {
    /// The folder at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder { folder: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Where the server's certificate and its chain are.
    pub fn cert(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// Where its key is.
    pub fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// Where the root is that vouches for it.
    pub fn root(&self) -> PathBuf {
        self.folder.join("rootCA.pem")
    }

    /// Where the root's key is: whoever has it can be anyone to those who trust
    /// the root.
    pub fn root_key(&self) -> PathBuf {
        self.folder.join("rootCA-key.pem")
    }

    /// Reads the certificate and key in the folder. Where there are none, or where
    /// they are ours and end within a week, mints them first, and says so.
    ///
    /// # Errors
    /// If what is there can't be read, or what is missing not be made.
    pub fn identity(
        &self,
        now: SystemTime,
    ) -> Result<(Identity, Option<String>), CertificateError> {
        let news = match self.mint_if_due(now) {
            // What is there may be good for some days yet; if not, reading it fails.
            Err(error) if exists(&self.cert()) && exists(&self.key()) => {
                Some(format!(
                    "warning: {} is not minted anew: {error}",
                    self.cert().display()
                ))
            }
            minted => minted?,
        };
        Ok((read(&self.cert(), &self.key())?, news))
    }

    fn mint_if_due(
        &self,
        now: SystemTime,
    ) -> Result<Option<String>, CertificateError> {
        if !self.is_due(now)? {
            return Ok(None);
        }
        fs::create_dir_all(&self.folder)
            .map_err(|error| Fault::Unwritable(error).of(&self.folder))?;
        // Two servers that start at once must not mint at once.
        let lock = self.folder.join(".lock");
        let _lock = File::create(&lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| Fault::Unwritable(error).of(&lock))?;
        match self.is_due(now)? {
            true => self.mint(now).map(Some),
            false => Ok(None),
        }
    }

    /// Whether there is no certificate, or one of ours that is to be replaced.
    fn is_due(&self, now: SystemTime) -> Result<bool, CertificateError> {
        if !exists(&self.cert()) {
            return Ok(true);
        }
        if !exists(&self.key()) {
            let cert = self.cert().display().to_string();
            return Err(Fault::Alone(cert).of(&self.key()));
        }
        let identity = read(&self.cert(), &self.key())?;
        let leaf = parse(&identity.key.cert[0]);
        let is_ours = leaf.is_some_and(|leaf| {
            let mut names = leaf.subject().iter_common_name();
            names.any(|name| name.as_str() == Ok(LEAF_NAME))
        });
        Ok(is_ours
            && exists(&self.root_key())
            && identity.not_after < now + RENEWAL)
    }

    /// Mints what is missing. Each key is written before its certificate, is never
    /// replaced, and is taken up again if only the certificate is wanting: so a
    /// crash at any point leaves what the next start completes.
    fn mint(&self, now: SystemTime) -> Result<String, CertificateError> {
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

/// The key in a file, which is made if there is neither it nor a certificate for it.
fn keep_or_make_key(key: &Path, cert: &Path) -> Result<KeyPair, CertificateError> {
    if exists(key) {
        let text = pem::read(key, "PRIVATE KEY")?;
        return damaged(key, KeyPair::from_pem(&String::from_utf8_lossy(&text)));
    }
    if exists(cert) {
        return Err(Fault::Alone(cert.display().to_string()).of(key));
    }
    let pair = damaged(key, KeyPair::generate())?;
    write(key, pair.serialize_pem().as_bytes(), SECRET)?;
    Ok(pair)
}

fn root_params(now: SystemTime) -> CertificateParams {
    let serial = serial();
    // A name of its own, lest two machines' roots be taken for one.
    let number = u32::from_be_bytes([serial[0], serial[1], serial[2], serial[3]]);
    let name = format!("RoHTTP development root {number:08x}");
    let mut root = params(&name, serial, now, ROOT_LIFE);
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    root
}

fn leaf_params(now: SystemTime) -> CertificateParams {
    let mut leaf = params(LEAF_NAME, serial(), now, LEAF_LIFE);
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

fn params(
    name: &str,
    serial: [u8; 16],
    now: SystemTime,
    life: Duration,
) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "RoHTTP");
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = (now - SKEW).into();
    params.not_after = (now + life).into();
    params
}

/// A serial number that no other certificate has (RFC 5280 section 4.1.2.2), by
/// having 126 random bits and being positive.
fn serial() -> [u8; 16] {
    let mut serial = [0; 16];
    let random = aws_lc_rs::default_provider().secure_random;
    random.fill(&mut serial).expect("the system has random bytes");
    serial[0] = serial[0] & 0x3f | 0x40;
    serial
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn damaged<T>(
    path: &Path,
    made: Result<T, rcgen::Error>,
) -> Result<T, CertificateError> {
    made.map_err(|error| Fault::Damaged(error.to_string()).of(path))
}

/// File modes: for all to read, and for the owner alone.
const PUBLIC: u32 = 0o644;
const SECRET: u32 = 0o600;

/// Writes a file so that at its path there is the whole of it or nothing: under
/// another name first, onto the disk, then renamed.
fn write(path: &Path, text: &[u8], mode: u32) -> Result<(), CertificateError> {
    let whole = || -> io::Result<()> {
        let draft = path.with_extension("pem.new");
        // What a crash left behind may have another mode.
        match fs::remove_file(&draft) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut file =
            File::options().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    whole().map_err(|error| Fault::Unwritable(error).of(path))
}
