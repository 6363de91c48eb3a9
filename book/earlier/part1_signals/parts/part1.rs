fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let address = (options.host, options.port).into();
    let listener = bind(address)?;
    let (sender, signals) = mpsc::channel();
    signals::catch(move |signal| _ = sender.send(signal))?;
    println!("listening on http://{}", listener.local_addr()?);
    thread::spawn(move || serve(&listener));
    // The first signal ends the wait, and with it the process.
    signals.recv()?;
    Ok(())
}
