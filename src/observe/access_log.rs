//! Who asked for what: a line a request, in the combined format, which everything
//! that counts visitors can read.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use tracing::warn;
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};

use super::lines::LineFile;
use super::log::{self, has_reader};
use super::record::{Asked, Observer, Record};
use crate::date::imf_fixdate;
use crate::io::threads::ThreadError;
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
    line: Line,
}

/// What makes a line of a record.
pub type Line = fn(&Record) -> String;

/// Where lines go: to a file at once, to a reader through a thread.
#[derive(Debug)]
enum Sink {
    File(LineFile),
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
        let sink = RwLock::new(Sink::File(LineFile::new(open(&path)?)));
        Ok(AccessLog { path, sink, line: combined })
    }

    /// Hands what has somebody who reads along to a thread.
    ///
    /// # Errors
    /// If the system lets no thread start.
    pub fn start(&self) -> Result<(), ThreadError> {
        let mut sink = self.sink.write().unwrap_or_else(PoisonError::into_inner);
        if let Sink::File(file) = &*sink
            && has_reader(file.file())
            && let Ok(file) = file.file().try_clone()
        {
            *sink = Sink::to(file)?;
        }
        Ok(())
    }

    /// Opens it again: somebody may have moved the file away. If that fails, the old
    /// one is kept; so is a standard stream, which nobody can move.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn reopen(&self) -> Result<(), AccessLogError> {
        if log::is_stream(&self.path) {
            return Ok(());
        }
        let new = Sink::to(open(&self.path)?).map_err(|error| AccessLogError {
            path: self.path.display().to_string(),
            error: io::Error::other(error),
        })?;
        let mut sink = self.sink.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *sink, new);
        drop(sink);
        // What is still waiting to be written is waited for by nobody.
        drop(old);
        Ok(())
    }

    /// The same with lines of another kind.
    pub fn with_lines(mut self, line: Line) -> AccessLog {
        self.line = line;
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Sink {
    /// The way to a file, or to whoever reads from it.
    fn to(file: File) -> Result<Sink, ThreadError> {
        if !has_reader(&file) {
            return Ok(Sink::File(LineFile::new(file)));
        }
        let (reader, guard) = log::hand_over(file)?;
        Ok(Sink::Reader(reader, guard))
    }

    /// Writes a line. One that can't be written is lost.
    fn write(&self, line: &str) {
        match self {
            Sink::Reader(reader, _) => {
                _ = reader.clone().write_all(line.as_bytes())
            }
            Sink::File(file) => file.append(line.as_bytes(), |error| {
                warn!("the access log cannot be written: {error}");
            }),
        }
    }
}

impl Observer for AccessLog {
    /// Writes a line: a full disk must not stop the server.
    fn observe(&self, record: &Record) {
        let sink = self.sink.read().unwrap_or_else(PoisonError::into_inner);
        sink.write(&(self.line)(record));
    }
}

fn open(path: &Path) -> Result<File, AccessLogError> {
    let path_of =
        |error| AccessLogError { path: path.display().to_string(), error };
    log::open(path).map_err(path_of)
}

/// The most that is shown of what was asked, and of another field, in bytes: with all
/// of it a line has less than 4 KiB, which a pipe takes whole or not at all.
const ASKED: usize = 2000;
const FIELD: usize = 900;

/// `%h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, as Apache has it.
fn combined(record: &Record) -> String {
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
            escape(&mut line, text, ASKED);
            None
        }
        Asked::Request(Request { method, target, version, headers, .. }) => {
            let asked = format!("{method} {target} {version}");
            escape(&mut line, asked.as_bytes(), ASKED);
            Some(headers)
        }
    };
    write!(line, "\" {} {}", record.status.code(), record.sent)
        .expect("memory takes it");
    for name in [FieldName::REFERER, FieldName::USER_AGENT] {
        let value = headers.and_then(|headers| headers.all(name).next());
        line.push_str(" \"");
        escape(&mut line, value.unwrap_or(b"-"), FIELD);
        line.push('"');
    }
    line.push('\n');
    line
}

/// Text between quotes, up to so many bytes of the line: what would end it or is not
/// visible comes as `\xHH`.
fn escape(line: &mut String, text: &[u8], most: usize) {
    let end = line.len() + most;
    for &byte in text {
        if line.len() >= end {
            return line.push_str("...");
        }
        match byte {
            b' '..=b'~' if byte != b'"' && byte != b'\\' => {
                line.push(char::from(byte));
            }
            _ => write!(line, "\\x{byte:02x}").expect("memory takes it"),
        }
    }
}
