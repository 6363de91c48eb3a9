/// Serves the verse, with little time and little room for anybody.
#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    server: rohttp::options::ServerOptions,
    #[command(flatten)]
    process: rohttp::process::run::ProcessOptions,
}

fn main() -> std::process::ExitCode {
    rohttp::process::daemon::exit_code(run(&clap::Parser::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;
    use std::time::Duration;

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::{ConnectionLimits, Limits};
    use rohttp::net::admit::Admission;
    use rohttp::net::serve::{Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::observe::deadline::Deadline;
    use rohttp::observe::record::{Observer, Record};
    use rohttp::process::{shutdown, signals};
    use tokio::task::JoinSet;

    struct Aloud;

    impl Observer for Aloud {
        fn observe(&self, record: &Record) {
            println!("answered: {}", record.status.code());
        }

        fn miss(&self, deadline: Deadline) {
            println!("waited in vain: {deadline:?}");
        }
    }

    let Options { server, process } = options;
    let acceptor =
        tls::acceptor(server.certificate.identity()?.resolver(), &PROTOCOLS)?;
    let clear = server.hosts.bind(server.http_port)?;
    let secure = server.hosts.bind(server.tls_port)?;
    let greeting = listen::greeting("http", &clear)?;
    let head_time = Duration::from_millis(500);
    let idle = Duration::from_secs(5);
    let limits = Arc::new(Limits { head_time, idle, ..Limits::default() });
    let (own, disk) =
        (server.own_files(process.files()), Arc::new(Disk::default()));
    let mut service = server.service(&clear, &secure, own, None, disk)?;
    service.observers.push(Arc::new(Aloud));
    let &Limits { handshake, linger, drain, .. } = &*limits;
    let tls = Tls { acceptor, handshake, linger };
    let ports = Ports { clear, secure, tls };
    let server = Server { service: Arc::new(service), limits };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let room = ConnectionLimits { total: 8, of_source: 2, exempt: Vec::new() };
        let admission = Admission::new(room, shutdown);
        let mut accepting = JoinSet::new();
        serve(&mut accepting, ports, &server, &admission)?;
        drop(admission);
        signals.recv().await;
        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
