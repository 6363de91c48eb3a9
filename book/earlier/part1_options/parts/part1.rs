use rohttp::process::daemon;

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
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let address = (options.host, options.port).into();
    let listener = bind(address)?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(&listener)
}
