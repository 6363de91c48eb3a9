//! Answers to the exercises of Part 6.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::Dir;
use rohttp::content::Content;
use rohttp::date;
use rohttp::h1::connection::{Received, Sending};
use rohttp::h1::{Body, Connection};
use rohttp::message::{
    FieldName, FieldValue, Headers, Method, Request, Response, Status, Target,
    Version,
};
use rohttp::site::{Site, Via};
use rohttp::wire::Wire;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;

/// Reads the next request; none at the end, or at what is none. Bodies are let by.
pub async fn next<S>(wire: &mut Wire<S>) -> io::Result<Option<Request>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let read = wire.receive(|received, _, _| match received {
            Received::Head(head) => Some(head.request),
            Received::Data(_) | Received::End(_) => None,
        });
        match read {
            Err(_) => return Ok(None),
            Ok(Some(Some(request))) => return Ok(Some(request)),
            Ok(Some(None)) => {}
            Ok(None) => {
                wire.flush().await?;
                if wire.read().await? == 0 {
                    return Ok(None);
                }
            }
        }
    }
}

/// 6.3: the request as it arrived, but for what is nobody's business (RFC 9110 section
/// 9.3.8). What is a secret is not told even to the one who sent it: it may be somebody
/// else's script.
pub fn trace(request: &Request) -> Response<Content> {
    const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");
    const HTTP: FieldValue = FieldValue::from_static("message/http");
    const SECRET: [&str; 3] = ["Authorization", "Cookie", "Proxy-Authorization"];
    let version = match request.version {
        Version::Http10 => "1.0",
        Version::Http11 => "1.1",
    };
    let mut copy =
        format!("TRACE {} HTTP/{version}\r\n", request.target).into_bytes();
    let fields = request.headers.iter();
    for (name, value) in
        fields.filter(|(name, _)| !SECRET.iter().any(|it| name.is(it)))
    {
        let line = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
        copy.extend(line.concat());
    }
    copy.extend(b"\r\n");
    let headers = Headers::default();
    let response = Response { status: Status::OK, headers, body: copy.into() };
    response.with(CONTENT_TYPE, HTTP)
}

/// 6.4: answers so many requests, of which the last is told that it is.
pub async fn at_most<S>(
    wire: &mut Wire<S>,
    most: u32,
    answer: impl Fn(&Request) -> Response<Content>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for number in 1..=most {
        let Some(request) = next(wire).await? else { break };
        wire.send(|sending, _| sending.owe(&request));
        if is_clock(&request) {
            clock(wire, &request).await?;
        } else {
            let connection = match number == most {
                true => Connection::Close,
                false => Connection::Open,
            };
            let Response { status, headers, body } = answer(&request);
            let length = Body::Length(body.length());
            let head = Response { status, headers, body: () };
            wire.send(|it, output| {
                it.respond(output, head, length, connection, &date::now())
            });
            wire.send_content(body, &mut 0).await?;
        }
        if wire.sending == Sending::Closed {
            break;
        }
    }
    wire.flush().await
}

fn is_clock(request: &Request) -> bool {
    let is_path = |target: &Target| target.to_string() == "/clock";
    request.method == Method::Get && is_path(&request.target)
}

/// 6.5: five times what time it is, a tenth of a second apart. Nobody knows the length
/// before the end; HTTP/1.0, which has no chunks, waits until somebody does.
pub async fn clock<S>(wire: &mut Wire<S>, request: &Request) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let tick = async || {
        sleep(Duration::from_millis(100)).await;
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        format!("{}\n", time.as_millis())
    };
    let head =
        || Response { status: Status::OK, headers: Headers::default(), body: () };
    let date = date::now();
    if request.version == Version::Http10 {
        let mut ticks = String::new();
        for _ in 0..5 {
            ticks += &tick().await;
        }
        let length = Body::Length(ticks.len() as u64);
        wire.send(|it, output| {
            it.respond(output, head(), length, Connection::Open, &date)
        });
        wire.send(|it, output| it.content(output, ticks.as_bytes()));
        return wire.flush().await;
    }
    wire.send(|it, output| {
        it.respond(output, head(), Body::Chunked, Connection::Open, &date)
    });
    for _ in 0..5 {
        let tick = tick().await;
        wire.send(|it, output| it.content(output, tick.as_bytes()));
        wire.flush().await?;
    }
    wire.send(Sending::end);
    wire.flush().await
}

/// All three: as an answer that listens.
pub async fn converse<S>(stream: S, via: Via)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let site = Site::default();
    let answer = |request: &Request| match request.method {
        Method::Trace => trace(request),
        _ => site.answer(request, via),
    };
    let mut wire = Wire::new(stream);
    if let Ok(()) = at_most(&mut wire, 100, answer).await {
        rohttp::close::close(wire.into_stream()).await;
    }
}

/// 6.6: what has become of a PUT.
#[derive(Debug, PartialEq, Eq)]
pub enum Put {
    /// There was nothing of that name: 201.
    Created,
    /// There was, and it is gone: 204.
    Replaced,
    /// There was, and the client wanted that there be none: 412.
    Exists,
}

/// 6.6: keeps what came under a name; with `new`, if nothing has it. Nobody ever finds
/// half of it there.
pub fn put(folder: &Dir, name: &Path, bytes: &[u8], new: bool) -> io::Result<Put> {
    // Hidden, so that it is not served: and of this process and thread alone.
    let draft =
        format!(".{}-{:?}", std::process::id(), std::thread::current().id());
    let written = folder.create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let kept = written.and_then(|()| match new {
        // A link fails where there is something, in one step with finding out.
        true => match folder.hard_link(&draft, folder, name) {
            Ok(()) => Ok(Put::Created),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Put::Exists)
            }
            Err(error) => Err(error),
        },
        false => {
            let existed = folder.exists(name);
            folder.rename(&draft, folder, name)?;
            Ok(if existed { Put::Replaced } else { Put::Created })
        }
    });
    // After a rename it is gone already.
    let _ = folder.remove_file(&draft);
    kept
}

#[test]
fn of_many_who_would_be_first_one_is_and_nobody_sees_half() {
    let folder = tempfile::tempdir().unwrap();
    let authority = cap_std::ambient_authority();
    let dir = Dir::open_ambient_dir(folder.path(), authority).unwrap();
    let name = Path::new("a.txt");
    let outcomes: Vec<Put> = std::thread::scope(|scope| {
        let dir = &dir;
        let writers = (0..8).map(|number| {
            scope.spawn(move || {
                let bytes = [b'0' + number; 100_000];
                let outcome = put(dir, name, &bytes, true).unwrap();
                let seen = dir.read(name).unwrap();
                assert!(
                    seen.len() == bytes.len()
                        && seen.iter().all(|it| *it == seen[0])
                );
                outcome
            })
        });
        let writers: Vec<_> = writers.collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let created = outcomes.iter().filter(|it| **it == Put::Created).count();
    assert_eq!((created, outcomes.len()), (1, 8), "{outcomes:?}");
    assert_eq!(put(&dir, name, b"new", false).unwrap(), Put::Replaced);
    assert_eq!(put(&dir, Path::new("b.txt"), b"b", false).unwrap(), Put::Created);
    assert_eq!(dir.read(name).unwrap(), b"new");
    assert!(put(&dir, Path::new("../c.txt"), b"c", false).is_err());
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["a.txt", "b.txt"], "no drafts are left");
}
