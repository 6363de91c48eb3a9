//! A server that is broken in one way: a stage of ours behind somebody who changes what
//! is said, or has manners of its own.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use proctor::target::{Endpoint, Target, Tls};
use rcgen::{CertificateParams, KeyPair};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{CipherSuite, RootCertStore, ServerConfig};

use crate::support::Server;

/// What is done to bytes on their way.
pub type Change = fn(Vec<u8>) -> Vec<u8>;

/// What is wrong with a server.
#[derive(Clone, Copy)]
pub enum Break {
    /// Nothing.
    Nothing,
    /// It changes what it says.
    Says(Change),
    /// It takes what it is told for something else.
    Hears(Change),
    /// It reads, and never says anything.
    Mute,
    /// It does not close after what it has said.
    NeverEnds,
    /// It resets at the end.
    ResetsAtEnd,
    /// It reads so many bytes, and closes with the rest unread.
    ClosesUnread(usize),
    /// It says that nothing more will come, and resets.
    ResetsBehindTheEnd,
    /// It resets those who are still there after a fifth of a second.
    ResetsSoon,
    /// It closes after so many things that it said.
    ClosesAfter(usize),
    /// It serves one caller at a time, for as long as that one stays.
    OneAtATime,
    /// It serves so many callers and no more.
    Serves(usize),
    /// It ends when a caller leaves without a word.
    DiesOfLeaving,
    /// It ends when a caller resets.
    DiesOfResets,
    /// It takes the end of our half for the end of all.
    NoHalfClose,
    /// It does not notice the end of our half.
    IgnoresEnd,
    /// It sleeps for a quarter of a second before each caller.
    Sleeps,
    /// It has room for so many callers at a time.
    Room(usize),
    /// It tells each caller which number they have.
    Numbers,
    /// It listens on IPv4 alone.
    OneFamily,
    /// It takes each read for a request, and forgets what came before.
    ReadsOnce,
    /// It takes what is behind the first request for noise.
    ForgetsTheRest,
    /// It starts anew with each request.
    Forgives,
    /// It hangs at bytes that are not UTF-8.
    HangsOnBytes,
    /// It gives up on heads that are longer than this.
    Small(usize),
    /// It says something to those who said nothing.
    TalksToNobody,
    /// It writes in two pieces and lets the kernel hold back the second.
    TwoWrites,
    /// It has so many milliseconds for everything.
    Hurries(u64),
    /// It makes its dates when it starts.
    Frozen,
    /// What it says to HEAD is changed.
    SaysToHead(Change),
    /// It waits for a body that is announced.
    WaitsForBodies,
    /// It answers some requests itself, if they come in one piece.
    Answers(fn(&[u8]) -> Option<Vec<u8>>),
    /// It reads to the end of our half before it looks at what it has read.
    HoldsBack,
    /// It says this as soon as it has heard something, and closes with the rest unread.
    Slams(&'static [u8]),
    /// It gives up who says nothing for so many milliseconds, and answers nobody.
    Idles(u64),
    /// It has something to say to those who have said nothing for a while.
    TalksToSilence,
    /// It has something to say to those who have been answered and say no more.
    TalksToIdle,
    /// It closes after a refusal, and says so.
    ClosesRefusals,
    /// It says how long the verse is in chunks.
    Chunks,
    /// It sends an interim response before each final one.
    Hints,
    /// Its TLS is not as it should be.
    Tls(BadTls),
}

/// What is wrong with a server's TLS.
#[derive(Clone, Copy)]
pub enum BadTls {
    /// It speaks TLS 1.2 alone.
    Only12,
    /// It speaks TLS 1.3 alone.
    Only13,
    /// Of TLS 1.3 it knows one cipher, with a long key.
    Strongest,
    /// It hangs up without a word on what it does not understand.
    NoAlerts,
    /// Its certificate is somebody else's.
    Stranger,
    /// Its certificate has these names.
    Names(&'static [&'static str]),
    /// It agrees on these.
    Alpn(&'static [&'static [u8]]),
    /// It insists on having something to agree on.
    NeedsAlpn,
    /// It insists on a name.
    NeedsName,
    /// It ends without close_notify.
    NoNotify,
    /// It looks for a ClientHello in its first read.
    ReadsOnceTls,
    /// It answers plain HTTP.
    SpeaksHttp,
    /// It shakes hands before it accepts the next caller.
    Blocks,
    /// It ends when a handshake fails.
    Dies,
    /// It ends when so many handshakes have failed.
    Leaks(usize),
    /// It ends when a client does not say goodbye.
    DiesOfCuts,
    /// It says something else than in the clear.
    SaysTls(Change),
    /// It takes all that comes for http.
    Http,
    /// It greets those who do not shake hands, and waits for them for ever.
    Greets,
}

/// A broken server, running.
pub struct Mutant {
    pub target: Target,
    _unheard: Vec<TcpSocket>,
    _runtime: Runtime,
}

struct Shared {
    broken: Break,
    backend: SocketAddr,
    calls: AtomicUsize,
    open: AtomicUsize,
    failed: AtomicUsize,
    dead: AtomicBool,
}

impl Shared {
    /// Never does anything again. What calls is left to wait, which is the same at each
    /// run, as a refusal would not be.
    async fn die(&self) {
        self.dead.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

impl Mutant {
    /// Puts what is broken in front of a server of ours.
    pub fn of(server: &Server, broken: Break, patience: Duration) -> Mutant {
        Mutant::before(server.addresses[0], broken, patience)
    }

    /// The same in front of anybody's.
    pub fn before(
        backend: SocketAddr,
        broken: Break,
        patience: Duration,
    ) -> Mutant {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let shared = |broken| {
            Arc::new(Shared {
                broken,
                backend,
                calls: AtomicUsize::new(0),
                open: AtomicUsize::new(0),
                failed: AtomicUsize::new(0),
                dead: AtomicBool::new(false),
            })
        };
        let (clear, tls) = match broken {
            Break::Tls(bad) => (Break::Nothing, Some(bad)),
            broken => (broken, None),
        };
        let of_clear = shared(clear);
        let (name, sockets) = bind();
        let mut unheard = Vec::new();
        for socket in sockets {
            let is_ipv6 = socket.local_addr().unwrap().is_ipv6();
            if matches!(broken, Break::OneFamily) && is_ipv6 {
                // Kept, so that nobody else listens there.
                unheard.push(socket);
                continue;
            }
            let _guard = runtime.enter();
            let listener = socket.listen(QUEUE).unwrap();
            runtime.spawn(welcome(listener, of_clear.clone(), None));
        }
        let tls = tls.map(|bad| {
            let (config, roots) = config(bad);
            let (name, listeners) = runtime.block_on(listen());
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let of_tls = shared(broken);
            for listener in listeners {
                let acceptor = Some(acceptor.clone());
                runtime.spawn(welcome(listener, of_tls.clone(), acceptor));
            }
            Tls { endpoint: endpoint(name), roots }
        });
        let clear = endpoint(name);
        Mutant {
            target: Target::new(clear, tls, patience),
            _unheard: unheard,
            _runtime: runtime,
        }
    }
}

/// What localhost stands for, wherever it is looked up.
pub fn endpoint(name: String) -> Endpoint {
    let port = name.rsplit(':').next().unwrap().parse().unwrap();
    let addresses = vec![
        (Ipv4Addr::LOCALHOST, port).into(),
        (Ipv6Addr::LOCALHOST, port).into(),
    ];
    Endpoint { name, addresses }
}

/// Listens on a port of both families.
pub async fn listen() -> (String, [TcpListener; 2]) {
    let (name, sockets) = bind();
    (name, sockets.map(|socket| socket.listen(QUEUE).unwrap()))
}

/// Room for all who come at once: who finds none calls again after a second, which is
/// none of a broken server's doing.
const QUEUE: u32 = 1024;

/// A port of both families, with nobody behind it yet.
fn bind() -> (String, [TcpSocket; 2]) {
    loop {
        let first = TcpSocket::new_v4().unwrap();
        first.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let port = first.local_addr().unwrap().port();
        let second = TcpSocket::new_v6().unwrap();
        if second.bind((Ipv6Addr::LOCALHOST, port).into()).is_ok() {
            return (format!("localhost:{port}"), [first, second]);
        }
    }
}

fn config(bad: BadTls) -> (ServerConfig, RootCertStore) {
    let names: &[&str] = match bad {
        BadTls::Names(names) => names,
        _ => &["localhost", "127.0.0.1", "::1"],
    };
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let make = || {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names.clone()).unwrap();
        (params.self_signed(&key).unwrap(), key)
    };
    let (certificate, key) = make();
    let mut roots = RootCertStore::empty();
    let believed = match bad {
        BadTls::Stranger => make().0,
        _ => certificate.clone(),
    };
    roots.add(believed.der().clone()).unwrap();
    let mut provider = aws_lc_rs::default_provider();
    if let BadTls::Strongest = bad {
        let weak = CipherSuite::TLS13_AES_128_GCM_SHA256;
        provider.cipher_suites.retain(|it| it.suite() != weak);
    }
    let versions = match bad {
        BadTls::Only12 => vec![&TLS12],
        BadTls::Only13 => vec![&TLS13],
        _ => vec![&TLS13, &TLS12],
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let alpn: &[&[u8]] = match bad {
        BadTls::Alpn(alpn) => alpn,
        _ => &[b"http/1.1"],
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    (config, roots)
}

async fn welcome(
    listener: TcpListener,
    shared: Arc<Shared>,
    acceptor: Option<TlsAcceptor>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let most = match shared.broken {
            Break::Tls(BadTls::Dies | BadTls::DiesOfCuts) => 0,
            Break::Tls(BadTls::Leaks(most)) => most,
            _ => usize::MAX,
        };
        if most < usize::MAX {
            // What those before have come to is counted by now.
            sleep(Duration::from_millis(10)).await;
        }
        if shared.dead.load(Ordering::SeqCst)
            || shared.failed.load(Ordering::SeqCst) > most
        {
            return shared.die().await;
        }
        let _ = stream.set_nodelay(true);
        let number = shared.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(acceptor) = &acceptor {
            let Break::Tls(bad) = shared.broken else { return };
            let served =
                serve_tls(stream, acceptor.clone(), bad, shared.clone(), number);
            if matches!(bad, BadTls::Blocks) {
                served.await;
            } else {
                tokio::spawn(served);
            }
            continue;
        }
        match shared.broken {
            Break::Serves(most) if number > most => return shared.die().await,
            Break::Room(room) if shared.open.load(Ordering::SeqCst) >= room => {
                tokio::spawn(turn_away(stream));
                continue;
            }
            Break::Room(_) => _ = shared.open.fetch_add(1, Ordering::SeqCst),
            Break::Sleeps => sleep(Duration::from_millis(250)).await,
            Break::DiesOfLeaving | Break::DiesOfResets => {
                // A look at who is there before they are served.
                let mut byte = [0];
                let peek =
                    timeout(Duration::from_millis(20), stream.peek(&mut byte));
                let dies = match peek.await {
                    Ok(Ok(0)) => matches!(shared.broken, Break::DiesOfLeaving),
                    Ok(Err(_)) => matches!(shared.broken, Break::DiesOfResets),
                    _ => false,
                };
                if dies {
                    return shared.die().await;
                }
            }
            _ => {}
        }
        let served = serve(stream, shared.clone(), number);
        if matches!(shared.broken, Break::OneAtATime) {
            served.await;
        } else {
            tokio::spawn(served);
        }
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>, number: usize) {
    let nodelay = !matches!(shared.broken, Break::TwoWrites);
    let _ = stream.set_nodelay(nodelay);
    carry(&mut stream, &shared, number).await;
    match shared.broken {
        Break::NeverEnds => sleep(Duration::from_secs(60)).await,
        Break::ResetsAtEnd => {
            sleep(Duration::from_millis(50)).await;
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        Break::ResetsBehindTheEnd => {
            let _ = stream.shutdown().await;
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        Break::ResetsSoon => {
            let mut unwanted = [0; 4096];
            let left = stream.read(&mut unwanted);
            let _ = timeout(Duration::from_millis(200), left).await;
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        Break::ClosesUnread(_) | Break::Room(_) | Break::Slams(_) => {}
        Break::OneAtATime => linger(&mut stream, Duration::from_secs(60)).await,
        _ => linger(&mut stream, Duration::from_secs(1)).await,
    }
    drop(stream);
    if matches!(shared.broken, Break::Room(_)) {
        // Who is gone makes room only later.
        sleep(Duration::from_millis(500)).await;
    }
    if matches!(shared.broken, Break::Room(_)) {
        shared.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Closes on somebody who may have said something by then: what is unread would make a
/// reset of it, now and then.
async fn turn_away(mut stream: TcpStream) {
    let _ = timeout(Duration::from_millis(100), stream.read(&mut [0; 4096])).await;
}

/// Says that nothing more will come and waits for the caller to leave.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, time: Duration) {
    let _ = timeout(time, async {
        let _ = stream.shutdown().await;
        let mut unwanted = [0; 4096];
        while stream.read(&mut unwanted).await.is_ok_and(|count| count > 0) {}
    })
    .await;
}

async fn serve_tls(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    bad: BadTls,
    shared: Arc<Shared>,
    number: usize,
) {
    // Who hangs up does so in order: bytes left unread would make it a reset, or not, as
    // they are there yet or not.
    let second = Duration::from_secs(1);
    let mut first = [0; 16];
    match bad {
        BadTls::NoAlerts => {
            let _ = stream.peek(&mut first).await;
            let old = first[0] == 0x16 && first[10] < 3;
            if first[0] != 0x16 || old {
                return linger(&mut stream, second).await;
            }
        }
        BadTls::ReadsOnceTls
            if stream.peek(&mut first).await.is_ok_and(|count| count < 5) =>
        {
            return linger(&mut stream, second).await;
        }
        BadTls::SpeaksHttp => {
            let _ = stream.peek(&mut first).await;
            if first[0] != 0x16 {
                carry(&mut { stream }, &shared, number).await;
                return;
            }
        }
        BadTls::Greets
            if timeout(second / 5, stream.peek(&mut first)).await.is_err() =>
        {
            let _ = stream.write_all(b"hello?\r\n").await;
            sleep(60 * second).await;
        }
        _ => {}
    }
    let Ok(mut stream) = acceptor.accept(stream).await else {
        shared.failed.fetch_add(1, Ordering::SeqCst);
        return;
    };
    let (_, connection) = stream.get_ref();
    let refuses = match bad {
        BadTls::NeedsAlpn => connection.alpn_protocol().is_none(),
        BadTls::NeedsName => connection.server_name().is_none(),
        _ => false,
    };
    if refuses {
        return linger(&mut stream, second).await;
    }
    let cut = carry(&mut stream, &shared, number).await;
    if cut {
        shared.failed.fetch_add(1, Ordering::SeqCst);
    }
    match bad {
        BadTls::NoNotify => linger(stream.get_mut().0, second).await,
        _ => linger(&mut stream, second).await,
    }
}

/// How much is carried at a time.
const SIZE: usize = 32 * 1024;

/// Carries what is said between a caller and the server behind: whether the caller was
/// cut off.
async fn carry<S>(caller: &mut S, shared: &Shared, number: usize) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(mut server) = TcpStream::connect(shared.backend).await else {
        return false;
    };
    let _ = server.set_nodelay(true);
    let (mut heard, mut said) = (vec![0; SIZE], vec![0; SIZE]);
    let (mut told, mut read, mut ended) = (0, 0, false);
    let mut is_head = false;
    let hurry = match shared.broken {
        Break::Hurries(milliseconds) => Duration::from_millis(milliseconds),
        _ => Duration::from_secs(60),
    };
    let most = match shared.broken {
        Break::ClosesUnread(most) => most,
        Break::Slams(_) => 16,
        _ => usize::MAX,
    };
    let over = sleep(hurry);
    tokio::pin!(over);
    let patience = match shared.broken {
        Break::Idles(milliseconds) => Duration::from_millis(milliseconds),
        Break::TalksToSilence | Break::TalksToIdle => Duration::from_millis(200),
        _ => Duration::from_secs(60),
    };
    let idle = sleep(patience);
    tokio::pin!(idle);
    let (mut held, mut is_1_0) = (Vec::new(), false);
    loop {
        tokio::select! {
            () = &mut over => return false,
            () = &mut idle, if read == 0 || matches!(shared.broken, Break::Idles(_) | Break::TalksToIdle) => {
                let talks = match shared.broken {
                    Break::TalksToSilence => read == 0,
                    Break::TalksToIdle => told > 0,
                    _ => false,
                };
                if talks {
                    let _ = caller.write_all(b"HTTP/1.1 408 Request Timeout\r\n\r\n").await;
                }
                return false;
            }
            count = caller.read(&mut heard[..(most - read).min(SIZE)]), if !ended && read < most => {
                let count = match count {
                    Ok(count) => count,
                    Err(error) => return error.kind() == std::io::ErrorKind::UnexpectedEof,
                };
                let mut bytes = heard[..count].to_vec();
                is_head |= bytes.starts_with(b"HEAD");
                is_1_0 |= bytes.windows(8).any(|it| it == b"HTTP/1.0");
                idle.as_mut().reset(tokio::time::Instant::now() + patience);
                if count == 0 {
                    match shared.broken {
                        Break::NoHalfClose => return false,
                        Break::IgnoresEnd | Break::NeverEnds => {}
                        Break::TalksToNobody if read == 0 => {
                            let _ = caller.write_all(b"HTTP/1.1 408 Request Timeout\r\n\r\n").await;
                            return false;
                        }
                        _ => {
                            let _ = server.write_all(&held).await;
                            let _ = server.shutdown().await;
                        }
                    }
                    ended = true;
                    continue;
                }
                match shared.broken {
                    Break::HoldsBack => held.append(&mut bytes),
                    Break::Slams(words) => {
                        let _ = caller.write_all(words).await;
                        return false;
                    }
                    Break::Hears(change) => bytes = change(bytes),
                    Break::Answers(answer) => if let Some(answer) = answer(&bytes) {
                        let _ = caller.write_all(&answer).await;
                        return false;
                    }
                    Break::ReadsOnce => {
                        // Nothing of before, and a decision by what there is.
                        bytes = match &bytes[..] {
                            [b'G', b'E', b'T', b' ', ..] => b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
                            _ => b"POST / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
                        };
                    }
                    Break::ForgetsTheRest => {
                        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
                        bytes.truncate(end.map_or(bytes.len(), |end| end + 4));
                    }
                    Break::HangsOnBytes if str::from_utf8(&bytes).is_err() => {
                        sleep(Duration::from_secs(60)).await;
                    }
                    Break::Small(most) if read + count > most => return false,
                    Break::WaitsForBodies if bytes.windows(6).any(|it| it == b"Expect") => continue,
                    Break::Forgives => {
                        forgive(caller, shared.backend, &bytes).await;
                        continue;
                    }
                    _ => {}
                }
                read += count;
                if server.write_all(&bytes).await.is_err() { ended = true; }
            }
            count = server.read(&mut said) => {
                let Ok(count @ 1..) = count else { return false };
                let mut bytes = said[..count].to_vec();
                told += 1;
                bytes = match shared.broken {
                    Break::Mute | Break::Idles(_) => continue,
                    Break::Chunks if !is_1_0 => in_chunks(bytes),
                    Break::Hints if !is_1_0 => after_hints(&bytes),
                    Break::ClosesRefusals => match up_to_a_refusal(&bytes) {
                        Some(last) => {
                            let _ = caller.write_all(&last).await;
                            return false;
                        }
                        None => bytes,
                    },
                    Break::Says(change) | Break::Tls(BadTls::SaysTls(change)) => change(bytes),
                    Break::SaysToHead(change) if is_head => change(bytes),
                    Break::Numbers => [format!("{number}").as_bytes(), &bytes].concat(),
                    Break::Frozen => replace(&bytes, b"Date: ", b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nX: "),
                    _ => bytes,
                };
                let written = match shared.broken {
                    Break::TwoWrites => {
                        let (first, second) = bytes.split_at(bytes.len() / 2);
                        let first = caller.write_all(first).await;
                        let _ = caller.flush().await;
                        first.and(caller.write_all(second).await)
                    }
                    Break::NoHalfClose => {
                        // Slow enough to see whether the caller is leaving.
                        let mut more = [0; 4096];
                        match timeout(Duration::from_millis(50), caller.read(&mut more)).await {
                            Ok(Ok(0)) => return false,
                            _ => caller.write_all(&bytes).await,
                        }
                    }
                    _ => caller.write_all(&bytes).await,
                };
                if written.and(caller.flush().await).is_err() { return false; }
                if matches!(shared.broken, Break::ClosesAfter(most) if told >= most) { return false; }
            }
        }
    }
}

/// Where some bytes are.
fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

/// Responses of which the last, if it is the verse, is in two chunks.
fn in_chunks(bytes: Vec<u8>) -> Vec<u8> {
    let Some(start) = find(&bytes, b"HTTP/1.1 200") else { return bytes };
    let Some(head) = find(&bytes[start..], b"\r\n\r\n") else { return bytes };
    let (head, body) = bytes.split_at(start + head + 4);
    let length = format!("Content-Length: {VERSE}\r\n");
    let chunked = b"Transfer-Encoding: chunked\r\n";
    let head = replace(head, length.as_bytes(), chunked);
    // To HEAD: ours leave in one piece.
    if body.is_empty() {
        return head;
    }
    let (first, second) = body.split_at(body.len() / 2);
    let size = |part: &[u8]| format!("{:x}\r\n", part.len()).into_bytes();
    let (before, between) = (size(first), size(second));
    [&head, &before, first, b"\r\n", &between, second, b"\r\n0\r\n\r\n"].concat()
}

/// How long the verse is.
const VERSE: usize = rohttp::verse::VERSE.len();

/// Responses with an interim one before each.
fn after_hints(bytes: &[u8]) -> Vec<u8> {
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style>; rel=preload\r\n\r\n";
    ["HTTP/1.1 2", "HTTP/1.1 3", "HTTP/1.1 4", "HTTP/1.1 5"].into_iter().fold(
        bytes.to_vec(),
        |bytes, begin| {
            replace(&bytes, begin.as_bytes(), format!("{hints}{begin}").as_bytes())
        },
    )
}

/// Responses up to the first that is a refusal, which says that it is the last; none if
/// none is one.
fn up_to_a_refusal(bytes: &[u8]) -> Option<Vec<u8>> {
    let (client, server) = (find(bytes, b"HTTP/1.1 4"), find(bytes, b"HTTP/1.1 5"));
    let start = client.into_iter().chain(server).min()?;
    let (before, refusal) = bytes.split_at(start);
    let head = find(refusal, b"\r\n\r\n")? + 2;
    let text = String::from_utf8_lossy(&refusal[..head]);
    let length =
        text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    // A refusal of HEAD has no body, and the next response may be right behind it.
    let is_bare = refusal[head + 2..].starts_with(b"HTTP/1.1 ");
    let length = if is_bare { 0 } else { length };
    let rest = &refusal[head..refusal.len().min(head + 2 + length)];
    Some([before, &refusal[..head], b"Connection: close\r\n", rest].concat())
}

/// Answers each of the requests in some bytes as if it were the first.
async fn forgive<S>(caller: &mut S, backend: SocketAddr, bytes: &[u8])
where
    S: AsyncWrite + Unpin,
{
    let text = String::from_utf8_lossy(bytes).into_owned();
    for request in text.split_inclusive("\r\n\r\n") {
        let Ok(mut server) = TcpStream::connect(backend).await else { return };
        let _ = server.write_all(request.as_bytes()).await;
        let _ = server.shutdown().await;
        let mut answer = Vec::new();
        let _ = server.read_to_end(&mut answer).await;
        if caller.write_all(&answer).await.is_err() {
            return;
        }
    }
    let _ = caller.flush().await;
}

/// Bytes with each occurrence of some replaced by others.
pub fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|it| it == from) {
        result.extend(&rest[..at]);
        result.extend(to);
        rest = &rest[at + from.len()..];
    }
    result.extend(rest);
    result
}
