//! A server for proctor's own tests: one line to each caller, on the port that it is
//! given. `--child` starts another process beside it, `--dies` ends at the third
//! caller, `--mute` never listens. `--keeps` closes no connection, `--grows` keeps 4 KiB
//! of each caller, `--spins` asks for nothing, again and again; `--slow` takes 0.2 s for
//! each, `--greedy` has ever more memory, and `--writes` a file that grows. `--says TEXT`
//! says something else. `--http` speaks as much HTTP as an echo takes, and ends at once
//! when it is told to; with `--deaf` it does not hear that, and with `--waits` it lets
//! nobody in any more, and ends when all are gone. With `--polite` it says then which
//! response is the last, and with `--fails` its exit code is 4. It keeps a body until it is
//! whole: with `--spools` in a file; with `--streams` not at all; and with `--refuses` none
//! is taken that is long, and waits for ever for who reads nothing, but with `--gives-up`
//! a second. If nobody can be let in it
//! ends, but with `--tries` it tries again at once, and with `--waits-a-little` soon.

use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::SIGTERM;

/// It was told to end.
static ENDS: AtomicBool = AtomicBool::new(false);

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let place = |word: &str| arguments.iter().position(|it| it == word);
    let has = |word: &str| place(word).is_some();
    let text = place("--says").map_or("hello\n", |at| &arguments[at + 1]);
    if has("--child") {
        let child = Command::new("sleep").arg("600").spawn()?;
        std::fs::write("child", child.id().to_string())?;
    }
    if has("--greedy") {
        std::thread::spawn(|| {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
            }
        });
    }
    if has("--mute") {
        eprintln!("I would rather not");
        std::thread::sleep(Duration::from_secs(600));
    }
    if has("--deaf") {
        let mut signals = signal_hook::iterator::Signals::new([SIGTERM])?;
        std::thread::spawn(move || signals.forever().count());
    }
    let listener = TcpListener::bind(format!("127.0.0.1:{}", arguments[0]))?;
    if has("--waits") {
        let mut signals = signal_hook::iterator::Signals::new([SIGTERM])?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            signals.forever().next();
            ENDS.store(true, Ordering::SeqCst);
            // Somebody has to come for the loop below to see it.
            TcpStream::connect(address)
        });
    }
    if has("--spins") {
        std::thread::spawn(|| {
            loop {
                std::thread::yield_now();
            }
        });
    }
    if has("--writes") {
        std::thread::spawn(|| write_for_ever().expect("there is room"));
    }
    let (mut kept, mut grown) = (Vec::new(), Vec::new());
    let mut served = Vec::new();
    for (number, stream) in listener.incoming().enumerate() {
        if has("--dies") && number == 3 {
            eprintln!("I am off");
            exit(3);
        }
        let mut stream = match stream {
            Err(_) if has("--tries") => continue,
            Err(_) if has("--waits-a-little") => {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            stream => stream?,
        };
        if ENDS.load(Ordering::SeqCst) {
            break;
        }
        if has("--http") {
            let is_polite = has("--polite");
            let echo = match () {
                () if has("--streams") => Echo::AsItComes,
                () if has("--spools") => Echo::FromAFile,
                () if has("--refuses") => Echo::Refused,
                () => Echo::Whole,
            };
            if has("--gives-up") {
                stream.set_write_timeout(Some(Duration::from_secs(1)))?;
            }
            served
                .push(std::thread::spawn(move || answer(stream, is_polite, echo)));
            continue;
        }
        if has("--slow") {
            std::thread::sleep(Duration::from_millis(200));
        }
        let _ = stream.write_all(text.as_bytes());
        if has("--keeps") {
            let _ = stream.shutdown(Shutdown::Both);
            kept.push(stream);
        }
        if has("--grows") {
            grown.push(vec![1_u8; 4096]);
        }
    }
    drop(listener);
    for thread in served {
        let _ = thread.join();
    }
    if has("--fails") {
        exit(4);
    }
    Ok(())
}

/// Waits until more has come: whether it has, before this was told to end.
fn has_more(stream: &TcpStream) -> std::io::Result<bool> {
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    while stream.peek(&mut [0]).is_err() {
        if ENDS.load(Ordering::SeqCst) {
            return Ok(false);
        }
    }
    stream.set_read_timeout(None)?;
    Ok(true)
}

/// What becomes of a body.
#[derive(Clone, Copy)]
enum Echo {
    /// It goes back when it is whole.
    Whole,
    /// The same, but it is not in memory.
    FromAFile,
    /// It goes back as it comes.
    AsItComes,
    /// If it is long, nothing.
    Refused,
}

/// How the end of a body is known.
#[derive(Clone, Copy)]
enum Framing {
    Length(u64),
    Chunks,
}

/// Answers each request with the body that it has.
fn answer(stream: TcpStream, is_polite: bool, echo: Echo) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut out = &stream;
    loop {
        if reader.buffer().is_empty() && !has_more(&stream)? {
            return Ok(());
        }
        let (mut line, mut framing) = (String::new(), Framing::Length(0));
        while reader.read_line(&mut line)? > 2 {
            if let Some(number) = line.strip_prefix("Content-Length: ") {
                framing = Framing::Length(number.trim().parse().unwrap_or(0));
            }
            if line.starts_with("Transfer-Encoding: chunked") {
                framing = Framing::Chunks;
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        let field = match framing {
            Framing::Length(length) => format!("Content-Length: {length}"),
            Framing::Chunks => "Transfer-Encoding: chunked".to_owned(),
        };
        // It may be told to end while a body comes.
        let head = || {
            let close = match is_polite && ENDS.load(Ordering::SeqCst) {
                true => "Connection: close\r\n",
                false => "",
            };
            format!("HTTP/1.1 200 OK\r\n{close}{field}\r\n\r\n").into_bytes()
        };
        let is_long = !matches!(framing, Framing::Length(..100_000));
        match echo {
            Echo::Refused if is_long => {
                return out.write_all(b"HTTP/1.1 413 Content Too Large\r\n\r\n");
            }
            Echo::Whole | Echo::Refused => {
                let mut body = Vec::new();
                copy(&mut reader, framing, &mut body)?;
                out.write_all(&[head(), body].concat())?;
            }
            Echo::FromAFile => {
                let mut file = tempfile::tempfile()?;
                copy(&mut reader, framing, &mut file)?;
                file.rewind()?;
                out.write_all(&head())?;
                std::io::copy(&mut file, &mut out)?;
            }
            Echo::AsItComes => {
                out.write_all(&head())?;
                copy(&mut reader, framing, &mut out)?;
            }
        }
    }
}

/// Copies a body, in its chunks if it comes so.
fn copy(
    from: &mut impl BufRead,
    framing: Framing,
    to: &mut impl Write,
) -> std::io::Result<()> {
    let mut pass_on = |from: &mut dyn BufRead, count: u64| match std::io::copy(
        &mut from.take(count),
        to,
    )? == count
    {
        true => Ok(()),
        false => Err(std::io::Error::from(ErrorKind::UnexpectedEof)),
    };
    let Framing::Length(length) = framing else {
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16);
            let size = size.map_err(|_| ErrorKind::InvalidData)?;
            pass_on(&mut line.as_bytes(), line.len() as u64)?;
            pass_on(from, size + 2)?;
            if size == 0 {
                return Ok(());
            }
        }
    };
    pass_on(from, length)
}

fn write_for_ever() -> std::io::Result<()> {
    let mut file = std::fs::File::create("grows")?;
    loop {
        file.write_all(&[1; 1 << 20])?;
    }
}
