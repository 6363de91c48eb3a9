use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};

/// Recites a verse to everyone who connects, a thread each
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version)]
struct Options {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, visible_alias = "http-port", default_value_t = 1337)]
    port: u16,
    #[command(flatten)]
    daemon: DaemonOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    let greeting = format!("listening on http://{}\n", listener.local_addr()?);
    let mut process = options.daemon.start(greeting)?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    process.ready()?;
    thread::spawn(move || serve(&listener));
    signals.recv()?;
    Ok(())
}

fn serve(listener: &TcpListener) -> ! {
    loop {
        let started = listener.accept().and_then(|(stream, _)| {
            thread::Builder::new().spawn(move || drop(recite(stream)))
        });
        if started.is_err() {
            thread::sleep(Duration::from_millis(100));
        }
    }
}
