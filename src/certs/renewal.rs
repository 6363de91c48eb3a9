//! A certificate that is another one tomorrow, while the server runs on.

use std::os::unix::fs::MetadataExt;
use std::path::absolute;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use std::{fmt, fs};

use tokio::time::{Instant, sleep};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tracing::{info, warn};

use super::mint::Folder;
use super::options::CertificateSource;
use super::read::Identity;
use crate::io::disk::Disk;

/// How often the files are looked at: a look is two calls, and whoever has put others
/// there is waiting to see it.
const LOOK: Duration = Duration::from_secs(2);
/// How often they are read though nothing has changed but the time.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate and its key, read anew when somebody asks for it, when their files
/// change, and once a day.
pub struct Renewable {
    source: CertificateSource,
    current: RwLock<Arc<CertifiedKey>>,
}

impl fmt::Debug for Renewable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Renewable").field("source", &self.source).finish()
    }
}

impl ResolvesServerCert for Renewable {
    fn resolve(&self, _: ClientHello) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read();
        Some(current.unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Renewable {
    /// What was read from `source`, which can be found from any folder from now on.
    pub fn new(source: CertificateSource, identity: &Identity) -> Renewable {
        let anywhere = |path| absolute(&path).unwrap_or(path);
        let source = match source {
            CertificateSource::Files(cert, key) => {
                CertificateSource::Files(anywhere(cert), anywhere(key))
            }
            CertificateSource::Minted(folder) => {
                CertificateSource::Minted(Folder::new(anywhere(folder.path())))
            }
        };
        Renewable { source, current: RwLock::new(identity.key.clone()) }
    }

    /// Reads both files, and says what came of it in the log. Unless they are good and
    /// belong together, what was there before stays. Connections that are open have
    /// shown their certificate, and go on.
    pub fn renew(&self, now: SystemTime) {
        let [cert, _] = self.source.files();
        let (identity, news) = match self.source.read(now) {
            Ok(read) => read,
            Err(error) => {
                warn!("{error}; the certificate is still the one from before");
                return;
            }
        };
        for line in news {
            match line.strip_prefix("warning: ") {
                Some(warning) => warn!("{warning}"),
                None => info!("{line}"),
            }
        }
        let current = self.current.write();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        if current.cert != identity.key.cert {
            info!("{} has another certificate, in use from now on", cert.display());
        }
        *current = identity.key;
    }

    /// Looks after the certificate for as long as the server runs. Files that have
    /// changed are read once they have stayed as they are for one look: the second may
    /// not have been written yet when the first has.
    pub async fn keep(self: Arc<Renewable>, disk: Arc<Disk>) {
        let mut read = self.stamps();
        let mut last = read;
        let mut due = Instant::now() + DAY;
        loop {
            sleep(LOOK).await;
            let it = self.clone();
            let Ok(stamps) = disk.run(move || it.stamps()).await else { continue };
            let is_settled = stamps == last;
            last = stamps;
            if (is_settled && stamps != read) || Instant::now() >= due {
                read = stamps;
                due = Instant::now() + DAY;
                let it = self.clone();
                // If there was no thread for it, there will be, tomorrow at the latest.
                let _ = disk.run(move || it.renew(SystemTime::now())).await;
            }
        }
    }

    /// What changes when a file is another one, or is written to.
    fn stamps(&self) -> [Option<(u64, u64, i64, i64)>; 2] {
        self.source.files().map(|path| {
            let it = fs::metadata(path).ok()?;
            Some((it.dev(), it.ino(), it.ctime(), it.ctime_nsec()))
        })
    }
}
