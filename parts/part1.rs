//! Part 1: a daemon that says one thing.
//!
//! One socket, one caller at a time. Whoever connects gets the verse, then end of
//! stream.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use rohttp::process::daemon::{self, DaemonOptions};
use rohttp::process::signals;
use rohttp::verse::VERSE;

/// How long a caller may hold us up after the verse: everyone else is waiting.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long to leave a listener alone that cannot accept: long enough to cost
/// nothing, short enough for a caller not to notice.
const PAUSE: Duration = Duration::from_millis(100);

/// Recites a verse to whoever connects, one caller at a time
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    host: IpAddr,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
    #[command(flatten)]
    daemon: DaemonOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let address = (options.host, options.port).into();
    let listener = bind(address)?;
    let greeting = format!("listening on http://{}\n", listener.local_addr()?);
    let mut process = options.daemon.start(greeting)?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    let callers = thread::Builder::new().spawn(move || serve(&listener));
    callers.map_err(|e| format!("cannot start the thread for callers: {e}"))?;
    process.ready()?;
    // The first signal ends the wait, and with it the process.
    signals.recv()?;
    Ok(())
}

fn serve(listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            // Whoever hangs up early loses the verse, and nobody else does.
            Ok((stream, _)) => drop(recite(stream)),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Binds with SO_REUSEADDR, which the standard library sets on Unix: without
/// it, a port is refused for a minute after its last caller.
fn bind(address: std::net::SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .map_err(|e| format!("cannot listen on {address}: {e}"))
}

/// Says the verse, then that there is no more, then waits for the caller to
/// hang up first: a socket closed with bytes unread is reset, and a reset can
/// destroy what the caller has not read yet.
fn recite(mut stream: TcpStream) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(VERSE.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;

    let deadline = Instant::now() + PATIENCE;
    let mut unwanted = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        stream.set_read_timeout(Some(left))?;
        if stream.read(&mut unwanted)? == 0 {
            return Ok(());
        }
    }
}
