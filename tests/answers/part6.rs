//! Answers to the exercises of Part 6.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cap_std::fs::Dir;
use rohttp::date;
use rohttp::h1::connection::Connection;
use rohttp::h1::receiving::Received;
use rohttp::h1::{Head, Persistence};
use rohttp::io::buffered::Buffered;
use rohttp::io::close::close;
use rohttp::limits::Limits;
use rohttp::message::{FieldName, FieldValue, Method, Request, Response, Status};
use rohttp::resource::content::{Content, Piece};
use rohttp::site::Site;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;

/// 6.3: the request as it arrived, but for what is nobody's business (RFC 9110 section
/// 9.3.8). What is a secret is not told even to the one who sent it: it may be somebody
/// else's script.
pub fn trace(request: &Request) -> Response<Content> {
    const HTTP: FieldValue = FieldValue::from_static("message/http");
    const SECRET: [FieldName; 3] = [
        FieldName::from_static("Authorization"),
        FieldName::from_static("Cookie"),
        FieldName::from_static("Proxy-Authorization"),
    ];
    let Request { target, version, .. } = request;
    let mut copy = format!("TRACE {target} {version}\r\n").into_bytes();
    let fields = request.headers.iter();
    for (name, value) in fields.filter(|(name, _)| !SECRET.contains(name)) {
        let line = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
        copy.extend(line.concat());
    }
    copy.extend(b"\r\n");
    Response::new(Status::OK, Bytes::from(copy).into())
        .with(FieldName::CONTENT_TYPE, HTTP)
}

/// 6.4: as much of Part 6's driver as it takes to answer.
pub struct Driver<S> {
    io: Buffered<S>,
    connection: Connection,
    limits: Limits,
}

/// That something was done, or why the connection breaks off.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    /// Answers so many requests, of which the last is told that it is.
    async fn run(
        &mut self,
        most: u32,
        answer: impl Fn(&Request) -> Response<Content>,
    ) -> Outcome {
        let mut number = 0;
        while self.connection.is_open() {
            let Some(head) = self.next_request().await? else { break };
            number += 1;
            let persistence = match number == most {
                true => Persistence::Close,
                false => Persistence::KeepAlive,
            };
            self.connection.expect_response(&head)?;
            match is_clock(&head.request) {
                true => self.clock(&head.request, persistence).await?,
                false => {
                    let response = answer(&head.request);
                    self.respond(&head.request, response, persistence)?;
                }
            }
        }
        self.io.flush(self.limits.write).await?;
        Ok(())
    }

    /// Reads the next head; none at the end, or at what is none. Bodies are let by.
    async fn next_request(&mut self) -> Outcome<Option<Head>> {
        loop {
            match self.connection.receive(self.io.input(), &self.limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Some(head));
                }
                Ok((taken, Some(_))) => self.io.consume(taken),
                Ok((taken, None)) => {
                    self.io.consume(taken);
                    // What has come while the rest went out may be all that comes.
                    let has_come = self.io.flush(self.limits.write).await? > 0;
                    if !has_come && self.io.fill(2048).await? == 0 {
                        return Ok(None);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
    }

    /// Writes a response, the content of which is in memory.
    fn respond(
        &mut self,
        request: &Request,
        response: Response<Content>,
        persistence: Persistence,
    ) -> Outcome {
        let method = Some(&request.method);
        let response = response.finish(method, Content::length, &date::now());
        let output = self.io.output();
        let content = self.connection.respond(
            output,
            response,
            Content::length,
            persistence,
        )?;
        let mut content = content.unwrap_or_default();
        while let Some(Piece::Bytes(bytes)) = content.next(usize::MAX) {
            self.connection.data(output, bytes)?;
        }
        Ok(self.connection.end(output)?)
    }
    /// 6.5: five times what time it is, a tenth of a second apart. Nobody knows the
    /// length before the end.
    async fn clock(
        &mut self,
        request: &Request,
        persistence: Persistence,
    ) -> Outcome {
        let response = Response::new(Status::OK, ())
            .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_PLAIN)
            .finish(Some(&request.method), |()| None, &date::now());
        let output = self.io.output();
        self.connection.respond(output, response, |()| None, persistence)?;
        for _ in 0..5 {
            sleep(Duration::from_millis(100)).await;
            let time = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let line = format!("{}\n", time.as_millis());
            self.connection.data(self.io.output(), line.into())?;
            self.io.flush(self.limits.write).await?;
        }
        Ok(self.connection.end(self.io.output())?)
    }
}

fn is_clock(request: &Request) -> bool {
    request.method == Method::Get && request.target.to_string() == "/clock"
}

/// All three: as an answer that listens.
pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let site = Site::default();
    let answer = |request: &Request| match request.method {
        Method::Trace => trace(request),
        _ => site.answer(request),
    };
    serve(stream, answer).await;
}

/// Answers a hundred requests.
pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    answer: impl Fn(&Request) -> Response<Content>,
) {
    let (connection, limits) = (Connection::default(), Limits::default());
    let mut driver = Driver { io: Buffered::new(stream), connection, limits };
    if let Ok(()) = driver.run(100, answer).await {
        close(driver.io.into_stream(), driver.limits.linger).await;
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
