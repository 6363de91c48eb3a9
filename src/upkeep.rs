//! What is in files, and may be another tomorrow.

use std::error::Error;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc::UnboundedReceiver;
use tracing::warn;

use crate::certs::renewal::Renewable;
use crate::drive::PROTOCOLS;
use crate::io::disk::Disk;
use crate::limits::Limits;
use crate::net::serve::Tls;
use crate::net::tls;
use crate::observe::access_log::AccessLog;
use crate::observe::json::{self, LogFormat};
use crate::observe::log;
use crate::options::ServerOptions;
use crate::process::signals::Signal;
use crate::process::terminal::Terminal;

/// A server's certificate and its logs.
#[derive(Clone)]
pub struct Upkeep {
    /// The certificate, as it is now.
    pub certificate: Arc<Renewable>,
    /// How TLS is spoken with it.
    pub tls: Tls,
    /// The log of requests, if one is kept.
    pub access_log: Option<Arc<AccessLog>>,
}

impl Upkeep {
    /// Reads and opens them. Lines of both logs are written in `format`.
    ///
    /// # Errors
    /// If one of them is not to be had.
    pub fn open(
        server: &ServerOptions,
        format: LogFormat,
        limits: &Limits,
    ) -> Result<Upkeep, Box<dyn Error>> {
        let ServerOptions { certificate, access_log, .. } = server;
        let identity = certificate.identity()?;
        let certificate = Renewable::new(certificate.source(), &identity);
        let certificate = Arc::new(certificate);
        let acceptor = tls::acceptor(certificate.clone(), &PROTOCOLS)?;
        let &Limits { handshake, linger, .. } = limits;
        let tls = Tls { acceptor, handshake, linger };
        let access_log = access_log.as_deref().map(AccessLog::open).transpose()?;
        let access_log = match format {
            LogFormat::Text => access_log,
            LogFormat::Json => {
                access_log.map(|it| it.with_lines(json::access_line))
            }
        };
        log::set_format(format);
        let access_log = access_log.map(Arc::new);
        Ok(Upkeep { certificate, tls, access_log })
    }

    /// Opens both logs anew, and reads the certificate. What can't be had stays as it is.
    pub fn renew(&self) {
        if let Err(error) = log::reopen() {
            warn!("{error}");
        }
        if let Some(Err(error)) = self.access_log.as_ref().map(|it| it.reopen()) {
            warn!("{error}");
        }
        self.certificate.renew(SystemTime::now());
    }
}

/// Waits for a signal that ends the server. At HUP, what is in files is had anew, by
/// `renew`, unless it comes from a terminal that was closed.
pub async fn wait_for_end(
    signals: &mut UnboundedReceiver<Signal>,
    terminal: Terminal,
    renew: impl Fn() + Clone + Send + 'static,
    disk: &Arc<Disk>,
) {
    while signals.recv().await == Some(Signal::Hangup) && !terminal.is_closed() {
        let (renew, disk) = (renew.clone(), disk.clone());
        // Wherever the files are, it may take its time.
        tokio::spawn(async move {
            if let Err(error) = disk.run(renew).await {
                warn!("{error}");
            }
        });
    }
}
