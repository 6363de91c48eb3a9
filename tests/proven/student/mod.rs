//! A server as a good student writes it: threads, blocking sockets, nothing of ours.
//!
//! It is right for every stage, and it has a switch for each mistake that students make
//! (`MISTAKES`, `LAST`, `UNSEEN`, `FRESH`, `FOUND`, `AGAIN`, `LAST_FIFTY`) and for each liberty
//! that the RFCs leave them (`VARIANTS`). A check must refuse it with any of the first, and accept
//! it with any of the others.
//!
//! ```text
//! mistakes.rs  what students get wrong, a line each      last.rs  and fifty more
//! unseen.rs    fifty more, by somebody who had not seen a check
//! fresh.rs     and fifty, when the checks had been widened
//! found.rs     and what a machine found, which changed our own server
//! again.rs     and fifty more, like those of fresh.rs    last_fifty.rs  and the last fifty
//! variants.rs  what they may do otherwise
//! stream.rs    a connection, in the clear or over TLS    tls.rs   certificates, handshakes
//! early.rs     parts 1 to 4
//! head.rs      a request's head, from part 5 on          target.rs, framing.rs
//! body.rs      its body                                  conversation.rs
//! answer.rs    what is answered, by target and method    reply.rs how it is sent
//! conditions.rs, ranges.rs, files.rs                     what is asked of what is there
//! exercises.rs what the book's exercises add, a switch each
//! ```

mod again;
mod answer;
mod body;
mod conditions;
mod early;
mod exercises;
mod files;
mod found;
mod fresh;
mod framing;
mod head;
mod last;
mod last_fifty;
mod mistakes;
mod ranges;
mod reply;
mod conversation;
mod stream;
mod target;
#[cfg(test)]
mod tests;
mod tls;
mod unseen;
mod variants;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

pub use again::AGAIN;
pub use exercises::EXERCISES;
pub use found::FOUND;
pub use fresh::FRESH;
pub use last::LAST;
pub use last_fifty::LAST_FIFTY;
pub use mistakes::MISTAKES;
pub use unseen::UNSEEN;
pub use variants::VARIANTS;

use stream::{Lack, Stream};

/// A stage of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Part1,
    Part2,
    Part3,
    Part4,
    Part5,
    Part5_5,
    Part6,
}

impl Stage {
    pub const ALL: [Stage; 7] = [
        Stage::Part1,
        Stage::Part2,
        Stage::Part3,
        Stage::Part4,
        Stage::Part5,
        Stage::Part5_5,
        Stage::Part6,
    ];

    /// Its name, as proctor has it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Part1 => "part1",
            Stage::Part2 => "part2",
            Stage::Part3 => "part3",
            Stage::Part4 => "part4",
            Stage::Part5 => "part5",
            Stage::Part5_5 => "part5_5",
            Stage::Part6 => "part6",
        }
    }
}

/// The first stage at which something shows, and the last.
pub type Stages = (Stage, Stage);

/// What a mistake is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    Stream,
    Junk,
    Heads,
    Dates,
    RequestLine,
    Target,
    Fields,
    Host,
    Framing,
    Refusals,
    Limits,
    Time,
    Tls,
    Persistence,
    Bodies,
    Chunks,
    Expect,
    Methods,
    Conditions,
    Ranges,
    Files,
    Codings,
    Resources,
}

/// One thing that a student gets wrong, or may do otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it is called, and how it is switched on.
    pub id: &'static str,
    /// The stages at which it shows on the wire: the first and the last.
    pub stages: Stages,
    pub area: Area,
    pub rule: Rule,
    /// What the student thought; of a variant, why it is legal.
    pub sentence: &'static str,
}

/// Whose rule it is that a mistake breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An RFC's.
    Rfc,
    /// This book's: an RFC leaves it to servers, or does not speak of it.
    Book,
}

/// A mistake by the RFCs, or a variant.
const fn entry(
    id: &'static str,
    stages: Stages,
    area: Area,
    sentence: &'static str,
) -> Entry {
    Entry { id, stages, area, rule: Rule::Rfc, sentence }
}

/// A mistake by the book's contract alone.
const fn ours(
    id: &'static str,
    stages: Stages,
    area: Area,
    sentence: &'static str,
) -> Entry {
    Entry { id, stages, area, rule: Rule::Book, sentence }
}

const ALL: Stages = (Stage::Part1, Stage::Part6);
const EARLIEST: Stages = (Stage::Part1, Stage::Part2);
const PART_1: Stages = (Stage::Part1, Stage::Part1);
const FROM_2: Stages = (Stage::Part2, Stage::Part6);
const PART_3: Stages = (Stage::Part3, Stage::Part3);
const PARTS_3_4: Stages = (Stage::Part3, Stage::Part4);
const PARTS_3_TO_5: Stages = (Stage::Part3, Stage::Part5_5);
const FROM_3: Stages = (Stage::Part3, Stage::Part6);
const PARTS_4_5: Stages = (Stage::Part4, Stage::Part5_5);
const PART_4: Stages = (Stage::Part4, Stage::Part4);
const FROM_4: Stages = (Stage::Part4, Stage::Part6);
const FROM_5: Stages = (Stage::Part5, Stage::Part6);
const PARTS_5: Stages = (Stage::Part5, Stage::Part5_5);
const FROM_5_5: Stages = (Stage::Part5_5, Stage::Part6);
const PART_6: Stages = (Stage::Part6, Stage::Part6);

/// All mistakes, those kept apart among them.
pub fn mistakes() -> impl Iterator<Item = &'static Entry> {
    let tables = [MISTAKES, LAST, UNSEEN, FRESH, FOUND, AGAIN, LAST_FIFTY];
    tables.into_iter().flatten()
}

/// What is switched on: one entry of the tables, or none.
#[derive(Debug, Clone, Copy)]
pub struct Switch(&'static str);

impl Switch {
    /// A server that is right.
    pub const NONE: Switch = Switch("");

    /// The entry of that name, of any table.
    pub fn named(id: &str) -> Option<Switch> {
        let ids = mistakes().chain(VARIANTS).map(|e| e.id);
        ids.chain(EXERCISES.iter().copied()).find(|it| *it == id).map(Switch)
    }

    fn is(self, id: &str) -> bool {
        self.0 == id
    }

    fn is_any(self, ids: &[&str]) -> bool {
        ids.contains(&self.0)
    }
}

/// What is served besides the verse.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A tree of files, in place of the verse.
    pub root: Option<PathBuf>,
    /// Whether a folder without an index shows what is in it.
    pub listing: bool,
    /// Whether `/echo` is there beside a tree. Beside the verse it is.
    pub echo: bool,
    /// Where the root is kept, and its key beside it: made if it is not there. Without
    /// it the root is another in each process.
    pub ca: Option<PathBuf>,
    /// Where it differs from the book, if it does.
    pub variant: Option<Variant>,
    /// The port in the clear; 0 is any.
    pub port: u16,
    /// The port for TLS; 0 is any.
    pub tls_port: u16,
}

/// Rules of a course's own.
#[derive(Debug, Clone)]
pub struct Variant {
    pub text: String,
    pub strikes: usize,
    pub longest_head: usize,
}

/// A running server. It stops when it is dropped.
pub struct Student {
    /// Where it speaks in the clear.
    pub clear: SocketAddr,
    /// Where it speaks TLS, from part 5.5 on.
    pub tls: Option<SocketAddr>,
    /// The root that vouches for its certificate, in PEM.
    pub root_ca_pem: String,
    shared: Arc<Shared>,
}

/// What all threads of a server know.
struct Shared {
    stage: Stage,
    s: Switch,
    options: Options,
    identity: tls::Identity,
    started: std::time::SystemTime,
    stopping: AtomicBool,
    /// One accept loop died of something.
    dead: AtomicBool,
    serving: AtomicUsize,
    /// For mistakes that have all callers share something.
    lock: Mutex<()>,
    /// For mistakes that keep what they should let go.
    kept: Mutex<Vec<Kept>>,
    /// For mistakes that take it for their caller's own: what the last one has left, and
    /// how much of something there was.
    left: Mutex<Vec<u8>>,
    counted: AtomicUsize,
    open: Mutex<Vec<Weak<TcpStream>>>,
    /// Who has called last, in the clear.
    last: Mutex<Weak<TcpStream>>,
    /// What was put, by its path.
    things: Mutex<BTreeMap<String, Vec<u8>>>,
    /// How many requests there were, by method.
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

impl Shared {
    /// What is served.
    fn text(&self) -> &str {
        self.options.variant.as_ref().map_or(VERSE, |variant| &variant.text)
    }

    /// Says something to whoever has called last, for those who take that one for
    /// their own.
    fn answer_the_last(&self, bytes: &[u8]) -> Result<(), Lack> {
        let last = self.last.lock().unwrap().upgrade();
        let socket = last.ok_or(Lack::Broken)?;
        (&*socket).write_all(bytes).map_err(|_| Lack::Broken)
    }

    /// How many refusals there are.
    fn strikes(&self) -> usize {
        self.options.variant.as_ref().map_or(4, |variant| variant.strikes)
    }

    /// The longest head, or what it is where there is no variant.
    fn longest_head(&self, otherwise: usize) -> usize {
        self.options.variant.as_ref().map_or(otherwise, |it| it.longest_head)
    }
}

/// What a mistake has not let go of.
#[allow(dead_code, reason = "it is held, and that is all")]
enum Kept {
    Socket(Arc<TcpStream>),
    File(std::fs::File),
    Bytes(Vec<u8>),
}

/// Starts a server of a stage, with a switch.
///
/// # Errors
/// If it can't listen.
pub fn start(stage: Stage, s: Switch, options: Options) -> io::Result<Student> {
    let listener = listen(options.port)?;
    let clear = listener.local_addr()?;
    let secure =
        (stage >= Stage::Part5_5).then(|| listen(options.tls_port)).transpose()?;
    let tls = secure.as_ref().map(|secure| secure.local_addr()).transpose()?;
    let identity = tls::identity(s, options.ca.as_deref())?;
    let shared = Arc::new(Shared {
        stage,
        s,
        options,
        identity,
        started: std::time::SystemTime::now(),
        stopping: AtomicBool::new(false),
        dead: AtomicBool::new(false),
        serving: AtomicUsize::new(0),
        lock: Mutex::new(()),
        kept: Mutex::new(Vec::new()),
        left: Mutex::default(),
        counted: AtomicUsize::new(0),
        open: Mutex::new(Vec::new()),
        last: Mutex::default(),
        things: Mutex::default(),
        counts: Mutex::default(),
    });
    let root_ca_pem = shared.identity.root_pem.clone();
    let for_clear = Arc::clone(&shared);
    thread::spawn(move || accept_loop(&listener, &for_clear, false));
    if let Some(secure) = secure {
        let for_tls = Arc::clone(&shared);
        thread::spawn(move || accept_loop(&secure, &for_tls, true));
    }
    if s.is("idle-spin") {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            while !shared.stopping.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
    Ok(Student { clear, tls, root_ca_pem, shared })
}

/// Listens, with room for a burst of callers: the standard library's queue has 128.
fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

impl Drop for Student {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for address in [Some(self.clear), self.tls].into_iter().flatten() {
            let _ = TcpStream::connect(address);
        }
        for open in self.shared.open.lock().unwrap().drain(..) {
            if let Some(socket) = open.upgrade() {
                let _ = socket.shutdown(std::net::Shutdown::Both);
            }
        }
        self.shared.kept.lock().unwrap().clear();
    }
}

/// Takes callers, each to a thread of its own: from part 2 on.
fn accept_loop(listener: &TcpListener, shared: &Arc<Shared>, secure: bool) {
    let s = shared.s;
    let mut wait = Duration::from_millis(5);
    loop {
        exercises::wait_for_room(shared);
        let accepted = listener.accept();
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        if shared.dead.load(Ordering::SeqCst) {
            // The thread that accepts is gone; its socket is still listening.
            thread::sleep(Duration::from_millis(50));
            drop(accepted);
            return wait_for_end(shared);
        }
        match accepted {
            Ok((socket, _)) => {
                wait = Duration::from_millis(5);
                take(socket, shared, secure);
                if s.is("serves-once") {
                    return;
                }
            }
            Err(_) if s.is("accept-error-ends") => return,
            Err(_) if s.is("accept-error-spins") => {}
            Err(_) => {
                thread::sleep(wait);
                wait = (wait * 2).min(Duration::from_secs(1));
            }
        }
    }
}

fn wait_for_end(shared: &Shared) {
    while !shared.stopping.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Has one caller served.
fn take(socket: TcpStream, shared: &Arc<Shared>, secure: bool) {
    let s = shared.s;
    let socket = Arc::new(socket);
    if !s.is("nagle") {
        let _ = socket.set_nodelay(true);
    }
    remember(&socket, shared);
    if !secure {
        *shared.last.lock().unwrap() = Arc::downgrade(&socket);
    }
    if s.is("peer-is-asked-for") && socket.peer_addr().is_err() {
        shared.dead.store(true, Ordering::SeqCst);
        return;
    }
    if s.is("accept-then-sleep") {
        thread::sleep(Duration::from_millis(250));
    }
    if s.is("leaks-descriptors") {
        shared.kept.lock().unwrap().push(Kept::Socket(Arc::clone(&socket)));
    }
    if s.is("leaks-memory") {
        let wasted = vec![1; 256 * 1024];
        shared.kept.lock().unwrap().push(Kept::Bytes(wasted));
    }
    let crowd = match s {
        _ if s.is("pool-of-four") => 4,
        _ if s.is("turns-away-the-ninth") => 8,
        _ => usize::MAX,
    };
    if s.is("turns-away-the-ninth")
        && shared.serving.load(Ordering::SeqCst) >= crowd
    {
        return;
    }
    while s.is("pool-of-four") && shared.serving.load(Ordering::SeqCst) >= crowd {
        thread::sleep(Duration::from_millis(5));
    }
    // Part 1 has one caller at a time.
    let in_turn = shared.stage == Stage::Part1
        || s.is("one-at-a-time")
        || (secure && s.is("tls-one-at-a-time"));
    let blocks = secure && s.is("handshake-in-accept-loop");
    if blocks {
        let Some(stream) = Stream::secure(socket, shared) else { return };
        let shared = Arc::clone(shared);
        thread::spawn(move || converse(stream, &shared));
        return;
    }
    shared.serving.fetch_add(1, Ordering::SeqCst);
    let for_thread = Arc::clone(shared);
    let serve = move || serve(socket, &for_thread, secure);
    if in_turn {
        return serve();
    }
    let spawned = thread::Builder::new().stack_size(256 * 1024).spawn(serve);
    if spawned.is_err() {
        // A thread that can't be started costs one caller.
        shared.serving.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(socket: Arc<TcpStream>, shared: &Arc<Shared>, secure: bool) {
    let stream = match secure {
        true => Stream::secure(socket, shared),
        false => Some(Stream::clear(socket)),
    };
    if let Some(stream) = stream {
        converse(stream, shared);
    }
    shared.serving.fetch_sub(1, Ordering::SeqCst);
    if shared.s.is("leaks-threads") {
        wait_for_end(shared);
    }
}

fn remember(socket: &Arc<TcpStream>, shared: &Shared) {
    let mut open = shared.open.lock().unwrap();
    open.retain(|socket| socket.strong_count() > 0);
    open.push(Arc::downgrade(socket));
}

fn converse(stream: Stream, shared: &Arc<Shared>) {
    match shared.stage {
        Stage::Part1 | Stage::Part2 => early::recite(stream, shared),
        Stage::Part3 | Stage::Part4 => early::converse(stream, shared),
        _ => conversation::hold(stream, shared),
    }
}

/// What every part serves.
const VERSE: &str = include_str!("verse.txt");
