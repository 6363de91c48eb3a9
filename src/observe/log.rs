//! Where the server says what it does.
//!
//! A line that goes to a file is written at once. One that goes to somebody who
//! reads along, on a terminal or through a pipe, is handed to a thread, and dropped
//! when that is far behind: a reader who stops reading must not stop the server.

use std::env::{self, VarError};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::panic;
use std::path::{self, Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};

use rustix::fs::OFlags;
use rustix::io::Errno;
use tracing::error;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{
    NonBlocking, NonBlockingBuilder, WorkerGuard,
};

use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::json::{JsonLines, LogFormat};
use super::lines::LineFile;
use crate::io::threads::{self, ThreadError};

/// How many lines may wait for a slow reader: about 1 MiB of them.
const LINES_WAITING: usize = 8192;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file can't be opened or made.
    #[error("cannot open the log {path}: {error}")]
    File {
        /// The file asked for.
        path: String,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The environment asks for a level there is not.
    #[error("RUST_LOG={0:?} is not one of off, error, warn, info, debug, trace")]
    Level(String),
}

/// The option that says where the log goes.
#[derive(Debug, clap::Args)]
pub struct LogOptions {
    /// Append the log to FILE. Without it the log goes to stderr in the foreground
    /// and nowhere in the background. RUST_LOG=debug says more
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// Where a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Before whoever started it.
    Fore,
    /// On its own, with nobody to read what it prints.
    Back,
}

impl LogOptions {
    /// Opens the log, to be started once the process is the one that serves.
    ///
    /// # Errors
    /// If the file can't be opened, or RUST_LOG asks for a level there is not.
    pub fn open(&self, ground: Ground) -> Result<Log, LogError> {
        let level = match env::var("RUST_LOG") {
            Err(VarError::NotPresent) => LevelFilter::INFO,
            Err(VarError::NotUnicode(text)) => {
                return Err(LogError::Level(text.to_string_lossy().into_owned()));
            }
            Ok(text) => text.parse().map_err(|_| LogError::Level(text))?,
        };
        let file = match &self.log {
            Some(path) => Some(open_log(path)?),
            None if ground == Ground::Back => None,
            // None as well if there is no stderr at all.
            None => duplicate(&io::stderr()).ok(),
        };
        // A daemon moves to `/`: a relative path would be another one there.
        let path = self.log.as_ref().and_then(|it| path::absolute(it).ok());
        Ok(Log { level, file, path })
    }
}

fn open_log(path: &Path) -> Result<File, LogError> {
    let path_of =
        |error| LogError::File { path: path.display().to_string(), error };
    open(path).map_err(path_of)
}

/// Opens a file to append lines to, without ever waiting for anybody: a FIFO that
/// nobody reads from yet takes some lines, and then loses the rest. `-`, and the
/// names that systems give to standard output and standard error, are those.
///
/// # Errors
/// If it can't be opened or made.
pub fn open(path: &Path) -> io::Result<File> {
    match path.to_str() {
        // Under a service manager they are sockets, which can't be opened.
        Some("/dev/stderr") => return duplicate(&io::stderr()),
        _ if is_stream(path) => return duplicate(&io::stdout()),
        _ => {}
    }
    let mut options = File::options();
    options.append(true).create(true);
    options.custom_flags(OFlags::NONBLOCK.bits() as i32);
    match options.open(path) {
        // A FIFO without a reader: we hold the other end ourselves, for as long as it
        // takes until there is one.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NXIO) => {
            options.create(false).read(true).open(path)
        }
        opened => opened,
    }
}

/// Whether a path is the name of a standard stream, which is there from the start.
pub fn is_stream(path: &Path) -> bool {
    matches!(path.to_str(), Some("-" | "/dev/stdout" | "/dev/stderr"))
}

/// Hands lines that go to a file over to a thread, which may wait for its reader.
///
/// # Errors
/// If the system lets no thread start.
pub fn hand_over(file: File) -> Result<(NonBlocking, WorkerGuard), ThreadError> {
    let builder = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_WAITING)
        .thread_name("log");
    threads::start("the thread of a log", || builder.finish(file), || ())
}

fn duplicate(stream: &impl AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

/// Whether writing can mean waiting for somebody to read.
pub fn has_reader(file: &File) -> bool {
    let kind = file.metadata().map(|metadata| metadata.file_type());
    file.is_terminal() || kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
}

/// A log that is open and not yet started.
#[must_use]
pub struct Log {
    level: LevelFilter,
    file: Option<File>,
    path: Option<PathBuf>,
}

impl Log {
    /// Starts the log, perhaps on a thread: after the fork, not before. What is
    /// still waiting is written when what comes back is dropped.
    ///
    /// # Errors
    /// If the system lets no thread start.
    pub fn start(self) -> Result<Option<WorkerGuard>, ThreadError> {
        // Otherwise a panic goes to stderr, which a daemon does not have.
        panic::set_hook(Box::new(|panic| error!("{panic}")));
        let Some(file) = self.file else { return Ok(None) };
        let colour = file.is_terminal() && env::var_os("NO_COLOR").is_none();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(self.level)
            .with_target(false)
            .with_ansi(colour)
            // It would say so with eprintln!, which panics if stderr is what broke.
            .log_internal_errors(false);
        let (writer, guard) = if has_reader(&file) {
            let (writer, guard) = hand_over(file)?;
            (BoxMakeWriter::new(writer), Some(guard))
        } else {
            let path = self.path.unwrap_or_default();
            let file = RwLock::new(LineFile::new(file));
            let log = LOG.get_or_init(|| LogFile { path, file });
            (BoxMakeWriter::new(move || log), None)
        };
        let subscriber = subscriber.with_writer(writer);
        match FORMAT.get() {
            Some(LogFormat::Json) => subscriber.event_format(JsonLines).init(),
            _ => subscriber.init(),
        }
        Ok(guard)
    }
}

/// How the log is written, if not as text. There is one, as there is one subscriber.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Says how the log is to be written, before it starts.
pub fn set_format(format: LogFormat) {
    let _ = FORMAT.set(format);
}

/// The log's file. There is one, as there is one subscriber.
static LOG: OnceLock<LogFile> = OnceLock::new();

struct LogFile {
    path: PathBuf,
    file: RwLock<LineFile>,
}

impl Write for &LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = self.file.read().unwrap_or_else(PoisonError::into_inner);
        // Where else should it be said?
        file.append(bytes, |error| {
            let _ = writeln!(io::stderr(), "the log cannot be written: {error}");
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens the log's file again, as somebody may have moved it away. If that fails, the
/// old one is kept; so is a standard stream, which nobody can move, and a pipe.
///
/// # Errors
/// If it can't be opened or made.
pub fn reopen() -> Result<(), LogError> {
    let Some(log) = LOG.get() else { return Ok(()) };
    if log.path.as_os_str().is_empty() || is_stream(&log.path) {
        return Ok(());
    }
    let file = LineFile::new(open_log(&log.path)?);
    *log.file.write().unwrap_or_else(PoisonError::into_inner) = file;
    Ok(())
}
