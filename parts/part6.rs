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
use rohttp::certs::options::CertificateOptions;
use rohttp::drive::{PROTOCOLS, Server};
use rohttp::limits::Limits;
use rohttp::message::FieldValue;
use rohttp::net::serve::{Ports, Tls, serve};
use rohttp::net::{listen, tls};
use rohttp::observe::access_log::AccessLog;
use rohttp::observe::record::Observer;
use rohttp::process::run::ProcessOptions;
use rohttp::process::shutdown::{self, Drained};
use rohttp::process::signals::Signal;
use rohttp::process::{daemon, signals};
use rohttp::service::Service;
use rohttp::site::options::SiteOptions;
use rohttp::site::own_files::OwnFiles;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinSet, spawn_blocking};
use tracing::warn;

/// For how long browsers come back over TLS alone, in seconds: a year, as is usual.
const HSTS_LIFE: u64 = 365 * 24 * 60 * 60;

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
    /// Redirect those who come in the clear to the TLS port, for good
    #[arg(long)]
    redirect: bool,
    /// Have browsers come to this host over TLS alone for SECONDS, whatever port they
    /// are told; 0 takes it back. With --redirect on ports 80 and 443: a year
    #[arg(long, value_name = "SECONDS")]
    hsts: Option<u64>,
    /// Append a line for each request to FILE, in the combined format; - is standard
    /// output
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
    #[command(flatten)]
    site: SiteOptions,
    #[command(flatten)]
    certificate: CertificateOptions,
    #[command(flatten)]
    process: ProcessOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

/// What is likely to fail at the start does so before the process detaches.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let identity = options.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = options.hosts.bind(options.http_port)?;
    let secure = options.hosts.bind(options.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let limits = Limits::default();
    let logs = options.access_log.as_deref().map(AccessLog::open).transpose()?;
    let log = logs.map(Arc::new);
    let own = options.own_files();
    let service = options.service(&clear, &secure, own.clone(), log.clone())?;
    let drain = limits.drain;
    let Limits { handshake, linger, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        if let Some(log) = &log {
            log.start();
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &server, &shutdown)?;
        drop(shutdown);
        wait_for_end(&mut signals, log, &own).await;
        accepting.shutdown().await;
        if trigger.drain(drain, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}

impl Options {
    /// The files that are not to be served, whatever they are called.
    fn own_files(&self) -> Arc<OwnFiles> {
        let mut paths = self.certificate.keys();
        paths.extend(self.access_log.clone());
        paths.extend(self.process.files());
        let absolute = |path: PathBuf| match path.to_str() {
            Some("-") => "/dev/stdout".into(),
            _ => std::path::absolute(&path).unwrap_or(path),
        };
        Arc::new(OwnFiles::new(paths.into_iter().map(absolute).collect()))
    }

    /// What answers requests, once everything is there.
    fn service(
        &self,
        clear: &[TcpListener],
        secure: &[TcpListener],
        own: Arc<OwnFiles>,
        log: Option<Arc<AccessLog>>,
    ) -> Result<Service, Box<dyn Error>> {
        let port = |listeners: &[TcpListener]| -> Option<u16> {
            Some(listeners.first()?.local_addr().ok()?.port())
        };
        let are_usual = port(clear) == Some(80) && port(secure) == Some(443);
        // A browser that is strict with a host is so on every port of it (RFC 6797
        // section 8.3), and whoever listens there may have no TLS.
        let hsts = self.hsts.or((self.redirect && are_usual).then_some(HSTS_LIFE));
        let hsts = hsts.map(|seconds| format!("max-age={seconds}"));
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            https_port: port(secure).filter(|_| self.redirect),
            hsts: hsts.and_then(|value| FieldValue::parse(value.as_bytes())),
            fields: self.site.headers(),
            observers: log
                .into_iter()
                .map(|log| log as Arc<dyn Observer>)
                .collect(),
        })
    }
}

/// Waits for a signal that ends the server. With an access log, HUP reopens that.
async fn wait_for_end(
    signals: &mut UnboundedReceiver<Signal>,
    log: Option<Arc<AccessLog>>,
    own: &Arc<OwnFiles>,
) {
    while let (Some(Signal::Hangup), Some(log)) = (signals.recv().await, &log) {
        let (log, own) = (log.clone(), own.clone());
        // Wherever that is, it may take its time.
        spawn_blocking(move || {
            if let Err(error) = log.reopen() {
                warn!("{error}");
            }
            own.look_again();
        });
    }
}
