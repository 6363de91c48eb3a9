//! What proctor says of exercises: content with the worked answers, and not with the
//! part that an exercise starts from, nor with answers that are wrong.

use std::collections::BTreeSet;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use proctor::exercises::{self, Exercise, Judged};
use proctor::report;
use proctor::run::{self, Done};
use proctor::stage::Stage;
use proctor::target::{Endpoint, Port, Target, Tls, roots};
use rohttp::certs::mint::Folder;
use rohttp::date;
use rohttp::h1::{BodyLength, Head, Parser, Persistence};
use rohttp::io::close::{Linger, close};
use rohttp::limits::HeadLimits;
use rohttp::message::{FieldName, Request, Response, Scheme, Status};
use rohttp::net::tls;
use rohttp::verse::VERSE;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;

use super::mutant::{self, BadTls, Break, Mutant, replace};
use super::{book, masked, read, target};
use crate::answers::{part1, part2, part3, part4, part5, part5_5, part6};
use crate::conversation::answer::{Reply, answer};
use crate::support::Server;

/// Something that listens, for as long as it is kept.
struct Running {
    target: Target,
    _keeps: Box<dyn Send + Sync>,
}

impl Running {
    /// A part of ours, as it is.
    fn part(stage: Stage) -> Running {
        let server = Server::start_with(stage.name(), &[]);
        Running { target: target(stage, &server), _keeps: Box::new(server) }
    }

    /// A part of ours that is changed.
    fn changed(stage: Stage, how: Break) -> Running {
        let server = Server::start(stage.name());
        let mutant = Mutant::of(&server, how, Duration::from_secs(3));
        let target = mutant.target.clone();
        Running { target, _keeps: Box::new((mutant, server)) }
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
        let target =
            Target::new(mutant::endpoint(name), None, Duration::from_secs(3));
        Running { target, _keeps: Box::new(runtime) }
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
        let target =
            Target::new(mutant::endpoint(name), None, Duration::from_secs(3));
        Running { target, _keeps: Box::new(()) }
    }
}

/// The answer to an exercise, as a server.
fn right(number: &str) -> Running {
    match number {
        "1.3" => {
            Running::of(false, |stream| recite_much(stream, Duration::from_secs(1)))
        }
        "1.4" => Running::of(false, |mut stream| async move {
            let _ = stream.write_all(VERSE.as_bytes()).await;
        }),
        "1.5" => Running::without_runtime(|listeners| {
            loop {
                let _ = recite(part1::accept_any(listeners)?);
            }
        }),
        "2.4" => Running::with(|listener| {
            part2::serve(listener, 100, |mut stream| async move {
                let _ = stream.write_all(VERSE.as_bytes()).await;
                close(stream, Linger::default()).await;
            })
        }),
        "2.5" => Running::without_runtime(part2::serve_without_a_runtime),
        "3.4" => Running::changed(Stage::Part3, Break::TwoWrites),
        "3.6" => Running::of(true, junk_and_verse),
        "4.3" => Running::changed(Stage::Part4, Break::Says(in_utf16)),
        "4.4" => Running::changed(Stage::Part4, Break::Answers(not_modified)),
        "5.5" => Running::of(true, |stream| {
            exchange(stream, part5::answer_options, Skips::Nothing)
        }),
        "5.8" => Running::of(true, |stream| exchange(stream, answer, Skips::Short)),
        "5.5.3" => named(&["rohttp.test"]),
        "5.5.6" => by_name(),
        "5.5.7" => terminated(),
        "6.3" | "6.4" | "6.5" => Running::of(true, part6::converse),
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
        ("2.4", "part2", part(Stage::Part2), &["a-hundred-at-once"]),
        (
            "2.4",
            "ten at once",
            Running::with(|listener| {
                part2::serve(listener, 10, |mut stream| async move {
                    let _ = stream.write_all(VERSE.as_bytes()).await;
                    close(stream, Linger::default()).await;
                })
            }),
            &["a-hundred-at-once"],
        ),
        (
            "2.4",
            "the rest turned away",
            Running::with(turn_the_rest_away),
            &["a-hundred-at-once"],
        ),
        ("2.5", "part1", part(Stage::Part1), &["last-come-first-served"]),
        ("3.4", "part3", part(Stage::Part3), &["second-answer-is-held"]),
        (
            "3.6",
            "reads once",
            Running::changed(Stage::Part3, Break::ReadsOnce),
            &["get-cut-in-two"],
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
        ("5.5", "part5", part(Stage::Part5), &["options-are-told"]),
        ("5.8", "part5", part(Stage::Part5), &["short-body-is-skipped"]),
        (
            "5.8",
            "skips everything, for ever",
            Running::of(true, |stream| exchange(stream, answer, Skips::Everything)),
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

/// 2.4, wrong: who finds no seat is shown the door.
async fn turn_the_rest_away(listener: TcpListener) {
    let seats = Arc::new(Semaphore::new(100));
    while let Ok((mut stream, _)) = listener.accept().await {
        let Ok(seat) = seats.clone().try_acquire_owned() else { continue };
        tokio::spawn(async move {
            let _ = stream.write_all(VERSE.as_bytes()).await;
            close(stream, Linger::default()).await;
            drop(seat);
        });
    }
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

/// Which bodies are read past.
#[derive(Clone, Copy, PartialEq)]
enum Skips {
    Nothing,
    /// Those of up to 64 KiB whose senders don't wait for a yes.
    Short,
    /// All, however long it takes.
    Everything,
}

/// Part 5, with another answer, and with bodies read past.
async fn exchange(
    mut stream: TcpStream,
    answer: fn(&Request, Scheme) -> Response,
    skips: Skips,
) {
    if let Ok(()) = exchange_all(&mut stream, answer, skips).await {
        close(stream, Linger::default()).await;
    }
}

async fn exchange_all(
    stream: &mut TcpStream,
    answer: fn(&Request, Scheme) -> Response,
    skips: Skips,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let time = match skips {
        Skips::Everything => Duration::from_secs(60),
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
                let response = answer(&head.request, Scheme::Http);
                let (persistence, body) = after(&head, &response, skips);
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
fn after(head: &Head, response: &Response, skips: Skips) -> (Persistence, u64) {
    let waits = head.request.headers.all(FieldName::EXPECT).next().is_some();
    match (response.status, head.body) {
        (Status::OK, _) | (_, BodyLength::Chunked) => (Persistence::Close, 0),
        (_, BodyLength::None) => (head.persistence, 0),
        (_, BodyLength::Known(length)) => match skips {
            Skips::Short if length <= 64 * 1024 && !waits => {
                (head.persistence, length)
            }
            Skips::Everything => (head.persistence, length),
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
    let server = Server::start("part5");
    let (acceptor, certificates) = part5_5::tests::one_and_two();
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).unwrap();
    }
    let runtime = Runtime::new().unwrap();
    let clear = server.addresses[0];
    let (tls, accepting) = listen_tls(&runtime, acceptor, clear);
    let target = Target::new(
        Endpoint { name: clear.to_string(), addresses: vec![clear] },
        Some(Tls { endpoint: tls, roots }),
        Duration::from_secs(3),
    );
    Running { target, _keeps: Box::new((runtime, accepting, server)) }
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
    Running { target, _keeps: Box::new((runtime, accepting, server, folder)) }
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
/// the stage's, and what looks at a process.
fn examine(exercise: &'static Exercise, target: &Target) -> Vec<Done> {
    let own: BTreeSet<&str> = exercise.own().iter().map(|it| it.id).collect();
    let checks = exercise
        .checks()
        .filter(|check| !check.is_slow() || own.contains(check.id))
        .filter(|check| !check.is_alone());
    let plan = run::plan(target.ports(), checks);
    super::made(target, exercise.stage, &plan, exercise.jobs())
}

fn checked() -> impl Iterator<Item = &'static Exercise> {
    exercises::all().filter(|it| !matches!(it.judged, Judged::ByHand(_)))
}

#[test]
fn the_worked_answers_are_right() {
    thread::scope(|scope| {
        for exercise in checked() {
            scope.spawn(|| {
                let number = exercise.number;
                let running = right(number);
                let target = &running.target;
                let failed: Vec<String> = examine(exercise, target)
                    .iter()
                    .filter(|done| done.outcome.is_err())
                    .map(|done| report::failure(target, done, ("", "")))
                    .collect();
                assert!(failed.is_empty(), "{number}: {}", failed.join("\n"));
            });
        }
    });
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
    let messages: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> =
            wrong.iter().map(|wrong| scope.spawn(|| see_through(wrong))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
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
        let says = text.contains(&format!("--exercise {number}`"));
        let asks = !matches!(exercise.judged, Judged::ByHand(_));
        assert_eq!(says, asks, "{number}: is proctor to be asked, or not?");
        assert!(text.contains("*You are right when*"), "{number}");
    }
}
