//! Part 6: the rest of HTTP/1.1, and files worth serving.
//!
//! A connection carries request after request, with bodies or without, and answers
//! them in their order. What there is to answer is the verse, or a tree of files.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use rohttp::drive::{PROTOCOLS, Server};
use rohttp::io::disk::Disk;
use rohttp::limits::Limits;
use rohttp::net::serve::{Ports, Tls, serve};
use rohttp::net::{listen, tls};
use rohttp::observe::access_log::AccessLog;
use rohttp::options::ServerOptions;
use rohttp::process::run::ProcessOptions;
use rohttp::process::shutdown::{self, Drained};
use rohttp::process::signals::Signal;
use rohttp::process::{daemon, signals};
use rohttp::site::own_files::OwnFiles;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
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
    server: ServerOptions,
    #[command(flatten)]
    process: ProcessOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

/// What is likely to fail at the start does so before the process detaches.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let Options { server, process } = options;
    let identity = server.certificate.identity()?;
    let acceptor = tls::acceptor(identity.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let greeting = greeting + &listen::greeting("https", &secure)?;
    let limits = Limits::default();
    let log = server.access_log.as_deref().map(AccessLog::open).transpose()?;
    let log = log.map(Arc::new);
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let service =
        server.service(&clear, &secure, own.clone(), log.clone(), disk.clone())?;
    let drain = limits.drain;
    let Limits { handshake, linger, .. } = limits;
    let ports = Ports { clear, secure, tls: Tls { acceptor, handshake, linger } };
    let server = Server { service: Arc::new(service), limits: Arc::new(limits) };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        if let Some(log) = &log {
            log.start()?;
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &server, &shutdown)?;
        drop(shutdown);
        wait_for_end(&mut signals, log, &own, &disk).await;
        accepting.shutdown().await;
        if trigger.drain(drain, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}

/// Waits for a signal that ends the server. With an access log, HUP reopens that.
async fn wait_for_end(
    signals: &mut UnboundedReceiver<Signal>,
    log: Option<Arc<AccessLog>>,
    own: &Arc<OwnFiles>,
    disk: &Arc<Disk>,
) {
    while let (Some(Signal::Hangup), Some(log)) = (signals.recv().await, &log) {
        let (log, own, disk) = (log.clone(), own.clone(), disk.clone());
        // Wherever that is, it may take its time.
        tokio::spawn(async move {
            let reopen = move || {
                let reopened = log.reopen();
                own.look_again();
                reopened.map_err(|error| error.to_string())
            };
            let reopened = disk.run(reopen).await;
            if let Err(fault) = reopened.map_err(|it| it.to_string()).flatten() {
                warn!("{fault}");
            }
        });
    }
}
