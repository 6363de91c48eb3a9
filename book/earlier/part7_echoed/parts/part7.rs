fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;
    use std::time::Duration;

    use rohttp::net::listen;
    use rohttp::net::pace::{Ledger, Paced};
    use rohttp::process::signals;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::interval;

    async fn echo(mut stream: Paced<TcpStream>) -> std::io::Result<()> {
        let mut bytes = [0; 1024];
        loop {
            let count = stream.read(&mut bytes).await?;
            if count == 0 {
                return Ok(());
            }
            stream.write_all(&bytes[..count]).await?;
        }
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
        tokio::spawn(echo(Paced { stream, ledger: ledger.clone() }));
        let mut ticks = interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                _ = ticks.tick() => ledger.settle(),
                _ = signals.recv() => return Ok(()),
            }
        }
    })
}
