/// Serves the verse, with little time and little room for anybody.
#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    server: rohttp::options::ServerOptions,
    #[command(flatten)]
    process: rohttp::process::run::ProcessOptions,
    #[command(flatten)]
    monitor: rohttp::monitor::MonitorOptions,
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::sync::Arc;
    use std::time::Duration;

    use rohttp::drive::{PROTOCOLS, Server};
    use rohttp::io::disk::Disk;
    use rohttp::limits::{ConnectionLimits, Limits};
    use rohttp::message::{Response, Status};
    use rohttp::net::admit::Admission;
    use rohttp::net::serve::{Ports, Tls, serve};
    use rohttp::net::{listen, tls};
    use rohttp::process::{shutdown, signals};
    use rohttp::service::Service;
    use rohttp::site::{Echo, Pages, Site};
    use tokio::task::JoinSet;

    /// A page that is made when it is asked for.
    #[derive(Debug)]
    struct Health;

    impl Pages for Health {
        fn page(&self, path: &str) -> Option<Response> {
            let is_it = path == "/healthz";
            is_it.then(|| Response::text(Status::OK, "it serves\n"))
        }
    }

    let Options { server, process, monitor } = options;
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
    let service = server.service(&clear, &secure, own, None, disk)?;
    let &Limits { handshake, linger, drain, .. } = &*limits;
    let tls = Tls { acceptor, handshake, linger };
    let inside =
        Ports { clear: monitor.bind()?, secure: Vec::new(), tls: tls.clone() };
    let ports = Ports { clear, secure, tls };
    let pages: Option<Arc<dyn Pages>> = Some(Arc::new(Health));
    let site = Site { pages, echo: Echo::Off, ..Site::default() };
    let health = Service { site: Arc::new(site), ..Service::default() };
    let health = Server { service: Arc::new(health), limits: limits.clone() };
    let server = Server { service: Arc::new(service), limits };
    process.run(greeting, async |process| {
        let mut signals = signals::channel()?;
        process.ready()?;
        let (trigger, shutdown) = shutdown::channel();
        let room = ConnectionLimits { total: 8, of_source: 2, exempt: Vec::new() };
        let mut accepting = JoinSet::new();
        serve(&mut accepting, inside, &health, &shutdown)?;
        let admission = Admission::new(room, shutdown);
        serve(&mut accepting, ports, &server, &admission)?;
        drop(admission);
        signals.recv().await;
        accepting.shutdown().await;
        trigger.drain(drain, &mut signals).await;
        Ok(())
    })
}
