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
    /// Who it says that it is.
    #[command(flatten)]
    pub certificate: CertificateOptions,
}
