async fn run(
    stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    use rohttp::service::Service;
    use rohttp::site::Site;
    use rohttp::site::files::{Folders, Root, Rules};

    let folder = std::env::args_os().nth(1);
    let rules = || Rules { folders: Folders::Listed, ..Rules::default() };
    let open = |it: &std::ffi::OsString| Root::open(it.as_ref(), rules());
    let root = folder.as_ref().map(open).transpose()?;
    let site = Arc::new(Site { root, ..Site::default() });
    let limits = Arc::new(limits.clone());
    let service = Arc::new(Service { site });
    let server = rohttp::drive::Server { service, limits };
    let (_trigger, shutdown) = rohttp::process::shutdown::channel();
    rohttp::drive::h1::serve(stream, &server, shutdown).await;
    Ok(())
}
