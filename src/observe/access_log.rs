//! Who asked for what: a line a request, in the combined format, which everything
//! that counts visitors can read.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};

use super::log::{self, has_reader};
use super::record::{Asked, Observer, Record};
use crate::date::imf_fixdate;
use crate::message::{FieldName, Request};

/// A log that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the access log {path}: {error}")]
pub struct AccessLogError {
    /// The file asked for.
    pub path: String,
    /// What the system says.
    #[source]
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

impl AccessLog {
    /// Opens a log, to append to it: a path that is relative stays where it is now.
    /// [`AccessLog::start`] it once the process is the one that serves.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn open(path: &Path) -> Result<AccessLog, AccessLogError> {
        let path = match path.to_str() {
            Some("-") => path.to_owned(),
            _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        };
        let sink = RwLock::new(Sink::File(open(&path)?));
        Ok(AccessLog { path, sink })
    }

    /// Hands what has somebody who reads along to a thread.
    pub fn start(&self) {
        let mut sink = self.sink.write().unwrap_or_else(PoisonError::into_inner);
        if let Sink::File(file) = &*sink
            && has_reader(file)
            && let Ok(file) = file.try_clone()
        {
            *sink = Sink::to(file);
        }
    }

    /// Opens it again: somebody may have moved the file away. If that fails, the old
    /// one is kept.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn reopen(&self) -> Result<(), AccessLogError> {
        let new = Sink::to(open(&self.path)?);
        let mut sink = self.sink.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *sink, new);
        drop(sink);
        // What is still waiting to be written is waited for by nobody.
        drop(old);
        Ok(())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Sink {
    /// The way to a file, or to whoever reads from it.
    fn to(file: File) -> Sink {
        if !has_reader(&file) {
            return Sink::File(file);
        }
        let (reader, guard) = tracing_appender::non_blocking(file);
        Sink::Reader(reader, guard)
    }
}

impl Observer for AccessLog {
    /// Writes a line, in one go. One that can't be written is lost: a full disk must
    /// not stop the server.
    fn observe(&self, record: &Record) {
        let line = line(record);
        let sink = self.sink.read().unwrap_or_else(PoisonError::into_inner);
        let _ = match &*sink {
            Sink::File(file) => { file }.write_all(line.as_bytes()),
            Sink::Reader(reader, _) => reader.clone().write_all(line.as_bytes()),
        };
    }
}

fn open(path: &Path) -> Result<File, AccessLogError> {
    let path_of =
        |error| AccessLogError { path: path.display().to_string(), error };
    log::open(path).map_err(path_of)
}

/// The most that is shown of what was no request.
const SHOWN: usize = 200;

/// `%h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, as Apache has it.
fn line(record: &Record) -> String {
    let mut line = String::with_capacity(256);
    let time = imf_fixdate(record.time);
    let time = str::from_utf8(&time).unwrap_or_default();
    // Of "Mon, 27 Jul 1987 00:00:00 GMT".
    let (day, month, year, clock) =
        (&time[5..7], &time[8..11], &time[12..16], &time[17..25]);
    let peer = record.arrival.peer.ip();
    write!(line, "{peer} - - [{day}/{month}/{year}:{clock} +0000] \"")
        .expect("memory takes it");
    let headers = match record.asked {
        Asked::Line(b"") => {
            line.push('-');
            None
        }
        Asked::Line(text) => {
            escape(&mut line, text.get(..SHOWN).unwrap_or(text));
            None
        }
        Asked::Request(Request { method, target, version, headers, .. }) => {
            let asked = format!("{method} {target} {version}");
            escape(&mut line, asked.as_bytes());
            Some(headers)
        }
    };
    write!(line, "\" {} {}", record.status.code(), record.sent)
        .expect("memory takes it");
    for name in [FieldName::REFERER, FieldName::USER_AGENT] {
        let value = headers.and_then(|headers| headers.all(name).next());
        line.push_str(" \"");
        escape(&mut line, value.unwrap_or(b"-"));
        line.push('"');
    }
    line.push('\n');
    line
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
