//! Who asked for what: a line a request, in the combined format, which everything
//! that counts visitors can read.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};

use crate::date::imf_fixdate;
use crate::log::has_reader;
use crate::message::{Request, Status, Version};

/// A log that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the access log {path}: {error}")]
pub struct Error {
    /// The file asked for.
    pub path: String,
    /// What the system says.
    pub error: io::Error,
}

/// The access log.
#[derive(Debug)]
pub struct AccessLog {
    path: PathBuf,
    sink: RwLock<Sink>,
}

/// Where lines go: to a file at once, to a reader through a thread.
#[derive(Debug)]
enum Sink {
    File(File),
    Reader(
        NonBlocking,
        #[expect(dead_code, reason = "its end ends the thread")] WorkerGuard,
    ),
}

/// What a line tells.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Who asked.
    pub peer: IpAddr,
    /// What they asked for; none if it was no request.
    pub request: Option<&'a Request>,
    /// What became of it.
    pub status: Status,
    /// How many bytes of content were sent.
    pub length: u64,
    /// When it was answered.
    pub time: SystemTime,
}

impl AccessLog {
    /// Opens a log, to append to it: a path that is relative stays where it is now.
    pub fn open(path: &Path) -> Result<AccessLog, Error> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let sink = RwLock::new(Sink::File(open(&path)?));
        Ok(AccessLog { path, sink })
    }

    /// Opens it again: once the process is the one that serves, since it may take a
    /// thread, and whenever somebody may have moved the file away. If that fails, the
    /// old one is kept.
    pub fn reopen(&self) -> Result<(), Error> {
        let file = open(&self.path)?;
        let sink = match has_reader(&file) {
            false => Sink::File(file),
            true => {
                let (reader, guard) = tracing_appender::non_blocking(file);
                Sink::Reader(reader, guard)
            }
        };
        *self.sink.write().unwrap_or_else(PoisonError::into_inner) = sink;
        Ok(())
    }

    /// Writes a line, in one go. One that can't be written is lost: a full disk must
    /// not stop the server.
    pub fn write(&self, entry: &Entry) {
        let line = entry.line();
        let sink = self.sink.read().unwrap_or_else(PoisonError::into_inner);
        let _ = match &*sink {
            Sink::File(file) => { file }.write_all(line.as_bytes()),
            Sink::Reader(reader, _) => reader.clone().write_all(line.as_bytes()),
        };
    }
}

fn open(path: &Path) -> Result<File, Error> {
    let file = File::options().append(true).create(true).open(path);
    file.map_err(|error| Error { path: path.display().to_string(), error })
}

impl Entry<'_> {
    /// `%h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, as Apache has it.
    fn line(&self) -> String {
        let mut line = String::with_capacity(256);
        let time = imf_fixdate(self.time);
        let time = str::from_utf8(&time).unwrap_or_default();
        // Of "Mon, 27 Jul 1987 00:00:00 GMT".
        let (day, month, year, clock) =
            (&time[5..7], &time[8..11], &time[12..16], &time[17..25]);
        write!(line, "{} - - [{day}/{month}/{year}:{clock} +0000] \"", self.peer)
            .expect("memory takes it");
        match self.request {
            None => line.push('-'),
            Some(request) => {
                let version = match request.version {
                    Version::Http10 => "1.0",
                    Version::Http11 => "1.1",
                };
                let Request { method, target, .. } = request;
                let asked = format!("{method} {target} HTTP/{version}");
                escape(&mut line, asked.as_bytes());
            }
        }
        write!(line, "\" {} {}", self.status.code(), self.length)
            .expect("memory takes it");
        for name in ["Referer", "User-Agent"] {
            let headers = self.request.map(|request| &request.headers);
            let value = headers.and_then(|headers| headers.all(name).next());
            line.push_str(" \"");
            escape(&mut line, value.unwrap_or(b"-"));
            line.push('"');
        }
        line.push('\n');
        line
    }
}

/// Text between quotes: what would end it or is not visible comes as `\xHH`.
fn escape(line: &mut String, text: &[u8]) {
    for &byte in text {
        match byte {
            b' '..=b'~' if byte != b'"' && byte != b'\\' => {
                line.push(char::from(byte));
            }
            _ => write!(line, "\\x{byte:02x}").expect("memory takes it"),
        }
    }
}
