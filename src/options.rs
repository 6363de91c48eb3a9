//! The options of a server on two ports, and what answers requests there.

use std::error::Error;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use crate::certs::options::CertificateOptions;
use crate::io::disk::Disk;
use crate::message::FieldValue;
use crate::monitor::MonitorOptions;
use crate::net::inherited::Inherited;
use crate::net::listen;
use crate::net::listen::Hosts;
use crate::observe::access_log::AccessLog;
use crate::observe::record::Observer;
use crate::process::sandbox::Needs;
use crate::service::Service;
use crate::site::options::SiteOptions;
use crate::site::own_files::OwnFiles;

/// For how long browsers come back over TLS alone, in seconds: a year, as is usual.
const HSTS_LIFE: u64 = 365 * 24 * 60 * 60;

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
    /// Have browsers come to this host over TLS alone for SECONDS, whatever port they
    /// are told; 0 takes it back. With --redirect on ports 80 and 443: a year
    #[arg(long, value_name = "SECONDS")]
    pub hsts: Option<u64>,
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
    /// The files that are not to be served, whatever they are called: these, and
    /// `others`.
    pub fn own_files(&self, others: Vec<PathBuf>) -> Arc<OwnFiles> {
        let mut paths = self.certificate.keys();
        paths.extend(self.access_log.clone());
        paths.extend(others);
        let absolute = |path: PathBuf| match path.to_str() {
            Some("-") => "/dev/stdout".into(),
            _ => std::path::absolute(&path).unwrap_or(path),
        };
        Arc::new(OwnFiles::new(paths.into_iter().map(absolute).collect()))
    }

    /// What answers requests, once everything is there.
    ///
    /// # Errors
    /// If there is nothing to serve where it is said to be, in a line.
    pub fn service(
        &self,
        clear: &[TcpListener],
        secure: &[TcpListener],
        own: Arc<OwnFiles>,
        log: Option<Arc<AccessLog>>,
        disk: Arc<Disk>,
    ) -> Result<Service, String> {
        let port = |listeners: &[TcpListener]| -> Option<u16> {
            Some(listeners.first()?.local_addr().ok()?.port())
        };
        let are_usual = port(clear) == Some(80) && port(secure) == Some(443);
        // A browser that is strict with a host is so on every port of it (RFC 6797
        // section 8.3), and whoever listens there may have no TLS.
        let hsts = self.hsts.or((self.redirect && are_usual).then_some(HSTS_LIFE));
        let hsts = hsts.map(|seconds| format!("max-age={seconds}"));
        Ok(Service {
            site: Arc::new(self.site.site(own)?),
            https_port: port(secure).filter(|_| self.redirect),
            hsts: hsts.and_then(|value| FieldValue::parse(value.as_bytes())),
            fields: self.site.headers(),
            observers: log
                .into_iter()
                .map(|log| log as Arc<dyn Observer>)
                .collect(),
            disk,
        })
    }

    /// The files that are needed while the server serves.
    pub fn need(&self, needs: &mut Needs) {
        self.site.root.iter().for_each(|path| needs.tree(path));
        self.certificate.source().files().iter().for_each(|path| needs.file(path));
        self.access_log.iter().for_each(|path| needs.log(path));
    }
    /// What listens, taken over from a service manager or bound, and what is said of
    /// it.
    ///
    /// # Errors
    /// If what was handed over can't be served, or nothing can be bound.
    pub fn listeners(
        &self,
        monitor: &MonitorOptions,
    ) -> Result<(Inherited, String), Box<dyn Error>> {
        let mut listeners = Inherited::take()?;
        if listeners.clear.is_empty() {
            listeners.clear = self.hosts.bind(self.http_port)?;
        }
        if listeners.secure.is_empty() {
            listeners.secure = self.hosts.bind(self.tls_port)?;
        }
        let mut greeting = listen::greeting("http", &listeners.clear)?;
        greeting += &listen::greeting("https", &listeners.secure)?;
        if listeners.inside.is_empty() {
            listeners.inside = monitor.bind()?;
        }
        greeting += &listen::greeting("http", &listeners.inside)?;
        Ok((listeners, greeting))
    }
}
