//! Part 5.5: two ports.
//!
//! The conversation of Part 5 over any stream: a socket on one port, a socket in
//! TLS on the other. Around it, what a daemon needs to be left alone.

use std::error::Error;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Parser;
use rohttp::certs::{self, Identity};
use rohttp::conversation::Caller;
use rohttp::listen::{self, Backoff};
use rohttp::message::Scheme;
use rohttp::mint::Folder;
use rohttp::signals::{self, Guest, Signals};
use rohttp::{close, daemon, log, tls};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

/// How long a TLS handshake may take: some round trips and two signatures.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Serves a verse over HTTP/1.1, in the clear on one port and over TLS on another
///
/// Without --cert and --key, certs/cert.pem and certs/key.pem are served, and made
/// if there are none: a certificate for localhost, with a root that clients can be
/// told to trust (certs/rootCA.pem).
///
/// HUP, TERM and INT end the server once responses in flight are out.
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    hosts: listen::Hosts,
    /// The port for clear text; 0 takes any that is free
    #[arg(
        long,
        visible_alias = "port",
        value_name = "PORT",
        default_value_t = 1337
    )]
    http_port: u16,
    /// The port for TLS; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 1972)]
    tls_port: u16,
    /// The certificate to serve and its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's private key, in PEM, not encrypted
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    #[command(flatten)]
    daemon: daemon::Options,
    #[command(flatten)]
    log: log::Options,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

/// What is likely to fail at the start does so before the process detaches.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let identity = options.identity()?;
    let acceptor = tls::acceptor(&identity)?;
    let clear = options.hosts.bind(options.http_port)?;
    let secure = options.hosts.bind(options.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let log = options.log.open(options.daemon.daemon)?;

    let process = options.daemon.start(greeting)?;
    let _log = log.start();
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let mut signals = Signals::catch()?;
        let _pid_file = process.ready()?;
        let clear = clear.into_iter().map(|listener| (listener, None));
        let secure = secure.into_iter().map(|l| (l, Some(acceptor.clone())));
        serve(clear.chain(secure), &mut signals).await
    })
}

impl Options {
    /// The certificate asked for, or the one in `certs/`. What there is to say of
    /// it is said on stderr, while there is somebody to read it.
    fn identity(&self) -> Result<Identity, certs::Error> {
        let say = |line: String| drop(writeln!(io::stderr(), "{line}"));
        let now = SystemTime::now();
        let warn = |identity: &Identity, path: &Path| {
            if let Some(warning) = identity.warning(path, now) {
                say(format!("warning: {warning}"));
            }
        };
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            let identity = certs::read(cert, key)?;
            warn(&identity, cert);
            return Ok(identity);
        }
        let folder = Folder::new("certs");
        let (identity, news) = folder.identity(now)?;
        news.map(say);
        warn(&identity, &folder.cert());
        Ok(identity)
    }
}

/// Serves until a signal comes, then sees the guests out.
async fn serve(
    ports: impl Iterator<Item = (TcpListener, Option<TlsAcceptor>)>,
    signals: &mut Signals,
) -> Result<(), Box<dyn Error>> {
    let (ending, guest) = signals::ending();
    let mut doors = JoinSet::new();
    for (listener, acceptor) in ports {
        let listener = listen::into_tokio(listener)?;
        doors.spawn(welcome(listener, acceptor, guest.clone()));
    }
    drop(guest);
    signals.next().await;
    doors.shutdown().await;
    if !ending.drain(signals).await {
        warn!("some connections were cut off");
    }
    Ok(())
}

/// Starts a task for each caller: a handshake that takes its time takes no one
/// else's.
async fn welcome(
    listener: tokio::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    guest: Guest,
) -> io::Result<()> {
    let port = listener.local_addr()?.port();
    let mut backoff = Backoff::default();
    loop {
        let (stream, peer) = listen::accept(&listener, &mut backoff).await;
        // Small writes in a row must not wait for each other's acknowledgement.
        let _ = stream.set_nodelay(true);
        let guest = guest.clone();
        match acceptor.clone() {
            None => {
                let caller = Caller { peer, port, scheme: Scheme::Http, guest };
                tokio::spawn(caller.converse(stream));
            }
            Some(acceptor) => {
                let caller = Caller { peer, port, scheme: Scheme::Https, guest };
                tokio::spawn(shake_hands(caller, acceptor, stream));
            }
        }
    }
}

/// Wraps the stream in TLS, and that is all there is to it.
async fn shake_hands(mut caller: Caller, acceptor: TlsAcceptor, stream: TcpStream) {
    let handshake = acceptor.accept(stream).into_fallible();
    let handshake = tokio::select! {
        handshake = timeout(HANDSHAKE_DEADLINE, handshake) => handshake,
        () = caller.guest.told() => return,
    };
    let Caller { peer, port, .. } = caller;
    match handshake {
        Ok(Ok(stream)) => caller.converse(stream).await,
        Ok(Err((error, stream))) => {
            debug!(%peer, port, "handshake: {error}");
            // The alert that says why has been sent; let it arrive.
            close::close(stream).await;
        }
        Err(_) => debug!(%peer, port, "handshake: not done in time"),
    }
}
