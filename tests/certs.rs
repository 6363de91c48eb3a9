//! Certificates and keys: PEM of every kind, and what is minted for want of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rohttp::certs::mint::Folder;
use rohttp::certs::read::{Identity, read};
use tempfile::TempDir;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Client, GET, Server, tls_config};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate for localhost that vouches for itself, and its key.
struct SelfSigned {
    folder: TempDir,
    key: KeyPair,
}

impl SelfSigned {
    fn new(key: KeyPair) -> SelfSigned {
        SelfSigned::valid_until(key, SystemTime::now() + 20 * DAY)
    }

    fn valid_until(key: KeyPair, end: SystemTime) -> SelfSigned {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = (end - 30 * DAY).into();
        params.not_after = end.into();
        let cert = params.self_signed(&key).unwrap();
        let signed = SelfSigned { folder, key };
        fs::write(signed.cert(), cert.pem()).unwrap();
        fs::write(signed.key(), signed.key.serialize_pem()).unwrap();
        signed
    }

    fn cert(&self) -> PathBuf {
        self.folder.path().join("site.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("site.key")
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    }

    /// The key within the PKCS#8 wrapping: PKCS#1 for RSA, SEC1 for elliptic curves.
    fn bare_key(&self) -> Vec<u8> {
        let der = self.key.serialized_der();
        let (version_and_rest, _) = contents(der);
        let (_, rest) = contents(version_and_rest);
        let (_, rest) = contents(rest);
        contents(rest).0.to_vec()
    }
}

/// What is in the first element of some DER, and what comes after it.
fn contents(der: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match der[1] {
        short @ ..0x80 => (2, short.into()),
        long => {
            let bytes = &der[2..2 + usize::from(long & 0x7f)];
            let length =
                bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (2 + bytes.len(), length)
        }
    };
    (&der[header..header + length], &der[header + length..])
}

fn ecdsa() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn rsa() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn pem(label: &str, der: Vec<u8>) -> String {
    pem::encode(&pem::Pem::new(label, der))
}

#[test]
fn keys_of_every_wrapping_are_read() {
    for (key, label) in [(ecdsa(), "EC PRIVATE KEY"), (rsa(), "RSA PRIVATE KEY")] {
        let signed = SelfSigned::new(key);
        read(&signed.cert(), &signed.key()).unwrap();
        let bare = signed.write("bare.key", pem(label, signed.bare_key()));
        read(&signed.cert(), &bare).unwrap_or_else(|e| panic!("{label}: {e}"));
    }
}

#[test]
fn text_around_the_pem_and_a_key_and_certificate_in_one_file_are_fine() {
    let signed = SelfSigned::new(ecdsa());
    let both = [
        "subject=CN = localhost\n",
        &fs::read_to_string(signed.key()).unwrap(),
        &fs::read_to_string(signed.cert()).unwrap(),
    ];
    let both = signed.write("both.pem", both.concat());
    let identity = read(&both, &both).unwrap();
    assert_eq!(identity.key.cert.len(), 1);
}

#[test]
fn a_mark_that_windows_puts_before_text_is_no_fault() {
    let signed = SelfSigned::new(ecdsa());
    let marked = |name: &str, path: &Path| {
        signed
            .write(name, [&b"\xef\xbb\xbf"[..], &fs::read(path).unwrap()].concat())
    };
    let cert = marked("marked.pem", &signed.cert());
    read(&cert, &marked("marked.key", &signed.key())).unwrap();
}

#[test]
fn each_fault_of_a_file_is_named_and_ends_the_start() {
    let signed = SelfSigned::new(ecdsa());
    let other = SelfSigned::new(ecdsa());
    let (cert, key) = (signed.cert(), signed.key());
    let folder = signed.folder.path();
    fs::create_dir(folder.join("folder")).unwrap();
    let unreadable = signed.write("unreadable", "x");
    fs::set_permissions(&unreadable, fs::Permissions::from_mode(0o0)).unwrap();
    let cases = [
        ("cert missing", folder.join("nowhere.pem"), key.clone()),
        ("key missing", cert.clone(), folder.join("nowhere.key")),
        ("cert is a folder", folder.join("folder"), key.clone()),
        ("cert empty", signed.write("empty.pem", " \n"), key.clone()),
        ("key empty", cert.clone(), signed.write("empty.key", "")),
        ("cert in DER", signed.write("der", b"\x30\x82\x01\x01\x00"), key.clone()),
        ("cert not PEM", signed.write("text", "hello\n"), key.clone()),
        ("key not PEM", cert.clone(), signed.write("text.key", "hello\n")),
        (
            "lines that are joined",
            signed.write("joined.pem", {
                let one = fs::read_to_string(&cert).unwrap();
                [one.trim_end(), &one].concat()
            }),
            key.clone(),
        ),
        (
            "a certificate of another kind",
            signed.write("trusted.pem", {
                let one = fs::read_to_string(&cert).unwrap();
                one.clone() + &one.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
            }),
            key.clone(),
        ),
        (
            "an end without a beginning",
            signed.write("ends.pem", {
                fs::read_to_string(&cert).unwrap() + "-----END CERTIFICATE-----\n"
            }),
            key.clone(),
        ),
        (
            "a beginning within another",
            signed.write("begins.key", "-----BEGIN PRIVATE KEY-----\n".repeat(2)),
            key.clone(),
        ),
        (
            "cert not base64",
            signed.write(
                "bad.pem",
                pem("CERTIFICATE", vec![0; 9]).replace("AAAA", "?"),
            ),
            key.clone(),
        ),
        (
            "cert cut off",
            signed.write("cut.pem", &fs::read(&cert).unwrap()[..200]),
            key.clone(),
        ),
        (
            "cert not X.509",
            signed.write("junk.pem", pem("CERTIFICATE", vec![1, 2, 3])),
            key.clone(),
        ),
        ("key in place of the cert", key.clone(), key.clone()),
        ("cert in place of the key", cert.clone(), cert.clone()),
        (
            "key encrypted",
            cert.clone(),
            signed.write("enc.key", pem("ENCRYPTED PRIVATE KEY", vec![0x30, 0])),
        ),
        (
            "key encrypted the old way",
            cert.clone(),
            signed.write(
                "old.key",
                pem("RSA PRIVATE KEY", vec![0; 9])
                    .replace("AAAA", "Proc-Type: 4,ENCRYPTED\n"),
            ),
        ),
        (
            "key damaged",
            cert.clone(),
            signed.write("damaged.key", pem("PRIVATE KEY", vec![0x30, 0])),
        ),
        (
            "a label that moves the cursor",
            signed.write("label.pem", pem("CERT\x1b[2JIFICATE", vec![0; 9])),
            key.clone(),
        ),
        ("key of another cert", cert.clone(), other.key()),
        ("endless", PathBuf::from("/dev/zero"), key.clone()),
    ];
    let mut said = String::new();
    for (name, cert, key) in cases {
        let error = read(&cert, &key).expect_err(name).to_string();
        // The program says the same, in one line.
        let output = Command::new(env!("CARGO_BIN_EXE_part5_5"))
            .args(["--http-port", "0", "--tls-port", "0", "--cert"])
            .args([&cert, Path::new("--key"), &key])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!("error: {error}\n")
        );
        let error = error.replace(other.folder.path().to_str().unwrap(), "/other");
        said +=
            &format!("{name}: {}\n", error.replace(folder.to_str().unwrap(), ""));
    }
    insta::assert_snapshot!("faults", said);
}

#[test]
fn a_file_that_may_not_be_read_says_so() {
    let signed = SelfSigned::new(ecdsa());
    fs::set_permissions(signed.key(), fs::Permissions::from_mode(0o0)).unwrap();
    match fs::read(signed.key()) {
        // Root reads everything.
        Ok(_) => drop(read(&signed.cert(), &signed.key()).unwrap()),
        Err(_) => {
            let error = read(&signed.cert(), &signed.key()).unwrap_err();
            assert!(error.to_string().contains("cannot be read"), "{error}");
        }
    }
}

#[test]
fn an_expired_certificate_is_warned_of_and_served() {
    let end = httpdate::parse_http_date("Tue, 01 Sep 2026 12:00:00 GMT").unwrap();
    let signed = SelfSigned::valid_until(ecdsa(), end);
    let server = Server::start_with(
        "part5_5",
        &[
            "--host",
            "127.0.0.1",
            "--cert",
            signed.cert().to_str().unwrap(),
            "--key",
            signed.key().to_str().unwrap(),
        ],
    );
    let warning = format!(
        "warning: {} expired on Tue, 01 Sep 2026 12:00:00 GMT: clients will refuse it\n",
        signed.cert().display()
    );
    assert_eq!(server.stderr(), warning);
    let config = tls_config(&signed.cert(), ALL_VERSIONS);
    let refused = Client::tls(server.addresses[1], &config).err().unwrap();
    assert!(refused.to_string().contains("expired"), "{refused}");
    Client::clear(server.addresses[0]).ask(GET);
}

#[test]
fn a_certificate_of_the_future_is_warned_of() {
    let signed = SelfSigned::valid_until(ecdsa(), SystemTime::now() + 40 * DAY);
    let identity = read(&signed.cert(), &signed.key()).unwrap();
    let warning = identity.warning(&signed.cert(), SystemTime::now()).unwrap();
    assert!(warning.contains("becomes valid on "), "{warning}");
    let then = SystemTime::now() + 20 * DAY;
    assert_eq!(identity.warning(&signed.cert(), then), None);
}

#[test]
fn a_certificate_that_ends_within_a_week_is_warned_of() {
    let end = SystemTime::now() + 20 * DAY;
    let signed = SelfSigned::valid_until(ecdsa(), end);
    let identity = read(&signed.cert(), &signed.key()).unwrap();
    assert_eq!(identity.warning(&signed.cert(), end - 8 * DAY), None);
    let warning = identity.warning(&signed.cert(), end - 6 * DAY).unwrap();
    assert!(warning.contains("site.pem expires on "), "{warning}");
    assert!(warning.ends_with("clients will refuse it from then on"), "{warning}");
}

/// A folder for certificates, and what is in it.
struct Minted {
    _holds: TempDir,
    path: PathBuf,
    folder: Folder,
}

impl Minted {
    fn empty() -> Minted {
        let holds = tempfile::tempdir().unwrap();
        let path = holds.path().join("certs");
        let folder = Folder::new(&path);
        Minted { _holds: holds, path, folder }
    }

    fn new() -> Minted {
        let minted = Minted::empty();
        assert!(minted.identity(SystemTime::now()).1.is_some());
        minted
    }

    fn identity(&self, now: SystemTime) -> (Identity, Option<String>) {
        self.folder.identity(now).unwrap()
    }

    fn fails(&self) -> String {
        let error =
            self.folder.identity(SystemTime::now()).unwrap_err().to_string();
        error.replace(self.path.to_str().unwrap(), "certs")
    }

    fn files(&self) -> [Vec<u8>; 4] {
        let Minted { folder, .. } = self;
        let paths = [folder.root_key(), folder.root(), folder.key(), folder.cert()];
        paths.map(|path| fs::read(path).unwrap())
    }
}

#[test]
fn keys_are_minted_for_their_owner_alone() {
    let minted = Minted::new();
    for (path, mode) in [
        (minted.folder.key(), 0o600),
        (minted.folder.root_key(), 0o600),
        (minted.folder.cert(), 0o644),
        (minted.folder.root(), 0o644),
    ] {
        let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode & found, "{}", path.display());
        assert_eq!(found & 0o600, 0o600, "{}", path.display());
    }
    for entry in fs::read_dir(&minted.path).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".new"), "{name}");
    }
}

#[test]
fn what_is_minted_lasts_90_days_and_is_minted_anew_a_week_before_its_end() {
    let minted = Minted::new();
    let now = SystemTime::now();
    let (identity, news) = minted.identity(now);
    assert_eq!(news, None, "it is there now");
    let life = identity.not_after.duration_since(now).unwrap();
    assert!((89 * DAY..=90 * DAY).contains(&life), "{life:?}");

    let before = minted.files();
    assert_eq!(minted.identity(now + 82 * DAY).1, None);
    assert_eq!(minted.files(), before);

    let (renewed, news) = minted.identity(now + 84 * DAY);
    assert!(news.unwrap().starts_with("minted "));
    assert!(renewed.not_after > identity.not_after + 80 * DAY);
    let after = minted.files();
    assert_eq!(after[..3], before[..3], "the root and the keys stay");
    assert_ne!(after[3], before[3]);

    // Firefox refuses two certificates of one issuer with one serial number.
    let serial = |pem: &[u8]| {
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem).unwrap();
        pem.parse_x509().unwrap().raw_serial().to_vec()
    };
    assert_ne!(serial(&after[3]), serial(&before[3]));
}

#[test]
fn a_root_that_ends_is_minted_anew_for_its_old_key() {
    let minted = Minted::new();
    let before = minted.files();
    let then = SystemTime::now() + 3650 * DAY;
    let (identity, news) = minted.identity(then);
    assert!(news.is_some());
    assert!(identity.not_after > then);
    let after = minted.files();
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]), "the keys stay");
    assert_ne!(after[1], before[1]);
}

#[test]
fn a_certificate_that_is_not_ours_is_left_alone_however_old() {
    let minted = Minted::new();
    let end = SystemTime::now() - DAY;
    let signed = SelfSigned::valid_until(ecdsa(), end);
    fs::copy(signed.cert(), minted.folder.cert()).unwrap();
    fs::copy(signed.key(), minted.folder.key()).unwrap();
    let before = minted.files();
    let (identity, news) = minted.identity(SystemTime::now());
    assert_eq!(news, None);
    assert!(identity.warning(&minted.folder.cert(), SystemTime::now()).is_some());
    assert_eq!(minted.files(), before);
}

#[test]
fn a_crash_at_any_point_leaves_what_the_next_start_completes() {
    let files = ["rootCA-key.pem", "rootCA.pem", "key.pem", "cert.pem"];
    // In the order in which they are written: the first so many are there.
    for written in 0..files.len() {
        let minted = Minted::new();
        let before = minted.files();
        for file in &files[written..] {
            fs::remove_file(minted.path.join(file)).unwrap();
        }
        // And the next was under way.
        let draft = minted.path.join(files[written]).with_extension("pem.new");
        fs::write(&draft, "-----BEGIN CERT").unwrap();
        let (identity, news) = minted.identity(SystemTime::now());
        assert!(news.is_some());
        assert_eq!(identity.key.cert.len(), 1);
        assert!(!draft.exists());
        let after = minted.files();
        assert_eq!(after[..written], before[..written], "nothing is replaced");
    }
}

#[test]
fn what_is_half_there_is_not_made_up() {
    let without = |file: &str| {
        let minted = Minted::new();
        fs::remove_file(minted.path.join(file)).unwrap();
        if file.starts_with("root") {
            fs::remove_file(minted.folder.cert()).unwrap();
        }
        let kept = fs::read_dir(&minted.path).unwrap().count();
        let error = minted.fails();
        assert_eq!(fs::read_dir(&minted.path).unwrap().count(), kept);
        error
    };
    let key =
        "certs/key.pem is missing, and certs/cert.pem is of no use without it";
    assert_eq!(without("key.pem"), key);
    let root = "certs/rootCA-key.pem is missing, and certs/rootCA.pem is of no use without it";
    assert_eq!(without("rootCA-key.pem"), root);
}

#[test]
fn a_root_and_a_key_that_do_not_belong_together_mint_nothing() {
    let (minted, other) = (Minted::new(), Minted::new());
    fs::copy(other.folder.root_key(), minted.folder.root_key()).unwrap();
    fs::remove_file(minted.folder.cert()).unwrap();
    let error = "certs/rootCA-key.pem is not the key of the certificate in certs/rootCA.pem";
    assert_eq!(minted.fails(), error);
    assert!(!minted.folder.cert().exists());
}

#[test]
fn what_cannot_be_minted_anew_is_served_with_a_warning() {
    let minted = Minted::new();
    fs::remove_file(minted.path.join(".lock")).unwrap();
    fs::create_dir(minted.path.join(".lock")).unwrap();
    let before = minted.files();
    let (identity, news) = minted.identity(SystemTime::now() + 84 * DAY);
    let news = news.unwrap();
    assert!(
        news.starts_with("warning: ") && news.contains("is not minted anew"),
        "{news}"
    );
    assert!(identity.not_after > SystemTime::now());
    assert_eq!(minted.files(), before);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let minted = Minted::empty();
    fs::write(&minted.path, "a file").unwrap();
    let error = minted.fails();
    assert!(error.starts_with("certs cannot be written: "), "{error}");
}

#[test]
fn servers_that_start_at_once_mint_once() {
    let minted = Minted::empty();
    let identities: Vec<_> = std::thread::scope(|scope| {
        let mint = || minted.identity(SystemTime::now());
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(mint)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let minted = identities.iter().filter(|(_, news)| news.is_some()).count();
    assert_eq!(minted, 1);
    let first = &identities[0].0.key.cert;
    assert!(identities.iter().all(|(identity, _)| &identity.key.cert == first));
}
