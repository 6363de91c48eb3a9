//! Part 7: a server that can be left running.
//!
//! It serves what Part 6 does, to clients who want too much of it as well.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Parser;
use rohttp::certs::renewal::Renewable;
use rohttp::drive::options::TimeOptions;
use rohttp::drive::{PROTOCOLS, Server};
use rohttp::io::disk::Disk;
use rohttp::limits::Limits;
use rohttp::monitor::{Monitor, MonitorOptions};
use rohttp::net::admit::Admission;
use rohttp::net::inherited::Inherited;
use rohttp::net::options::ConnectionOptions;
use rohttp::net::pace::{Brisk, Pacer};
use rohttp::net::serve::{Ports, Tls, serve};
use rohttp::net::watch::Watched;
use rohttp::net::{listen, tls};
use rohttp::observe::access_log::AccessLog;
use rohttp::observe::json::{self, LogFormat};
use rohttp::observe::log;
use rohttp::options::ServerOptions;
use rohttp::process::manager::{self, ServerState};
use rohttp::process::privileges::PrivilegeOptions;
use rohttp::process::run::ProcessOptions;
use rohttp::process::sandbox::Needs;
use rohttp::process::shutdown::{self, Drained};
use rohttp::process::signals::Signal;
use rohttp::process::terminal::Terminal;
use rohttp::process::{daemon, descriptors, signals};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tracing::warn;

/// Serves a verse or a tree of files over HTTP/1.1, in the clear and over TLS
///
/// Without --cert and --key, certs/cert.pem and certs/key.pem are served, and made
/// if there are none: a certificate for localhost, with a root that clients can be
/// told to trust (certs/rootCA.pem).
///
/// TERM and INT end the server once responses in flight are out, with exit code 3 if
/// some had to be cut off. HUP makes it open its logs anew, and read its
/// certificate; it ends a server whose terminal was closed. A certificate whose file
/// changes is read without being asked. Sockets of a service manager are taken over,
/// and it is told how the server is.
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    connections: ConnectionOptions,
    #[command(flatten)]
    times: TimeOptions,
    #[command(flatten)]
    privileges: PrivilegeOptions,
    #[command(flatten)]
    monitor: MonitorOptions,
    /// How the lines of both logs are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(flatten)]
    process: ProcessOptions,
}

/// The exit code of a server that has cut somebody off.
const CUT: u8 = 3;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(Drained::Cut) => ExitCode::from(CUT),
        outcome => daemon::exit_code(outcome.map(drop)),
    }
}

/// What is likely to fail at the start does so before the process detaches, and before it
/// gives up the rights that this takes.
fn run(options: &Options) -> Result<Drained, Box<dyn Error>> {
    let Options { server, connections, times, privileges, process, .. } = options;
    let privileges = privileges.privileges()?;
    let descriptors = descriptors::raise();
    let connections = connections.limits(descriptors)?;
    let limits = Arc::new(times.limits());
    let files = files(options, &limits)?;
    let (listeners, greeting) = bind(options)?;
    let Inherited { clear, secure, inside } = listeners;
    let own = server.own_files(process.files());
    let disk = Arc::new(Disk::default());
    let log = files.access_log.clone();
    let mut service =
        server.service(&clear, &secure, own.clone(), log, disk.clone())?;
    let monitor = Arc::new(Monitor::new(descriptors));
    if !inside.is_empty() {
        service.observers.push(monitor.requests.clone());
    }
    let tls = files.tls.clone();
    let ports = Ports { clear, secure, tls: tls.clone() };
    let server = Server { service: Arc::new(service), limits: limits.clone() };
    let pacer = Pacer::new(times.pace());
    let server = Brisk { server, pacer: pacer.clone() };
    let mut drained = Drained::Whole;
    let started = process.start(greeting)?;
    let sandbox = privileges.give_up(&needs(options))?;
    started.serve(async |process| {
        let mut signals = signals::channel()?;
        let terminal = Terminal::of_this_process();
        if let Some(lack) = sandbox.as_ref().and_then(|it| it.lacks.as_ref()) {
            warn!("{lack}");
        }
        if let Some(log) = &files.access_log {
            log.start();
        }
        process.ready()?;
        own.look_again();
        let (trigger, shutdown) = shutdown::channel();
        let admission = Admission::new(connections, shutdown);
        let mut accepting = JoinSet::new();
        tokio::spawn(pacer.clone().keep());
        tokio::spawn(files.certificate.clone().keep(disk.clone()));
        let metrics = monitor.connections.clone();
        let _inside = monitor.clone().serve(inside, tls, limits.clone(), pacer)?;
        let door = Watched { door: admission.clone(), metrics };
        serve(&mut accepting, ports, &server, &door)?;
        drop(door);
        manager::tell(ServerState::Ready);
        tokio::spawn(manager::stay_alive());
        let admitted = Arc::downgrade(&admission);
        drop(admission);
        let renew = move || {
            manager::tell(ServerState::Reloading);
            files.renew();
            own.look_again();
            manager::tell(ServerState::Ready);
        };
        wait_for_end(&mut signals, terminal, renew, &disk).await;
        manager::tell(ServerState::Stopping);
        monitor.end();
        accepting.shutdown().await;
        drained = trigger.drain(limits.drain, &mut signals).await;
        if drained == Drained::Cut {
            let count = admitted.upgrade().map_or(0, |it| it.count());
            warn!(count, "some connections were cut off");
        }
        Ok(())
    })?;
    Ok(drained)
}

/// What listens, taken over or bound, and what is said of it.
fn bind(options: &Options) -> Result<(Inherited, String), Box<dyn Error>> {
    let Options { server, monitor, .. } = options;
    let mut listeners = Inherited::take()?;
    if listeners.clear.is_empty() {
        listeners.clear = server.hosts.bind(server.http_port)?;
    }
    if listeners.secure.is_empty() {
        listeners.secure = server.hosts.bind(server.tls_port)?;
    }
    let greeting = listen::greeting("http", &listeners.clear)?;
    let greeting = greeting + &listen::greeting("https", &listeners.secure)?;
    if listeners.inside.is_empty() {
        listeners.inside = monitor.bind()?;
    }
    let greeting = greeting + &listen::greeting("http", &listeners.inside)?;
    Ok((listeners, greeting))
}

/// What is in files, and may be another tomorrow.
#[derive(Clone)]
struct Files {
    certificate: Arc<Renewable>,
    tls: Tls,
    access_log: Option<Arc<AccessLog>>,
}

fn files(options: &Options, limits: &Limits) -> Result<Files, Box<dyn Error>> {
    let ServerOptions { certificate, access_log, .. } = &options.server;
    let identity = certificate.identity()?;
    let certificate = Renewable::new(certificate.source(), &identity);
    let certificate = Arc::new(certificate);
    let acceptor = tls::acceptor(certificate.clone(), &PROTOCOLS)?;
    let &Limits { handshake, linger, .. } = limits;
    let tls = Tls { acceptor, handshake, linger };
    let access_log = access_log.as_deref().map(AccessLog::open).transpose()?;
    let access_log = match options.log_format {
        LogFormat::Text => access_log,
        LogFormat::Json => access_log.map(|it| it.with_lines(json::access_line)),
    };
    log::set_format(options.log_format);
    let access_log = access_log.map(Arc::new);
    Ok(Files { certificate, tls, access_log })
}

impl Files {
    /// Opens both logs anew, and reads the certificate. What can't be had stays as it is.
    fn renew(&self) {
        if let Err(error) = log::reopen() {
            warn!("{error}");
        }
        if let Some(Err(error)) = self.access_log.as_ref().map(|it| it.reopen()) {
            warn!("{error}");
        }
        self.certificate.renew(SystemTime::now());
    }
}

/// The files that are needed while the server serves.
fn needs(options: &Options) -> Needs {
    let mut needs = Needs::default();
    options.server.need(&mut needs);
    options.process.need(&mut needs);
    needs
}

/// Waits for a signal that ends the server. At HUP, what is in files is had anew, unless
/// it comes from a terminal that was closed.
async fn wait_for_end(
    signals: &mut UnboundedReceiver<Signal>,
    terminal: Terminal,
    renew: impl Fn() + Clone + Send + 'static,
    disk: &Arc<Disk>,
) {
    while signals.recv().await == Some(Signal::Hangup) && !terminal.is_closed() {
        let (renew, disk) = (renew.clone(), disk.clone());
        // Wherever the files are, it may take its time.
        tokio::spawn(async move {
            if let Err(error) = disk.run(renew).await {
                warn!("{error}");
            }
        });
    }
}
