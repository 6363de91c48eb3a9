fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;
    use std::time::Duration;

    use rohttp::net::listen;
    use rohttp::net::pace::{Ledger, Paced};
    use rohttp::process::signals;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpStream;
    use tokio::time::interval;

    async fn read(mut stream: Paced<TcpStream>) {
        let mut bytes = [0; 1024];
        while let Ok(1..) = stream.read(&mut bytes).await {}
    }

    let Options { server, process } = options;
    let mut listeners = server.hosts.bind(server.http_port)?;
    let greeting = listen::greeting("http", &listeners)?;
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let listener = listen::into_tokio(listeners.remove(0))?;
        let (stream, _) = listener.accept().await?;
        let ledger = Arc::new(Ledger::default());
        tokio::spawn(read(Paced { stream, ledger: ledger.clone() }));
        let mut ticks = interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                _ = ticks.tick() => ledger.settle(),
                _ = signals.recv() => return Ok(()),
            }
        }
    })
}
