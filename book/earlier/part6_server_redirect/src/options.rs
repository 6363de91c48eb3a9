/// Where a server listens, and what it serves there.
#[derive(Debug, clap::Args)]
pub struct ServerOptions {
    /// Who can reach it.
    #[command(flatten)]
    pub hosts: Hosts,
    /// The port for clear text; 0 takes any that is free
    #[arg(
        long,
        visible_alias = "port",
        value_name = "PORT",
        default_value_t = 1337
    )]
    pub http_port: u16,
    /// The port for TLS; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 1972)]
    pub tls_port: u16,
    /// Redirect those who come in the clear to the TLS port, for good
    #[arg(long)]
    pub redirect: bool,
    /// Append a line for each request to FILE, in the combined format; - is standard
    /// output
    #[arg(long, value_name = "FILE")]
    pub access_log: Option<PathBuf>,
    /// What it serves.
    #[command(flatten)]
    pub site: SiteOptions,
    /// Who it says that it is.
    #[command(flatten)]
    pub certificate: CertificateOptions,
}

impl ServerOptions {
    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(
        &self,
        secure: &[TcpListener],
        own: Arc<OwnFiles>,
        log: Option<Arc<AccessLog>>,
        disk: Arc<Disk>,
    ) -> Result<Service, String> {
        let port = |listeners: &[TcpListener]| -> Option<u16> {
            Some(listeners.first()?.local_addr().ok()?.port())
        };
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            https_port: port(secure).filter(|_| self.redirect),
            fields: self.site.headers(),
            observers: log
                .into_iter()
                .map(|log| log as Arc<dyn Observer>)
                .collect(),
            disk,
        })
    }
}
