//! Part 2, first attempt: everyone at once, a thread each.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use rohttp::net::accept::Backoff;
use rohttp::net::listen;
use rohttp::observe::log::{Ground, LogOptions};
use rohttp::process::daemon::{self, DaemonOptions};
use rohttp::process::signals;
use rohttp::verse::VERSE;

/// How long a caller may keep a thread after the verse.
const PATIENCE: Duration = Duration::from_secs(2);

/// Recites a verse to everyone who connects, a thread each
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    #[command(flatten)]
    hosts: listen::Hosts,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
    #[command(flatten)]
    daemon: DaemonOptions,
    #[command(flatten)]
    log: LogOptions,
}

fn main() -> ExitCode {
    daemon::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    let ground = match options.daemon.daemon {
        true => Ground::Back,
        false => Ground::Fore,
    };
    let log = options.log.open(ground)?;
    let greeting = listen::greeting("http", &listeners)?;
    let mut process = options.daemon.start(greeting)?;
    let _log = log.start()?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    for listener in listeners {
        let callers = thread::Builder::new().spawn(move || serve(&listener));
        callers.map_err(|e| format!("cannot start a thread for callers: {e}"))?;
    }
    process.ready()?;
    signals.recv()?;
    Ok(())
}

fn serve(listener: &TcpListener) -> ! {
    let mut backoff = Backoff::default();
    loop {
        let started = listener.accept().and_then(|(stream, _)| {
            thread::Builder::new().spawn(move || drop(recite(stream)))
        });
        match started {
            Ok(_) => backoff.reset(),
            Err(error) => thread::sleep(backoff.after(&error)),
        }
    }
}

/// As in Part 1; only the thread that waits is the caller's own now.
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
