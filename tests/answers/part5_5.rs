//! Answers to the exercises of Part 5.5.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rohttp::net::accept::accept_all;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

/// 5.5.5: how many bytes went through a stream.
#[derive(Debug, Default)]
pub struct Count {
    pub read: AtomicU64,
    pub written: AtomicU64,
}

/// 5.5.5: a stream that counts what goes through it.
#[derive(Debug)]
pub struct Counted<S> {
    stream: S,
    count: Arc<Count>,
}

impl<S> Counted<S> {
    pub fn new(stream: S) -> (Counted<S>, Arc<Count>) {
        let count = Arc::new(Count::default());
        (Counted { stream, count: count.clone() }, count)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        buffer: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        // The buffer may have something in it already.
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let count = buffer.filled().len() - before;
        self.count.read.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // As many as were taken, which may be fewer than were offered.
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.count.written.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// 5.5.6: an identity for each name, and one for whoever asks for no name of ours.
#[derive(Debug)]
pub struct ByName {
    pub names: HashMap<String, Arc<CertifiedKey>>,
    pub otherwise: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let ours = name.and_then(|name| self.names.get(&name));
        Some(ours.unwrap_or(&self.otherwise).clone())
    }
}

/// 5.5.7: takes the TLS off what comes to the listeners, and passes on what is in it.
pub fn terminate(
    accepting: &mut JoinSet<()>,
    listeners: Vec<TcpListener>,
    acceptor: TlsAcceptor,
    backend: SocketAddr,
) -> io::Result<()> {
    accept_all(accepting, listeners, move |stream, _| {
        let passed = pass_on(stream, acceptor.clone(), backend);
        async { drop(passed.await) }
    })
}

/// 5.5.7: carries the bytes of one caller across, and those that come back.
async fn pass_on(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    backend: SocketAddr,
) -> io::Result<(u64, u64)> {
    stream.set_nodelay(true)?;
    let handshake = acceptor.accept(stream);
    let mut outside = timeout(Duration::from_secs(10), handshake).await??;
    let mut inside = TcpStream::connect(backend).await?;
    inside.set_nodelay(true)?;
    copy_bidirectional(&mut outside, &mut inside).await
}

#[cfg(test)]
pub mod tests {
    use std::time::SystemTime;

    use rcgen::CertifiedKey as Made;
    use rohttp::certs::mint::Folder;
    use rohttp::io::arrival::Arrival;
    use rohttp::io::stream::{SendFile, Stream};
    use rohttp::message::Scheme;
    use rohttp::net::serve::ServeConnection;
    use rohttp::net::tls;
    use rohttp::process::shutdown;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::{
        CertificateDer, PrivateKeyDer, ServerName,
    };
    use tokio_rustls::rustls::{
        ALL_VERSIONS, ClientConfig, ClientConnection, RootCertStore, ServerConfig,
        ServerConnection,
    };

    use super::*;
    use crate::conversation::talk::Verse;
    use crate::support::{Client, GET, Server, tls_config};

    /// What Part 8 asks of a stream, beside the rest.
    impl<S> SendFile for Counted<S> {}

    /// Holds Part 5.5's conversation over a stream, to its end.
    async fn converse<S>(stream: S)
    where
        S: Stream,
    {
        let (_trigger, shutdown) = shutdown::channel();
        let arrival = Arrival {
            peer: ([127, 0, 0, 1], 5000).into(),
            local: ([127, 0, 0, 1], 1972).into(),
            scheme: Scheme::Https,
            protocol: None,
        };
        Verse.serve_connection(stream, arrival, shutdown).await;
    }

    fn acceptor(folder: &Folder) -> TlsAcceptor {
        let (identity, _) = folder.identity(SystemTime::now()).unwrap();
        tls::acceptor(identity.resolver(), &[b"http/1.1"]).unwrap()
    }

    #[tokio::test]
    async fn a_wrapper_counts_and_changes_nothing() {
        let (mut client, server) = duplex(100);
        let (server, count) = Counted::new(server);
        let task = tokio::spawn(converse(server));
        client.write_all(GET).await.unwrap();
        let mut response = Vec::new();
        client.read_to_end(&mut response).await.unwrap();
        drop(client);
        task.await.unwrap();
        assert!(response.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert_eq!(count.read.load(Ordering::Relaxed), GET.len() as u64);
        assert_eq!(count.written.load(Ordering::Relaxed), response.len() as u64);
    }

    #[tokio::test]
    async fn it_fits_on_either_side_of_tls_and_tls_is_the_difference() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path());
        let acceptor = acceptor(&folder);
        let config = tls_config(&folder.root(), ALL_VERSIONS);

        let (client, server) = duplex(4096);
        let (server, outside) = Counted::new(server);
        let task = tokio::spawn(async move {
            let server = acceptor.accept(server).await.unwrap();
            let (server, inside) = Counted::new(server);
            converse(server).await;
            inside
        });
        let name = ServerName::try_from("localhost").unwrap();
        let mut client =
            TlsConnector::from(config).connect(name, client).await.unwrap();
        client.write_all(GET).await.unwrap();
        let mut response = Vec::new();
        client.read_to_end(&mut response).await.unwrap();
        client.shutdown().await.unwrap();
        drop(client);
        let inside = task.await.unwrap();
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        assert_eq!(count(&inside.written), response.len() as u64);
        assert_eq!(count(&inside.read), GET.len() as u64);
        assert!(count(&outside.written) > count(&inside.written) + 500);
        assert!(count(&outside.read) > count(&inside.read) + 200);
    }

    /// Which certificate a client that trusts all of them sees, by that name.
    fn shown(
        server: &Arc<ServerConfig>,
        roots: &[CertificateDer<'static>],
        name: &'static str,
    ) -> Option<CertificateDer<'static>> {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone()).unwrap();
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(store)
            .with_no_client_auth();
        let name = ServerName::try_from(name).unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut server = ServerConnection::new(server.clone()).unwrap();
        while client.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut &bytes[..]).unwrap();
            server.process_new_packets().ok()?;
            bytes.clear();
            server.write_tls(&mut bytes).unwrap();
            client.read_tls(&mut &bytes[..]).unwrap();
            client.process_new_packets().ok()?;
        }
        Some(client.peer_certificates()?[0].clone().into_owned())
    }

    /// What is one.test, unless it is asked for two.test, and whom to believe.
    pub fn one_and_two() -> (TlsAcceptor, [CertificateDer<'static>; 2]) {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let make = |name: &str| {
            let Made { cert, signing_key } =
                rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
            let chain = vec![cert.der().clone()];
            Arc::new(CertifiedKey::from_der(chain, key, &provider).unwrap())
        };
        let (one, two) = (make("one.test"), make("two.test"));
        let roots = [&one, &two].map(|key| key.cert[0].clone().into_owned());
        let by_name = ByName {
            names: HashMap::from([("two.test".to_owned(), two)]),
            otherwise: one,
        };
        (tls::acceptor(Arc::new(by_name), &[b"http/1.1"]).unwrap(), roots)
    }

    #[test]
    fn each_name_has_its_certificate() {
        let (acceptor, roots) = one_and_two();
        let config = acceptor.config();
        let [one, two] = roots.clone();
        assert_eq!(shown(config, &roots, "one.test"), Some(one));
        assert_eq!(shown(config, &roots, "two.test"), Some(two.clone()));
        assert_eq!(shown(config, &roots, "TWO.test"), Some(two));
        assert_eq!(shown(config, &roots, "three.test"), None, "not one.test");
    }

    #[test]
    fn what_is_behind_need_not_know() {
        let part5 = Server::start("part5");
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path());
        let acceptor = acceptor(&folder);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _runtime = runtime.enter();
        let mut accepting = JoinSet::new();
        let backend = part5.addresses[0];
        terminate(&mut accepting, vec![listener], acceptor, backend).unwrap();

        // One that says nothing, and one that talks no TLS, hold nobody up.
        let _silent = Client::clear(address);
        let mut rude = Client::clear(address);
        rude.send(GET);
        let config = tls_config(&folder.root(), ALL_VERSIONS);
        let mut client = Client::tls(address, &config).unwrap();
        client.send(GET);
        client.half_close();
        // This fails if there is no close_notify.
        let response = client.read_to_end();
        assert!(response.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(response.ends_with(rohttp::verse::VERSE.as_bytes()));
    }
}
