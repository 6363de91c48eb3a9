fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let listeners = options.hosts.bind(options.port)?;
    print!("{}", listen::greeting("http", &listeners)?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut signals = signals::channel()?;
        let mut accepting = JoinSet::new();
        accept::accept_all(&mut accepting, listeners, |stream, _| recite(stream))?;
        // The first signal ends the wait, and with it the process.
        signals.recv().await;
        Ok(())
    })
}
