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
        own: Arc<OwnFiles>,
        log: Option<Arc<AccessLog>>,
    ) -> Result<Service, String> {
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            fields: self.site.headers(),
            observers: log
                .into_iter()
                .map(|log| log as Arc<dyn Observer>)
                .collect(),
        })
    }
}
