//! What proctor says of exercises: content with the worked answers and with others of
//! another make, and not with the part that an exercise starts from, nor with answers
//! that are wrong.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{self, Ipv6Addr, Shutdown, SocketAddr};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::Dir;
use proctor::exercises::{self, Exercise, Judged};
use proctor::report;
use proctor::run::{self, Done};
use proctor::stage::Stage;
use proctor::target::{Endpoint, Port, Target, Tls, roots};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rohttp::certs::mint::Folder;
use rohttp::date;
use rohttp::h1::{BodyLength, Error, Head, Parser, Persistence};
use rohttp::io::close::{Linger, close};
use rohttp::limits::HeadLimits;
use rohttp::message::{FieldName, Request, Response, Scheme, Status};
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

use super::mutant::{self, BadTls, Break, Mutant, replace};
use super::student::{self, Switch};
use super::{book, masked, read, target};
use crate::answers::{part1, part2, part3, part4, part5, part5_5, part6};
use crate::conversation::answer::{Reply, answer};
use crate::support::Server;

/// Something that listens, for as long as it is kept.
struct Running {
    /// What it is, if that is more than the exercise starts from.
    stage: Option<Stage>,
    target: Target,
    _keeps: Box<dyn Send + Sync>,
}

impl Running {
    fn new(target: Target, keeps: impl Send + Sync + 'static) -> Running {
        Running { stage: None, target, _keeps: Box::new(keeps) }
    }

    /// The same, where these words were said of it before.
    fn said(mut self, words: &str) -> Running {
        self.target.said = words.split(' ').map(str::to_owned).collect();
        self
    }

    /// The same, as an answer from somebody who has come as far as this stage.
    fn at(mut self, stage: Stage) -> Running {
        self.stage = Some(stage);
        self
    }

    /// The same, behind somebody who changes what is said.
    fn behind(self, how: Break) -> Running {
        let patience = self.target.patience;
        let backend = self.target.clear.addresses[0];
        let mutant = Mutant::before(backend, how, patience);
        let mut target = mutant.target.clone();
        target.said.clone_from(&self.target.said);
        Running { stage: self.stage, target, _keeps: Box::new((mutant, self)) }
    }

    /// The same, writing its heads in another style.
    fn dressed(self) -> Running {
        self.behind(Break::Says(in_another_style))
    }

    /// The student's server of a stage, with a switch.
    fn student(stage: Stage, switch: &str) -> Running {
        let name = stage.name();
        let stage = student::Stage::ALL.into_iter().find(|it| it.name() == name);
        let switch = match switch {
            "" => Switch::NONE,
            switch => Switch::named(switch).unwrap(),
        };
        let options = student::Options::default();
        let student = student::start(stage.unwrap(), switch, options).unwrap();
        let endpoint = |address: SocketAddr| Endpoint {
            name: address.to_string(),
            addresses: vec![address],
        };
        let tls = student.tls.map(|address| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), &student.root_ca_pem).unwrap();
            let roots = roots(file.path()).unwrap();
            Tls { endpoint: endpoint(address), roots }
        });
        let patience = Duration::from_secs(3);
        let target = Target::new(endpoint(student.clear), tls, patience);
        Running::new(target, student)
    }

    /// A part of ours under a limit of descriptors.
    fn short(stage: Stage) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let command =
            Server::command_after("ulimit -n 32", stage.name(), folder.path());
        let server = Server::spawn(command, folder);
        Running::new(target(stage, &server), server)
    }

    /// A server that does this with each caller, with blocking calls: a thread for each,
    /// or one at a time.
    fn blocking(threads: bool, converse: fn(net::TcpStream)) -> Running {
        Running::listening(move |listener| {
            let listener = listener.into_std().unwrap();
            listener.set_nonblocking(false).unwrap();
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    match threads {
                        true => _ = thread::spawn(move || converse(stream)),
                        false => converse(stream),
                    }
                }
            });
        })
    }

    /// A server that does this with each of its listeners, to begin with.
    fn listening(begin: impl Fn(TcpListener)) -> Running {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        listeners.into_iter().for_each(begin);
        Running::new(clear(mutant::endpoint(name)), ())
    }

    /// A part of ours, as it is.
    fn part(stage: Stage) -> Running {
        let server = Server::start_with(stage.name(), &[]);
        Running::new(target(stage, &server), server)
    }

    /// A part of ours that is changed.
    fn changed(stage: Stage, how: Break) -> Running {
        let server = Server::start(stage.name());
        let mutant = Mutant::of(&server, how, Duration::from_secs(3));
        Running::new(mutant.target.clone(), (mutant, server))
    }

    /// A server that does this with each caller: a task for each, or one at a time.
    fn of<F>(tasks: bool, converse: fn(TcpStream) -> F) -> Running
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Running::with(|listener| async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let conversation = converse(stream);
                match tasks {
                    true => _ = tokio::spawn(conversation),
                    false => conversation.await,
                }
            }
        })
    }

    /// A server that does this with each of its listeners.
    fn with<F>(serve: impl Fn(TcpListener) -> F) -> Running
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        for listener in listeners {
            runtime.spawn(serve(listener));
        }
        Running::new(clear(mutant::endpoint(name)), runtime)
    }

    /// A server with threads of its own, which do this with the listeners.
    fn without_runtime(
        serve: fn(&[net::TcpListener]) -> io::Result<std::convert::Infallible>,
    ) -> Running {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        let listeners: Vec<net::TcpListener> =
            listeners.into_iter().map(|it| it.into_std().unwrap()).collect();
        thread::spawn(move || serve(&listeners));
        Running::new(clear(mutant::endpoint(name)), ())
    }
}

/// What speaks in the clear alone.
fn clear(endpoint: Endpoint) -> Target {
    Target::new(endpoint, None, Duration::from_secs(3))
}

/// Right answers to an exercise, as servers: the worked one first, if that is a server,
/// and others that were written by somebody else, or look otherwise on the wire.
fn right(number: &str) -> Vec<Running> {
    use Stage::{Part2, Part3, Part4, Part5, Part5_5, Part6};
    let (part, changed, student) =
        (Running::part, Running::changed, Running::student);
    match number {
        "1.3" => vec![
            Running::of(false, |stream| {
                recite_much(stream, Duration::from_secs(1))
            }),
            Running::blocking(false, recite_much_and_block),
            Running::blocking(true, recite_much_and_block),
        ],
        "1.4" => vec![
            Running::of(false, |mut stream| async move {
                let _ = stream.write_all(VERSE.as_bytes()).await;
            }),
            Running::blocking(false, |mut stream| {
                let _ = stream.write_all(VERSE.as_bytes());
                let _ = stream.shutdown(Shutdown::Write);
            }),
            Running::blocking(true, |mut stream| {
                let pieces = VERSE.as_bytes().chunks(100);
                let _ = { pieces }.try_for_each(|piece| stream.write_all(piece));
            }),
        ],
        "1.5" => vec![
            Running::without_runtime(|listeners| {
                loop {
                    let _ = recite(part1::accept_any(listeners)?);
                }
            }),
            of_one_socket(),
            Running::without_runtime(look_at_each_in_turn),
        ],
        "2.1" => vec![
            with_two_workers(),
            student(Part2, "pool-of-four"),
            Running::blocking(false, |mut stream| {
                let _ = stream.write_all(VERSE.as_bytes());
                thread::sleep(Duration::from_secs(1));
            }),
        ],
        "2.2" => {
            vec![Running::short(Part2), student(Part2, "exercise-2.2"), seats(20)]
        }
        "2.3" => vec![
            Running::with(|listener| short_of_seats(listener, 1000, 60_000)),
            student(Part2, "exercise-2.3"),
            Running::with(|listener| short_of_seats(listener, 1000, 1000)),
        ],
        "2.4" => vec![seats(100), student(Part2, "exercise-2.4"), at_one_door(100)],
        "2.5" => vec![
            Running::without_runtime(part2::serve_without_a_runtime),
            part(Part2),
            student(Part2, ""),
        ],
        "3.2" => {
            let said = "1 1 2 2 0";
            vec![
                part(Part3).said(said),
                student(Part3, "").said(said),
                part(Part3).dressed().said(said),
            ]
        }
        "3.3" => vec![
            changed(Part3, Break::Hears(deaf_at_the_start)),
            student(Part3, "").behind(Break::Hears(deaf_at_the_start)),
            student(Part3, "").behind(Break::Hears(deaf_later)),
        ],
        "3.4" => vec![
            changed(Part3, Break::TwoWrites),
            student(Part3, "nagle"),
            student(Part3, "").behind(Break::TwoWrites),
        ],
        "3.5" => vec![
            Running::of(true, junk_get_and_head),
            student(Part3, "exercise-3.5"),
            student(Part3, "exercise-3.5").dressed(),
        ],
        "3.6" => vec![
            Running::of(true, junk_and_verse),
            student(Part3, ""),
            part(Part3).dressed(),
        ],
        "4.2" => vec![
            part(Part4).said("8192"),
            student(Part4, "").said("8192"),
            student(Part4, "head-of-1k").said("1024"),
        ],
        "4.3" => vec![
            changed(Part4, Break::Says(in_utf16)),
            student(Part4, "exercise-4.3"),
            student(Part4, "exercise-4.3").dressed(),
        ],
        "4.4" => vec![
            changed(Part4, Break::Answers(not_modified)),
            student(Part4, "").behind(Break::Answers(not_modified)).dressed(),
            student(Part5, "").behind(Break::Answers(not_modified)).at(Part5),
        ],
        "4.5" => vec![
            changed(Part4, Break::Answers(|head| dated(head, part4::imf_fixdate))),
            student(Part4, "")
                .behind(Break::Answers(|head| dated(head, day_by_day))),
            changed(Part4, Break::Answers(|head| dated(head, day_by_day)))
                .dressed(),
        ],
        "5.1" => {
            let said = "501 200 400 200 505 200 400 405 400";
            vec![
                part(Part5).said(said),
                student(Part5, "").said(said),
                student(Part5, "").dressed().said(said),
            ]
        }
        "5.5" => vec![
            Running::of(true, |stream| {
                exchange(stream, part5::answer_options, Reads::NoBody)
            }),
            student(Part5, "exercise-5.5"),
            student(Part5, "exercise-5.5").dressed(),
        ],
        "5.7" => vec![
            Running::of(true, |stream| exchange(stream, answer, Reads::FirstSize)),
            student(Part5, "exercise-5.7"),
            student(Part5, "exercise-5.7").dressed(),
        ],
        "5.8" => vec![
            Running::of(true, |stream| exchange(stream, answer, Reads::Short)),
            student(Part5, "exercise-5.8"),
            student(Part5, "exercise-5.8").dressed(),
        ],
        "5.5.3" => vec![
            named(&["rohttp.test"]),
            named(&["www.rohttp.test", "rohttp.test"]),
            signed(&["rohttp.test"]),
        ],
        "5.5.6" => vec![by_name(), by_sni(true), by_sni(false)],
        "5.5.7" => vec![terminated(), student(Part5_5, ""), part(Part5_5)],
        "6.1" => {
            let said = "200 412 200 200 304 200";
            vec![
                part(Part6).said(said),
                student(Part6, "").said(said),
                student(Part6, "").dressed().said(said),
            ]
        }
        "6.3" | "6.4" | "6.5" => {
            let switch = format!("exercise-{number}");
            vec![
                Running::of(true, part6::converse),
                student(Part6, &switch),
                student(Part6, &switch).dressed(),
            ]
        }
        "6.6" => vec![
            Running::of(true, keep_what_is_put),
            student(Part6, "exercise-6.6"),
            student(Part6, "exercise-6.6").dressed(),
        ],
        _ => panic!("{number} has no answer that listens"),
    }
}

/// Answers that are wrong, or are none yet, and what must see it.
fn wrong() -> Vec<(&'static str, &'static str, Running, &'static [&'static str])> {
    let part = Running::part;
    vec![
        (
            "1.3",
            "waits for ever",
            Running::of(false, |stream| {
                recite_much(stream, Duration::from_secs(60))
            }),
            &["deaf-caller"],
        ),
        (
            "1.3",
            "too short",
            Running::of(true, |mut stream| async move {
                let _ = stream.write_all(&[b'x'; 100_000]).await;
                close(stream, Linger::default()).await;
            }),
            &["deaf-caller"],
        ),
        ("1.4", "part1", part(Stage::Part1), &["text-is-lost"]),
        (
            "1.5",
            "IPv4 alone",
            Running::changed(Stage::Part1, Break::OneFamily),
            &["both-families"],
        ),
        ("2.1", "part2", part(Stage::Part2), &["nobody-is-left-to-serve"]),
        (
            "2.1",
            "mute",
            Running::changed(Stage::Part2, Break::Mute),
            &["nobody-is-left-to-serve"],
        ),
        ("2.2", "part2", part(Stage::Part2), &["a-shortage-is-survived"]),
        (
            "2.2",
            "the rest turned away",
            Running::with(|listener| turn_the_rest_away(listener, 10)),
            &["a-shortage-is-survived"],
        ),
        ("2.3", "part2", part(Stage::Part2), &["late-after-a-shortage"]),
        (
            "2.3",
            "Go's waits",
            Running::short(Stage::Part2),
            &["late-after-a-shortage"],
        ),
        (
            "2.3",
            "mute",
            Running::changed(Stage::Part2, Break::Mute),
            &["late-after-a-shortage"],
        ),
        ("2.4", "part2", part(Stage::Part2), &["a-hundred-at-once"]),
        ("2.4", "ten at once", seats(10), &["a-hundred-at-once"]),
        (
            "2.4",
            "a hundred for each family",
            Running::with(|listener| {
                serve_of(listener, Arc::new(Semaphore::new(100)))
            }),
            &["a-hundred-at-once"],
        ),
        (
            "2.4",
            "the rest turned away",
            Running::with(|listener| turn_the_rest_away(listener, 50)),
            &["a-hundred-at-once"],
        ),
        ("2.5", "part1", part(Stage::Part1), &["last-come-first-served"]),
        ("3.2", "nothing said", part(Stage::Part3), &["five-pieces-as-said"]),
        (
            "3.2",
            "two of them missed",
            part(Stage::Part3).said("1 2 1 2 0"),
            &["five-pieces-as-said"],
        ),
        ("3.3", "part3", part(Stage::Part3), &["an-h-is-missed"]),
        (
            "3.3",
            "both missed",
            Running::changed(
                Stage::Part3,
                Break::Hears(|bytes| deaf_later(deaf_at_the_start(bytes))),
            ),
            &["an-h-is-missed"],
        ),
        (
            "3.3",
            "HTTP/ is nothing",
            Running::changed(
                Stage::Part3,
                Break::Hears(|bytes| replace(&bytes, b"HTTP/", b"H")),
            ),
            &["an-h-is-missed"],
        ),
        (
            "3.5",
            "part3",
            part(Stage::Part3),
            &["head-is-heard", "http-is-still-found"],
        ),
        ("3.5", "part4", part(Stage::Part4), &["head-is-heard", "heap-is-junk"]),
        ("3.4", "part3", part(Stage::Part3), &["second-answer-is-held"]),
        (
            "3.6",
            "reads once",
            Running::changed(Stage::Part3, Break::ReadsOnce),
            &["get-cut-in-two"],
        ),
        (
            "4.2",
            "a byte less",
            part(Stage::Part4).said("8191"),
            &["longest-head-as-said"],
        ),
        (
            "4.2",
            "a byte more",
            part(Stage::Part4).said("8193"),
            &["longest-head-as-said"],
        ),
        (
            "4.2",
            "no number",
            part(Stage::Part4).said("8K"),
            &["longest-head-as-said"],
        ),
        ("4.3", "part4", part(Stage::Part4), &["utf-16"]),
        (
            "4.3",
            "says so only",
            Running::changed(
                Stage::Part4,
                Break::Says(|bytes| replace(&bytes, b"utf-8", b"UTF-16")),
            ),
            &["utf-16"],
        ),
        ("4.4", "part4", part(Stage::Part4), &["not-modified"]),
        (
            "4.4",
            "304 to whoever asks since when",
            Running::changed(
                Stage::Part4,
                Break::Answers(|head| {
                    let head = head.to_ascii_lowercase();
                    let asks = head.windows(9).any(|bytes| bytes == b"\nif-modif");
                    asks.then(|| b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec())
                }),
            ),
            &["modified-before", "since-no-date"],
        ),
        ("4.5", "part4", part(Stage::Part4), &["calendar"]),
        (
            "4.5",
            "a leap year every four years",
            Running::changed(
                Stage::Part4,
                Break::Answers(|head| {
                    dated(head, |time| {
                        let is_2100 = day_by_day(time).contains(" 2100 ");
                        let early =
                            Duration::from_secs(if is_2100 { 86_400 } else { 0 });
                        day_by_day(time - early)
                    })
                }),
            ),
            &["calendar"],
        ),
        (
            "5.1",
            "one missed",
            part(Stage::Part5).said("405 200 400 200 505 200 400 405 400"),
            &["nine-statuses-as-said"],
        ),
        ("5.5", "part5", part(Stage::Part5), &["options-are-told"]),
        ("5.7", "part5", part(Stage::Part5), &["chunk-sizes"]),
        (
            "5.7",
            "zeros are no size",
            Running::student(Stage::Part5, "exercise-5.7")
                .behind(Break::Hears(|bytes| replace(&bytes, b"00Ff", b"x"))),
            &["chunk-sizes"],
        ),
        ("5.8", "part5", part(Stage::Part5), &["short-body-is-skipped"]),
        (
            "5.8",
            "skips everything, for ever",
            Running::of(true, |stream| exchange(stream, answer, Reads::Everything)),
            &["missing-body-has-a-deadline", "expectation-is-the-end"],
        ),
        ("5.5.3", "part5_5", part(Stage::Part5_5), &["another-name"]),
        (
            "5.5.3",
            "both names",
            named(&["rohttp.test", "localhost"]),
            &["another-name"],
        ),
        ("5.5.6", "one for both", named(&["one.test", "two.test"]), &["two-names"]),
        (
            "5.5.6",
            "for the third too",
            named(&["one.test", "two.test", "three.test"]),
            &["two-names"],
        ),
        (
            "5.5.7",
            "no close_notify",
            Running::changed(Stage::Part5_5, Break::Tls(BadTls::NoNotify)),
            &["close-notify"],
        ),
        (
            "6.1",
            "two missed",
            part(Stage::Part6).said("304 412 412 206 304 416"),
            &["six-statuses-as-said"],
        ),
        (
            "6.6",
            "part6",
            part(Stage::Part6),
            &["first-put-creates", "half-a-put-is-none", "put-is-whole"],
        ),
        (
            "6.6",
            "written in place",
            Running::of(true, write_in_place),
            &["half-a-put-is-none", "put-is-whole"],
        ),
        ("6.3", "part6", part(Stage::Part6), &["traced"]),
        (
            "6.3",
            "tells secrets",
            Running::changed(
                Stage::Part6,
                Break::Answers(|bytes| {
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: message/http\r\n";
                    let length = bytes.len();
                    let head = format!("{head}Content-Length: {length}\r\n\r\n");
                    Some([head.as_bytes(), bytes].concat())
                }),
            ),
            &["traced"],
        ),
        ("6.4", "part6", part(Stage::Part6), &["a-hundred-is-enough"]),
        (
            "6.4",
            "says it to all",
            Running::changed(
                Stage::Part6,
                Break::Says(|bytes| {
                    replace(&bytes, b"Accept-Ranges: bytes", b"Connection: close")
                }),
            ),
            &["a-hundred-is-enough"],
        ),
        ("6.5", "part6", part(Stage::Part6), &["ticks"]),
        (
            "6.5",
            "all at once",
            Running::changed(
                Stage::Part6,
                Break::Answers(|_| {
                    let head =
                        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                    Some([&head[..], b"a\r\n1\n2\n3\n4\n5\n\r\n0\r\n\r\n"].concat())
                }),
            ),
            &["ticks"],
        ),
    ]
}

/// Recites, closes, and waits a second for the caller to have it.
fn recite(mut stream: net::TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(VERSE.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// 1.3: ten megabytes, for whoever takes them in time.
async fn recite_much(mut stream: TcpStream, time: Duration) {
    let all = vec![b'x'; 10_000_000];
    if let Ok(Ok(())) = timeout(time, stream.write_all(&all)).await {
        close(stream, Linger::default()).await;
    }
}

/// 1.3: the same without a runtime.
fn recite_much_and_block(mut stream: net::TcpStream) {
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
fn of_one_socket() -> Running {
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
fn look_at_each_in_turn(listeners: &[net::TcpListener]) -> io::Result<Infallible> {
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
fn with_two_workers() -> Running {
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
    Running::new(clear(mutant::endpoint(name)), runtime)
}

/// 2.4: a seat for so many callers, whichever address they call.
fn seats(most: usize) -> Running {
    let seats = Arc::new(Semaphore::new(most));
    Running::with(move |listener| serve_of(listener, seats.clone()))
}

fn serve_of(
    listener: TcpListener,
    seats: Arc<Semaphore>,
) -> impl Future<Output = ()> {
    part2::serve(listener, seats, |mut stream| async move {
        let _ = stream.write_all(VERSE.as_bytes()).await;
        close(stream, Linger::default()).await;
    })
}

/// 2.4: one loop for both families, which takes a seat and then whoever comes first.
fn at_one_door(most: usize) -> Running {
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
async fn short_of_seats(listener: TcpListener, first: u64, longest: u64) {
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
async fn turn_the_rest_away(listener: TcpListener, most: usize) {
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
fn deaf_at_the_start(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.starts_with(b"HTTP/") || bytes.starts_with(b"GEHTTP/") {
        true => replace(&bytes, b"HTTP/", b"_TTP/"),
        false => bytes,
    }
}

/// 3.3: without the arm that finds an H where another beginning broke off.
fn deaf_later(bytes: Vec<u8>) -> Vec<u8> {
    let bytes = replace(&bytes, b"HHTTP/", b"HHTTP_");
    replace(&bytes, b"HTHTTP/", b"HTHTTP_")
}

/// 3.5: Part 3, with a machine that knows HEAD.
async fn junk_get_and_head(mut stream: TcpStream) {
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
async fn junk_and_verse(stream: TcpStream) {
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
fn in_utf16(bytes: Vec<u8>) -> Vec<u8> {
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
fn not_modified(head: &[u8]) -> Option<Vec<u8>> {
    let modified = httpdate::parse_http_date("Mon, 27 Jul 1987 00:00:00 GMT");
    part4::is_fresh(head, modified.unwrap()).then(|| {
        let date = date::now();
        let date = str::from_utf8(&date).unwrap();
        let head = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nDate: ";
        format!("{head}{date}\r\n\r\n").into_bytes()
    })
}

/// 4.5: Part 4's response, with the time that is asked for as Last-Modified.
fn dated(head: &[u8], imf_fixdate: fn(SystemTime) -> String) -> Option<Vec<u8>> {
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
fn day_by_day(time: SystemTime) -> String {
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
fn in_another_style(bytes: Vec<u8>) -> Vec<u8> {
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
async fn is_size(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<bool> {
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
enum Reads {
    NoBody,
    /// The first line of one that comes in chunks.
    FirstSize,
    /// Those of up to 64 KiB whose senders don't wait for a yes.
    Short,
    /// All, however long it takes.
    Everything,
}

/// Part 5, with another answer, and with bodies read past.
async fn exchange(
    mut stream: TcpStream,
    answer: fn(&Request, Scheme) -> Response,
    reads: Reads,
) {
    if let Ok(()) = exchange_all(&mut stream, answer, reads).await {
        close(stream, Linger::default()).await;
    }
}

async fn exchange_all(
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
fn after(head: &Head, response: &Response, reads: Reads) -> (Persistence, u64) {
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
fn named(names: &'static [&'static str]) -> Running {
    Running::changed(Stage::Part5_5, Break::Tls(BadTls::Names(names)))
}

/// 5.5.6: a certificate for each name.
fn by_name() -> Running {
    let (acceptor, certificates) = part5_5::tests::one_and_two();
    speaking_tls(acceptor, certificates)
}

/// 5.5.3: a certificate for these names that a root has signed.
fn signed(names: &[&str]) -> Running {
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
fn by_sni(one_root: bool) -> Running {
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
fn speaking_tls(
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
struct Root(CertifiedIssuer<'static, KeyPair>);

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
async fn keep_what_is_put(stream: TcpStream) {
    store(stream, Keeps::Whole).await;
}

/// 6.6, wrong: what comes is written where it will stand.
async fn write_in_place(stream: TcpStream) {
    store(stream, Keeps::InPlace).await;
}

#[derive(Clone, Copy)]
enum Keeps {
    Whole,
    InPlace,
}

/// PUTs and GETs of files in a folder of the process.
async fn store(mut stream: TcpStream, keeps: Keeps) {
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
fn terminated() -> Running {
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
fn listen_tls(
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

/// All that comes of holding a server to an exercise, but for what takes long and is
/// the stage's, and what looks at a process. Of the stage's checks, those are made that
/// an answer is all about, or all of them for the worked one.
fn examine(
    exercise: &'static Exercise,
    running: &Running,
    is_worked: bool,
) -> Vec<Done> {
    let target = &running.target;
    let stage = running.stage.unwrap_or(exercise.stage);
    let own: BTreeSet<&str> = exercise.own().iter().map(|it| it.id).collect();
    let checks = exercise
        .checks_at(stage)
        .filter(|check| own.contains(check.id) || is_worked || own.is_empty())
        .filter(|check| !check.is_slow() || own.contains(check.id))
        .filter(|check| !check.is_alone());
    let plan = run::plan(target.ports(), checks);
    super::made(target, stage, &plan, exercise.jobs())
}

fn checked() -> impl Iterator<Item = &'static Exercise> {
    exercises::all().filter(|it| !matches!(it.judged, Judged::ByHand(_)))
}

/// Different answers may be right: what is checked is what was asked, and no more.
#[test]
fn right_answers_of_every_shape_are_right() {
    let complaints = beside_each_other(checked().collect(), |exercise| {
        let number = exercise.number;
        let answers = right(number);
        assert!(answers.len() >= 3, "{number} has no three right answers");
        let complaints = answers.iter().enumerate().flat_map(|(index, running)| {
            let done = examine(exercise, running, index == 0);
            let failed = done.into_iter().filter(|done| done.failure().is_some());
            let complaint = move |done: Done| {
                let report = report::failure(&running.target, &done, ("", ""));
                format!("{number}, {index}: {report}")
            };
            failed.map(complaint)
        });
        complaints.collect::<String>()
    });
    assert_eq!(complaints.concat(), "");
}

/// Does something with each of some things, a few at a time: more would wait for each
/// other, and that would be taken for silence.
fn beside_each_other<T: Send, R: Send>(
    things: Vec<T>,
    each: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    const SIDE_BY_SIDE: usize = 4;
    let results: Vec<_> = things.iter().map(|_| Mutex::new(None)).collect();
    let rest = Mutex::new(things.into_iter().zip(&results));
    let next = || rest.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((thing, result)) = next() {
                    *result.lock().unwrap() = Some(each(thing));
                }
            });
        }
    });
    results.into_iter().map(|it| it.into_inner().unwrap().unwrap()).collect()
}

/// Most of what is done can be seen from outside, whoever wrote it.
#[test]
fn two_exercises_in_three_have_a_check() {
    let (all, checked) = (exercises::all().count(), checked().count());
    assert!(3 * checked >= 2 * all, "{checked} of {all}");
}

#[test]
fn wrong_answers_are_seen_through() {
    let wrong = wrong();
    let seen: BTreeSet<&str> = wrong.iter().flat_map(|it| it.3).copied().collect();
    let own = exercises::all().flat_map(Exercise::own);
    let unseen: Vec<&str> =
        own.map(|check| check.id).filter(|id| !seen.contains(id)).collect();
    assert_eq!(unseen, [""; 0], "checks that no wrong answer fails");
    for exercise in checked() {
        let number = exercise.number;
        assert!(wrong.iter().any(|it| it.0 == number), "no wrong {number}");
    }
    let messages = beside_each_other(wrong, |wrong| see_through(&wrong));
    insta::assert_snapshot!("exercise_messages", messages.join("\n"));
}

fn see_through(
    (number, name, running, seen_by): &(&str, &str, Running, &[&str]),
) -> String {
    let exercise = exercises::all().find(|it| it.number == *number).unwrap();
    let mut text = format!("# {number}, {name}\n");
    for id in *seen_by {
        let check = exercise.checks().find(|check| check.id == *id).unwrap();
        let port = match check.is_about(Port::Clear) {
            true => Port::Clear,
            false => Port::Tls,
        };
        let done = run::one(&running.target, exercise.stage, check, port);
        assert!(done.outcome.is_err(), "{number}, {name}: {id} accepts it");
        text += "\n";
        text += &masked(&report::failure(&running.target, &done, ("", "")));
    }
    text
}

/// Each exercise of the chapters is here, and each that is here is in them; and a
/// chapter says which of them can be asked about.
#[test]
fn each_exercise_of_the_book_says_how_it_is_judged() {
    let mut of_book = Vec::new();
    let starts = regex::Regex::new(r"(?m)^\*\*([\d.]+)\*\* \(").unwrap();
    for stage in Stage::all() {
        let name = stage.part().pages.last().unwrap().replace(".html", ".md");
        let text = read(&book().join(&name));
        let page = text.split_once("\n## Exercises\n");
        let page = page.and_then(|(_, page)| page.split_once("\n## "));
        let (page, _) = page.unwrap_or_else(|| {
            panic!("{name} lacks ## Exercises with a section behind them")
        });
        let starts: Vec<_> = starts.captures_iter(page).collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts
                .get(index + 1)
                .map_or(page.len(), |next| next.get(0).unwrap().start());
            let text = &page[start.get(0).unwrap().start()..end];
            of_book.push((stage, start[1].to_owned(), text.to_owned()));
        }
    }
    let ours: Vec<_> =
        exercises::all().map(|it| (it.stage, it.number.to_owned())).collect();
    let theirs: Vec<_> = of_book.iter().map(|it| (it.0, it.1.clone())).collect();
    assert_eq!(ours, theirs);
    for (exercise, (_, number, text)) in exercises::all().zip(of_book) {
        let asked = format!("--exercise {number}");
        let says =
            [" ", "`", ","].iter().any(|end| text.contains(&(asked.clone() + end)));
        let asks = !matches!(exercise.judged, Judged::ByHand(_));
        assert_eq!(says, asks, "{number}: is proctor to be asked, or not?");
        assert!(text.contains("*You are right when*"), "{number}");
    }
}
