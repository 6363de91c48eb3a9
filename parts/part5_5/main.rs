//! Part 5.5: two ports.
//!
//! The conversation of Part 5 over any stream: a socket on one port, a socket in
//! TLS on the other. Around it, what a daemon needs to be left alone.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rohttp::certs::options::CertificateOptions;
use rohttp::io::close::Linger;
use rohttp::net::serve::{Ports, Tls, serve};
use rohttp::net::{listen, tls};
use rohttp::process::run::ProcessOptions;
use rohttp::process::shutdown::{self, Drained};
use rohttp::process::{daemon, signals};
use tokio::task::JoinSet;
use tracing::warn;

use conversation::Verse;

#[path = "../part5/answer.rs"]
mod answer;
mod conversation;

/// How long a TLS handshake may take: some round trips and two signatures.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// How long responses in flight may take to finish once the end has come.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);

/// What is spoken over TLS. Whoever asks for 1.0 alone, as `curl --http1.0` does, is
/// answered too.
const PROTOCOLS: [&[u8]; 2] = [b"http/1.1", b"http/1.0"];

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
    let (handshake, linger) = (HANDSHAKE_DEADLINE, Linger::default());
    let tls = Tls { acceptor, handshake, linger };
    let ports = Ports { clear, secure, tls };
    options.process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &Verse, &shutdown)?;
        drop(shutdown);
        signals.recv().await;
        accepting.shutdown().await;
        if trigger.drain(DRAIN_DEADLINE, &mut signals).await == Drained::Cut {
            warn!("some connections were cut off");
        }
        Ok(())
    })
}
