fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let address = (options.host, options.port).into();
    let listener = bind(address)?;
    println!("listening on http://{}", listener.local_addr()?);
    options.daemon.start()?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    thread::spawn(move || serve(&listener));
    // The first signal ends the wait, and with it the process.
    signals.recv()?;
    Ok(())
}
