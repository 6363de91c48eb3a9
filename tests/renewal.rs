//! Part 7's certificate, which is another one while the server runs on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rohttp::verse::VERSE;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Client, GET, PATIENCE, Server, often, tls_config, weathered};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate's file and its key's, which can be others.
struct Files(TempDir);

impl Files {
    fn new() -> Files {
        let files = Files(tempfile::tempdir().unwrap());
        files.renew();
        files
    }

    fn cert(&self) -> PathBuf {
        self.0.path().join("site.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("site.key")
    }

    /// Puts a new pair in their place.
    fn renew(&self) {
        let (cert, key) = pair(90 * DAY);
        fs::write(self.cert(), cert).unwrap();
        fs::write(self.key(), key).unwrap();
    }

    fn serve(&self, options: &[&str]) -> Server {
        let (cert, key) = (self.cert(), self.key());
        let pair =
            ["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()];
        Server::start_with(
            &weathered(),
            &[&["--host", "127.0.0.1"], &pair[..], options].concat(),
        )
    }
}

/// A certificate for localhost that is good for so long, and its key, in PEM.
fn pair(life: Duration) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = (SystemTime::now() - DAY).into();
    params.not_after = (SystemTime::now() + life).into();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Whether a server shows the certificate that is in a file.
fn shows(server: &Server, cert: &Path) -> bool {
    let config = tls_config(cert, ALL_VERSIONS);
    let client = Client::tls(server.addresses[1], &config);
    client.is_ok_and(answers)
}

fn answers(mut client: Client) -> bool {
    client.send(GET);
    client.read_response().ends_with(VERSE.as_bytes())
}

/// Tells a server that there is something new, and waits for what it says of that.
fn hang_up(server: &Server, says: &str) {
    let before = server.stderr().matches(says).count();
    server.signal(Signal::HUP);
    server.wait_for(|said| said.matches(says).count() > before);
}

const IN_USE: &str = "has another certificate, in use from now on";
const KEPT: &str = "the certificate is still the one from before";

#[test]
fn at_hup_a_certificate_is_read_anew_and_who_is_connected_stays() {
    let files = Files::new();
    let server = files.serve(&[]);
    let config = tls_config(&files.cert(), ALL_VERSIONS);
    let mut early = Client::tls(server.addresses[1], &config).unwrap();
    let old = files.0.path().join("old.pem");
    fs::copy(files.cert(), &old).unwrap();

    files.renew();
    hang_up(&server, IN_USE);
    assert!(shows(&server, &files.cert()));
    assert!(!shows(&server, &old));
    early.send(GET);
    assert!(early.read_response().ends_with(VERSE.as_bytes()));
}

/// Whatever is wrong with one of the files, there is a line that names it.
#[test]
fn a_pair_that_is_no_pair_changes_nothing() {
    let files = Files::new();
    let server = files.serve(&[]);
    let good = files.0.path().join("good.pem");
    fs::copy(files.cert(), &good).unwrap();
    let (cert, key) = pair(90 * DAY);
    let spoilt: [(PathBuf, &str, &str); 5] = [
        (files.key(), &key, "site.key is not the key of the certificate in"),
        (files.key(), "", "site.key is empty"),
        (files.key(), "nonsense", "site.key is not PEM"),
        (files.cert(), "nonsense", "site.pem is not PEM"),
        (files.cert(), &cert, "site.pem"),
    ];
    let (good_cert, good_key) =
        (fs::read(files.cert()).unwrap(), fs::read(files.key()).unwrap());
    for (file, text, says) in &spoilt {
        fs::write(file, text).unwrap();
        hang_up(&server, KEPT);
        assert!(server.stderr().contains(says), "{says}: {}", server.stderr());
        assert!(shows(&server, &good), "{says}");
        fs::write(files.cert(), &good_cert).unwrap();
        fs::write(files.key(), &good_key).unwrap();
    }
    fs::remove_file(files.key()).unwrap();
    hang_up(&server, KEPT);
    assert!(server.stderr().contains("site.key does not exist"));
    assert!(shows(&server, &good));
}

/// As it is when mkcert is run again, or certbot.
#[test]
fn a_file_that_changes_is_read_without_being_asked() {
    let files = Files::new();
    let server = files.serve(&[]);
    files.renew();
    server.wait_for(|said| said.contains(IN_USE));
    assert!(shows(&server, &files.cert()));
}

#[test]
fn a_certificate_that_ends_soon_is_spoken_of() {
    let files = Files::new();
    let server = files.serve(&[]);
    assert_eq!(server.stderr(), "");
    let (cert, key) = pair(3 * DAY);
    fs::write(files.cert(), cert).unwrap();
    fs::write(files.key(), key).unwrap();
    hang_up(&server, IN_USE);
    let said = server.stderr();
    assert!(said.contains("site.pem expires on "), "{said}");
    assert!(said.contains("clients will refuse it from then on"), "{said}");
}

/// A hundred renewals, while others shake hands as fast as they can.
#[test]
fn no_handshake_fails_for_a_renewal() {
    let files = Files::new();
    let root_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = files.0.path().join("root.pem");
    fs::write(&root, params.self_signed(&root_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, root_key);
    let renew = || {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let cert = params.signed_by(&key, &issuer).unwrap();
        fs::write(files.cert(), cert.pem()).unwrap();
        fs::write(files.key(), key.serialize_pem()).unwrap();
    };
    renew();
    let server = files.serve(&[]);
    let config = tls_config(&root, ALL_VERSIONS);
    let is_over = Arc::new(AtomicBool::new(false));
    let address = server.addresses[1];
    let call = || {
        let (config, is_over) = (config.clone(), is_over.clone());
        thread::spawn(move || {
            let mut served = 0;
            while !is_over.load(Ordering::Relaxed) {
                let client = Client::tls(address, &config).unwrap();
                assert!(answers(client));
                served += 1;
            }
            served
        })
    };
    let callers: Vec<_> = (0..4).map(|_| call()).collect();
    for _ in 0..often(100) {
        renew();
        hang_up(&server, IN_USE);
    }
    is_over.store(true, Ordering::Relaxed);
    let served: Vec<usize> =
        callers.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(served.iter().all(|&it| it > 0), "{served:?}");
}

/// A daemon is in another folder than the one in which it was told of the files.
#[test]
fn a_daemon_finds_its_certificate_again() {
    let folder = tempfile::tempdir().unwrap();
    let (log, pid) = (folder.path().join("log"), folder.path().join("pid"));
    let (cert, key) = pair(90 * DAY);
    let put = |cert: &str, key: &str| {
        fs::write(folder.path().join("site.pem"), cert).unwrap();
        fs::write(folder.path().join("site.key"), key).unwrap();
    };
    put(&cert, &key);
    let mut command = Server::command(&weathered(), folder.path());
    command.args([
        "--host",
        "127.0.0.1",
        "--cert",
        "site.pem",
        "--key",
        "site.key",
    ]);
    command.args(["--daemon", "--log", "log", "--pid-file"]).arg(&pid);
    assert!(command.output().unwrap().status.success());
    let (cert, key) = pair(80 * DAY);
    put(&cert, &key);
    fs::rename(&log, folder.path().join("log.1")).unwrap();
    let daemon = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
    let daemon = rustix::process::Pid::from_raw(daemon).unwrap();
    rustix::process::kill_process(daemon, Signal::HUP).unwrap();
    let begun = std::time::Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains(IN_USE)) {
        assert!(begun.elapsed() < PATIENCE, "{:?}", fs::read_to_string(&log));
        thread::yield_now();
    }
    rustix::process::kill_process(daemon, Signal::TERM).unwrap();
    while pid.exists() {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

#[test]
fn a_log_that_cannot_be_opened_anew_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [logs, moved] = ["logs", "moved"].map(|name| folder.path().join(name));
    fs::create_dir(&logs).unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1", "--log", "logs/log"]);
    let server = Server::spawn(command, folder);
    fs::rename(&logs, &moved).unwrap();
    server.signal(Signal::HUP);
    let said = || fs::read_to_string(moved.join("log")).unwrap();
    let begun = std::time::Instant::now();
    while !said().contains("cannot open the log ") {
        assert!(begun.elapsed() < PATIENCE, "{}", said());
        thread::yield_now();
    }
    assert!(said().contains(": No such file or directory"), "{}", said());
    assert!(answers(Client::clear(server.addresses[0])));
}
