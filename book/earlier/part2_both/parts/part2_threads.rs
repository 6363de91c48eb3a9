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
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    let greeting = listen::greeting("http", &listeners)?;
    let mut process = options.daemon.start(greeting)?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    process.ready()?;
    for listener in listeners {
        thread::spawn(move || serve(&listener));
    }
    signals.recv()?;
    Ok(())
}
