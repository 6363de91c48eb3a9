//! Part 6: the rest of HTTP/1.1, and files worth serving.
//!
//! A connection carries request after request, with bodies or without, and answers
//! them in their order. What there is to answer is the verse, or a tree of files.

use std::error::Error;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use rohttp::access_log::AccessLog;
use rohttp::exchange::Server;
use rohttp::files::Root;
use rohttp::signals::{self, Signals};
use rohttp::site::Site;
use rohttp::{credentials, daemon, listen, log, ports, tls};
use tokio::runtime::Runtime;
use tokio::signal::unix::SignalKind;
use tracing::warn;

/// Serves a verse or a tree of files over HTTP/1.1, in the clear and over TLS
///
/// Without --cert and --key, certs/cert.pem and certs/key.pem are served, and made
/// if there are none: a certificate for localhost, with a root that clients can be
/// told to trust (certs/rootCA.pem).
///
/// TERM and INT end the server once responses in flight are out. HUP makes it open
/// its access log anew; without one, HUP ends it too.
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
    /// Serve the files in DIR; without it, a verse
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Show what is in folders that have no index.html
    #[arg(long, requires = "root")]
    listing: bool,
    /// Send who comes in the clear to the TLS port, for good
    #[arg(long)]
    redirect: bool,
    /// Append a line for each request to FILE, in the combined format
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
    #[command(flatten)]
    credentials: credentials::Options,
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
    let acceptor = tls::acceptor(&options.credentials.identity()?)?;
    let clear = options.hosts.bind(options.http_port)?;
    let secure = options.hosts.bind(options.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let server = options.server(&secure)?;
    let log = options.log.open(options.daemon.daemon)?;

    let process = options.daemon.start(greeting)?;
    let _log = log.start();
    if let Some(log) = &server.access_log {
        log.reopen()?;
    }
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let mut signals = Signals::catch()?;
        let _pid_file = process.ready()?;
        let clear = clear.into_iter().map(|listener| (listener, None));
        let secure = secure.into_iter().map(|l| (l, Some(acceptor.clone())));
        let (ending, guest) = signals::ending();
        let mut doors = ports::open(clear.chain(secure), &server, &guest)?;
        drop(guest);
        wait_for_end(&mut signals, server.access_log.as_deref()).await;
        doors.shutdown().await;
        if !ending.drain(&mut signals).await {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}

impl Options {
    /// What is served, once everything is there.
    fn server(&self, secure: &[TcpListener]) -> Result<Server, Box<dyn Error>> {
        let open = |folder: &PathBuf| {
            Root::open(folder, self.listing).map_err(|error| {
                format!("cannot serve {}: {error}", folder.display())
            })
        };
        let root = self.root.as_ref().map(open).transpose()?;
        let port = secure.first().map(TcpListener::local_addr).transpose()?;
        let port = port.filter(|_| self.redirect).map(|address| address.port());
        let access_log =
            self.access_log.as_deref().map(AccessLog::open).transpose()?;
        Ok(Server {
            site: Arc::new(Site { root, redirect: port }),
            access_log: access_log.map(Arc::new),
        })
    }
}

/// Waits for a signal that ends the server.
async fn wait_for_end(signals: &mut Signals, access_log: Option<&AccessLog>) {
    while let (signal, Some(log)) = (signals.next().await, access_log) {
        if signal != SignalKind::hangup() {
            return;
        }
        if let Err(error) = log.reopen() {
            warn!("{error}");
        }
    }
}
