//! What the answers are made of.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{self, Ipv6Addr, Shutdown, SocketAddr};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::Dir;
use proctor::stage::Stage;
use proctor::target::{Endpoint, Target, Tls, roots};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rohttp::certs::mint::Folder;
use rohttp::date;
use rohttp::h1::{BodyLength, Error, Head, Parser, Persistence};
use rohttp::io::close::{Linger, close};
use rohttp::limits::HeadLimits;
use rohttp::message::{FieldName, Method, Request, Response, Scheme, Status};
use rohttp::net::tls;
use rohttp::verse::VERSE;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ResolvesServerCertUsingSni;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::super::mutant::{self, BadTls, Break, replace};
use super::super::target;
use super::running::{Running, clear};
use crate::answers::{part2, part3, part4, part5, part5_5, part6, part7};
use crate::conversation::answer::Reply;
use crate::support::Server;

/// Recites, closes, and waits a second for the caller to have it.
pub fn recite(mut stream: net::TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(VERSE.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// 1.3: ten megabytes, for whoever takes them in time.
pub async fn recite_much(mut stream: TcpStream, time: Duration) {
    let all = vec![b'x'; 10_000_000];
    if let Ok(Ok(())) = timeout(time, stream.write_all(&all)).await {
        close(stream, Linger::default()).await;
    }
}

/// 1.3: the same without a runtime.
pub fn recite_much_and_block(mut stream: net::TcpStream) {
    let all = vec![b'x'; 10_000_000];
    let second = Some(Duration::from_secs(1));
    let limits =
        stream.set_write_timeout(second).and(stream.set_read_timeout(second));
    if limits.and_then(|()| stream.write_all(&all)).is_ok() {
        let _ = stream.shutdown(Shutdown::Write);
        while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
    }
}

/// 1.5: one socket, at which callers of both families arrive.
pub fn of_one_socket() -> Running {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
    socket.set_only_v6(false).unwrap();
    let any: SocketAddr = (Ipv6Addr::UNSPECIFIED, 0).into();
    socket.bind(&any.into()).unwrap();
    socket.listen(1024).unwrap();
    let listener = net::TcpListener::from(socket);
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = recite(stream);
        }
    });
    Running::new(clear(mutant::endpoint(format!("localhost:{port}"))), ())
}

/// 1.5: no call that waits at both, and so a look at each in turn.
pub fn look_at_each_in_turn(
    listeners: &[net::TcpListener],
) -> io::Result<Infallible> {
    loop {
        for listener in listeners {
            if let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(false)?;
                let _ = recite(stream);
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// 2.1: a runtime of two workers, and tasks that sleep where it can't see it.
pub fn with_two_workers() -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
    let (name, listeners) = runtime.block_on(mutant::listen());
    for listener in listeners {
        runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _ = stream.write_all(VERSE.as_bytes()).await;
                    thread::sleep(Duration::from_secs(3));
                });
            }
        });
    }
    Running::new(clear(mutant::endpoint(name)), Unfinished(Some(runtime)))
}

/// A runtime that is left without waiting for what it still does: a hundred tasks that
/// sleep for three seconds, two at a time.
struct Unfinished(Option<Runtime>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// 7.4: counts by a label that is made of the method.
pub fn counting(label: fn(&Method) -> &str) -> Running {
    let counter = Arc::new(part7::Counter::default());
    Running::with(move |listener| {
        let counter = counter.clone();
        async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = counter.clone();
                tokio::spawn(async move {
                    let answer =
                        |it: &Request| counter.answer(it, label(&it.method));
                    part6::serve(stream, answer).await;
                });
            }
        }
    })
}

/// 2.4: a seat for so many callers, whichever address they call.
pub fn seats(most: usize) -> Running {
    let seats = Arc::new(Semaphore::new(most));
    Running::with(move |listener| serve_of(listener, seats.clone()))
}

pub fn serve_of(
    listener: TcpListener,
    seats: Arc<Semaphore>,
) -> impl Future<Output = ()> {
    part2::serve(listener, seats, |mut stream| async move {
        let _ = stream.write_all(VERSE.as_bytes()).await;
        close(stream, Linger::default()).await;
    })
}

/// 2.4: one loop for both families, which takes a seat and then whoever comes first.
pub fn at_one_door(most: usize) -> Running {
    let runtime = Runtime::new().unwrap();
    let (name, [first, second]) = runtime.block_on(mutant::listen());
    runtime.spawn(async move {
        let seats = Arc::new(Semaphore::new(most));
        while let Ok(seat) = seats.clone().acquire_owned().await {
            let accepted = tokio::select! {
                accepted = first.accept() => accepted,
                accepted = second.accept() => accepted,
            };
            let Ok((mut stream, _)) = accepted else { return };
            tokio::spawn(async move {
                let _ = stream.write_all(VERSE.as_bytes()).await;
                close(stream, Linger::default()).await;
                drop(seat);
            });
        }
    });
    Running::new(clear(mutant::endpoint(name)), runtime)
}

/// 2.3: as when descriptors run out: who finds no seat waits, and longer each time.
pub async fn short_of_seats(listener: TcpListener, first: u64, longest: u64) {
    let seats = Arc::new(Semaphore::new(10));
    let mut wait = first;
    loop {
        let Ok(seat) = seats.clone().try_acquire_owned() else {
            sleep(Duration::from_millis(wait)).await;
            wait = (wait * 2).min(longest);
            continue;
        };
        let Ok((mut stream, _)) = listener.accept().await else { return };
        wait = first;
        tokio::spawn(async move {
            let _ = stream.write_all(VERSE.as_bytes()).await;
            close(stream, Linger::default()).await;
            drop(seat);
        });
    }
}

/// 2.4, wrong: who finds no seat is shown the door.
pub async fn turn_the_rest_away(listener: TcpListener, most: usize) {
    let seats = Arc::new(Semaphore::new(most));
    while let Ok((mut stream, _)) = listener.accept().await {
        let Ok(seat) = seats.clone().try_acquire_owned() else { continue };
        tokio::spawn(async move {
            let _ = stream.write_all(VERSE.as_bytes()).await;
            close(stream, Linger::default()).await;
            drop(seat);
        });
    }
}

/// 3.3: without the arm that finds an H at the first wrong byte.
pub fn deaf_at_the_start(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.starts_with(b"HTTP/") || bytes.starts_with(b"GEHTTP/") {
        true => replace(&bytes, b"HTTP/", b"_TTP/"),
        false => bytes,
    }
}

/// 3.3: without the arm that finds an H where another beginning broke off.
pub fn deaf_later(bytes: Vec<u8>) -> Vec<u8> {
    let bytes = replace(&bytes, b"HHTTP/", b"HHTTP_");
    replace(&bytes, b"HTHTTP/", b"HTHTTP_")
}

/// 3.5: Part 3, with a machine that knows HEAD.
pub async fn junk_get_and_head(mut stream: TcpStream) {
    const FOUND: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    const JUNK: &[u8] =
        b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";
    let _ = stream.set_nodelay(true);
    let (mut reading, mut strikes) = (part3::Reading::Start(b""), 0);
    let mut buffer = [0; 1024];
    'talk: while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        for &byte in &buffer[..count] {
            let (next, heard) = reading.next(byte);
            reading = next;
            let (answer, verse) = match heard {
                None => continue,
                Some(part3::Heard::Junk) => (JUNK, ""),
                Some(part3::Heard::Head) => (FOUND, ""),
                Some(part3::Heard::Get) => (FOUND, VERSE),
            };
            let answer = [answer, verse.as_bytes()].concat();
            strikes += 1;
            let last = heard != Some(part3::Heard::Junk) || strikes == 4;
            if stream.write_all(&answer).await.is_err() || last {
                break 'talk;
            }
        }
    }
    close(stream, Linger::default()).await;
}

/// 3.6: Part 3, hearing in its own way.
pub async fn junk_and_verse(stream: TcpStream) {
    const FOUND: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    const JUNK: &[u8] =
        b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";
    stream.set_nodelay(true).unwrap();
    let (mut input, mut output) = stream.into_split();
    let (teller, mut told) = unbounded_channel();
    let hearing = part3::hear(BufReader::new(&mut input), |heard| {
        let _ = teller.send(heard);
    });
    let answering = async {
        let mut strikes = 0;
        while let Some(heard) = told.recv().await {
            match heard {
                part3::Heard::Junk => output.write_all(JUNK).await?,
                _ => {
                    let verse = [FOUND, VERSE.as_bytes()].concat();
                    return output.write_all(&verse).await;
                }
            }
            strikes += 1;
            if strikes == 4 {
                return Ok(());
            }
        }
        Ok(())
    };
    let answered = async {
        tokio::pin!(answering);
        tokio::select! {
            biased;
            done = &mut answering => done,
            // What was heard before the end is still answered.
            _ = hearing => timeout(Duration::from_millis(100), answering)
                .await
                .unwrap_or(Ok(())),
        }
    };
    let answered: io::Result<()> = answered.await;
    if answered.is_ok() {
        close(input.reunite(output).unwrap(), Linger::default()).await;
    }
}

/// 4.3: the verse in UTF-16, in a response that was in UTF-8.
pub fn in_utf16(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let Some(at) = text.find("HTTP/1.1 200") else { return text.into() };
    let (before, response) = text.split_at(at);
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let length = part4::utf16(VERSE).len();
    let head = head
        .replace(
            &format!("Content-Length: {}", VERSE.len()),
            &format!("Content-Length: {length}"),
        )
        .replace("utf-8", "utf-16");
    let body = match body {
        "" => Vec::new(),
        body => part4::utf16(body),
    };
    [before.as_bytes(), head.as_bytes(), b"\r\n\r\n", &body].concat()
}

/// 4.4: nothing, for whoever has it all.
pub fn not_modified(head: &[u8]) -> Option<Vec<u8>> {
    let modified = httpdate::parse_http_date("Mon, 27 Jul 1987 00:00:00 GMT");
    part4::is_fresh(head, modified.unwrap()).then(|| {
        let date = date::now();
        let date = str::from_utf8(&date).unwrap();
        let head = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nDate: ";
        format!("{head}{date}\r\n\r\n").into_bytes()
    })
}

/// 4.5: Part 4's response, with the time that is asked for as Last-Modified.
pub fn dated(
    head: &[u8],
    imf_fixdate: fn(SystemTime) -> String,
) -> Option<Vec<u8>> {
    let target = head.strip_prefix(b"GET /")?.split(|&byte| byte == b' ').next()?;
    let seconds = str::from_utf8(target).ok()?.parse().ok()?;
    let modified = imf_fixdate(UNIX_EPOCH + Duration::from_secs(seconds));
    let length = VERSE.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Last-Modified: {modified}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    Some((head + VERSE).into_bytes())
}

/// 4.5: a calendar that counts the days of each month since 1970.
pub fn day_by_day(time: SystemTime) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
        "Nov", "Dec",
    ];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let time = time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (mut day, time) = (time / 86_400, time % 86_400);
    let weekday = DAYS[(day % 7) as usize];
    let (mut year, mut month) = (1970, 0);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            1 if leap => 29,
            1 => 28,
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        if day < length {
            break;
        }
        day -= length;
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!(
        "{weekday}, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT",
        day + 1,
        MONTHS[month]
    )
}

/// A head whose names have other cases, and whose status has other words.
pub fn in_another_style(bytes: Vec<u8>) -> Vec<u8> {
    const NAMES: [&str; 8] = [
        "Content-Type",
        "Content-Length",
        "Last-Modified",
        "Connection",
        "Transfer-Encoding",
        "ETag",
        "Allow",
        "Date",
    ];
    let bytes = replace(&bytes, b"HTTP/1.1 200 OK", b"HTTP/1.1 200 Fine");
    NAMES.iter().fold(bytes, |bytes, name| {
        let (from, to) = (format!("\r\n{name}: "), format!("\r\n{name}:\t"));
        replace(&bytes, from.as_bytes(), to.to_ascii_lowercase().as_bytes())
    })
}

/// 5.7: whether a chunk's first line comes, and is one.
pub async fn is_size(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> io::Result<bool> {
    loop {
        match part5::chunk_size(input) {
            Ok(Some(_)) => return Ok(true),
            Ok(None) => {}
            Err(part5::BadChunk) => return Ok(false),
        }
        if stream.read_buf(input).await? == 0 {
            return Ok(false);
        }
    }
}

/// What is read of a body.
#[derive(Clone, Copy, PartialEq)]
pub enum Reads {
    NoBody,
    /// The first line of one that comes in chunks.
    FirstSize,
    /// Those of up to 64 KiB whose senders don't wait for a yes.
    Short,
    /// All, however long it takes.
    Everything,
}

/// Part 5, with another answer, and with bodies read past.
pub async fn exchange(
    mut stream: TcpStream,
    answer: fn(&Request, Scheme) -> Response,
    reads: Reads,
) {
    if let Ok(()) = exchange_all(&mut stream, answer, reads).await {
        close(stream, Linger::default()).await;
    }
}

pub async fn exchange_all(
    stream: &mut TcpStream,
    answer: fn(&Request, Scheme) -> Response,
    reads: Reads,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let time = match reads {
        Reads::Everything => Duration::from_secs(60),
        _ => Duration::from_secs(10),
    };
    for strike in 1..=4 {
        let mut parser = Parser::default();
        let read = timeout(Duration::from_secs(10), async {
            loop {
                match parser.parse(&input, &HeadLimits::default()) {
                    Ok(Some(head)) => return Some(Ok(head)),
                    Ok(None) => {}
                    Err(error) => return Some(Err(error.response())),
                }
                if !matches!(stream.read_buf(&mut input).await, Ok(1..)) {
                    return None;
                }
            }
        });
        let head = match read.await {
            Ok(None) => return Ok(()),
            Ok(Some(head)) => head,
            Err(_) if input.is_empty() => return Ok(()),
            Err(_) => Err(Response::timed_out()),
        };
        let (mut reply, body) = match head {
            Ok(head) => {
                input.drain(..head.length);
                if reads == Reads::FirstSize
                    && head.body == BodyLength::Chunked
                    && !is_size(stream, &mut input).await?
                {
                    let reply = Error::ChunkSize.response();
                    let method = Some(head.request.method.clone());
                    return stream
                        .write_all(&Reply::refusal(method.as_ref(), reply).encode())
                        .await;
                }
                let response = answer(&head.request, Scheme::Http);
                let (persistence, body) = after(&head, &response, reads);
                let method = Some(head.request.method.clone());
                (Reply { method, response, persistence }, body)
            }
            Err(response) => (Reply::refusal(parser.method(), response), 0),
        };
        if strike == 4 {
            reply.persistence = Persistence::Close;
        }
        let persistence = reply.persistence;
        stream.write_all(&reply.encode()).await?;
        if persistence == Persistence::Close {
            return Ok(());
        }
        let skipped = timeout(time, part5::skip(stream, &mut input, body));
        if !skipped.await.is_ok_and(|skipped| skipped.is_ok_and(|all| all)) {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the connection goes on, and behind how much of a body.
pub fn after(head: &Head, response: &Response, reads: Reads) -> (Persistence, u64) {
    let waits = head.request.headers.all(FieldName::EXPECT).next().is_some();
    match (response.status, head.body) {
        (Status::OK, _) | (_, BodyLength::Chunked) => (Persistence::Close, 0),
        (_, BodyLength::None) => (head.persistence, 0),
        (_, BodyLength::Known(length)) => match reads {
            Reads::Short if length <= 64 * 1024 && !waits => {
                (head.persistence, length)
            }
            Reads::Everything => (head.persistence, length),
            _ => (Persistence::Close, 0),
        },
    }
}

/// 5.5.3: Part 5.5, under these names.
pub fn named(names: &'static [&'static str]) -> Running {
    Running::changed(Stage::Part5_5, Break::Tls(BadTls::Names(names)))
}

/// 5.5.6: a certificate for each name.
pub fn by_name() -> Running {
    let (acceptor, certificates) = part5_5::tests::one_and_two();
    speaking_tls(acceptor, certificates)
}

/// 5.5.3: a certificate for these names that a root has signed.
pub fn signed(names: &[&str]) -> Running {
    let root = Root::new();
    let key = root.certified(names);
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    speaking_tls(TlsAcceptor::from(Arc::new(config)), [root.certificate()])
}

/// 5.5.6: rustls's own way, with one root for both names or one for each.
pub fn by_sni(one_root: bool) -> Running {
    let roots = [Root::new(), Root::new()];
    let second = &roots[if one_root { 0 } else { 1 }];
    let mut resolver = ResolvesServerCertUsingSni::new();
    let key = roots[0].certified(&["one.test", "www.one.test"]);
    resolver.add("one.test", key).unwrap();
    resolver.add("two.test", second.certified(&["two.test"])).unwrap();
    let acceptor = tls::acceptor(Arc::new(resolver), &[b"http/1.1"]).unwrap();
    speaking_tls(acceptor, roots.map(|root| root.certificate()))
}

/// Part 5 behind TLS, and whom to believe about it.
pub fn speaking_tls(
    acceptor: TlsAcceptor,
    believed: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Running {
    let server = Server::start("part5");
    let mut roots = RootCertStore::empty();
    believed.into_iter().for_each(|root| roots.add(root).unwrap());
    let runtime = Runtime::new().unwrap();
    let backend = server.addresses[0];
    let (endpoint, accepting) = listen_tls(&runtime, acceptor, backend);
    let clear = Endpoint { name: backend.to_string(), addresses: vec![backend] };
    let tls = Some(Tls { endpoint, roots });
    let target = Target::new(clear, tls, Duration::from_secs(3));
    Running::new(target, (runtime, accepting, server))
}

/// Somebody who signs certificates.
pub struct Root(CertifiedIssuer<'static, KeyPair>);

impl Root {
    fn new() -> Root {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Root(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// A key and a certificate for it.
    fn certified(&self, names: &[&str]) -> CertifiedKey {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        let leaf = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let chain = vec![leaf.der().clone()];
        CertifiedKey::from_der(chain, key, &default_provider()).unwrap()
    }
}

/// 6.6: a store of files, each kept by `part6::put`.
pub async fn keep_what_is_put(stream: TcpStream) {
    store(stream, Keeps::Whole).await;
}

/// 6.6, wrong: what comes is written where it will stand.
pub async fn write_in_place(stream: TcpStream) {
    store(stream, Keeps::InPlace).await;
}

#[derive(Clone, Copy)]
pub enum Keeps {
    Whole,
    InPlace,
}

/// PUTs and GETs of files in a folder of the process.
pub async fn store(mut stream: TcpStream, keeps: Keeps) {
    static FOLDER: LazyLock<TempDir> =
        LazyLock::new(|| tempfile::tempdir().unwrap());
    let authority = cap_std::ambient_authority();
    let folder = Dir::open_ambient_dir(FOLDER.path(), authority).unwrap();
    let mut input = Vec::new();
    loop {
        let mut parser = Parser::default();
        let head = loop {
            match parser.parse(&input, &HeadLimits::default()) {
                Ok(Some(head)) => break head,
                Ok(None) => {}
                Err(_) => return close(stream, Linger::default()).await,
            }
            if !matches!(stream.read_buf(&mut input).await, Ok(1..)) {
                return close(stream, Linger::default()).await;
            }
        };
        input.drain(..head.length);
        let name = head.request.target.to_string().replace('/', "");
        let name = Path::new(&name);
        let (status, content) = match head.body {
            BodyLength::Known(length) => {
                let length = usize::try_from(length).unwrap();
                let existed = folder.exists(name);
                while input.len() < length {
                    if !matches!(stream.read_buf(&mut input).await, Ok(1..)) {
                        return close(stream, Linger::default()).await;
                    }
                    if let Keeps::InPlace = keeps {
                        folder
                            .write(name, &input[..input.len().min(length)])
                            .unwrap();
                    }
                }
                let content: Vec<u8> = input.drain(..length).collect();
                let mut wanted = head.request.headers.all(FieldName::IF_NONE_MATCH);
                let done = match keeps {
                    Keeps::Whole => {
                        let is_new = wanted.next().is_some();
                        part6::put(&folder, name, &content, is_new).unwrap()
                    }
                    Keeps::InPlace if existed => part6::Put::Replaced,
                    Keeps::InPlace => part6::Put::Created,
                };
                let status = match done {
                    part6::Put::Created => "201 Created",
                    part6::Put::Replaced => "204 No Content",
                    part6::Put::Exists => "412 Precondition Failed",
                };
                (status, Vec::new())
            }
            _ => ("200 OK", folder.read(name).unwrap_or_default()),
        };
        let length = match status {
            "204 No Content" => String::new(),
            _ => format!("Content-Length: {}\r\n", content.len()),
        };
        let head = format!("HTTP/1.1 {status}\r\n{length}\r\n");
        let response = [head.as_bytes(), &content].concat();
        if stream.write_all(&response).await.is_err() {
            return;
        }
    }
}

/// 5.5.7: TLS put around Part 5.
pub fn terminated() -> Running {
    let server = Server::start_with("part5", &[]);
    let folder = tempfile::tempdir().unwrap();
    let minted = Folder::new(folder.path());
    let (identity, _) = minted.identity(std::time::SystemTime::now()).unwrap();
    let acceptor =
        tls::acceptor(identity.resolver(), &[b"http/1.1", b"http/1.0"]).unwrap();
    let runtime = Runtime::new().unwrap();
    let (endpoint, accepting) = listen_tls(&runtime, acceptor, server.addresses[0]);
    let mut target = target(Stage::Part5, &server);
    target.tls = Some(Tls { endpoint, roots: roots(&minted.root()).unwrap() });
    Running::new(target, (runtime, accepting, server, folder))
}

/// TLS taken off on ports of their own, for as long as the tasks are kept.
pub fn listen_tls(
    runtime: &Runtime,
    acceptor: TlsAcceptor,
    backend: SocketAddr,
) -> (Endpoint, JoinSet<()>) {
    let (name, listeners) = runtime.block_on(mutant::listen());
    let listeners = listeners.into_iter().map(|it| it.into_std().unwrap());
    let mut accepting = JoinSet::new();
    let _runtime = runtime.enter();
    part5_5::terminate(&mut accepting, listeners.collect(), acceptor, backend)
        .unwrap();
    (mutant::endpoint(name), accepting)
}
