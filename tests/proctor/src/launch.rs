//! Starting the server, and ending it, whatever happens.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, getpgrp, getrlimit, kill_process,
    kill_process_group, setrlimit, waitpid,
};

use crate::confine::Confines;
use crate::target::Endpoint;
use crate::usage;

/// How long it may take until it is said what is waited for.
const SOON: Duration = Duration::from_secs(1);
/// How long it may take to end when it is told to.
const END: Duration = Duration::from_secs(2);
/// How long it may take from closing its sockets to being gone.
const GOING: Duration = Duration::from_millis(200);
/// How much of what it says is kept.
const TAIL: usize = 4 * 1024;
/// How many descriptors it is given, as a shell or a service manager gives them to whoever
/// has not asked for more. It may raise that by itself, as far as we may.
const DESCRIPTORS: u64 = 1024;

/// A server that was started here, with all its children.
#[derive(Debug)]
pub struct Server {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
    /// Why we have ended it, if it used too much.
    verdict: Arc<Mutex<Option<String>>>,
    /// What ends the watch over what it uses, when it is gone.
    _watch: Option<Sender<()>>,
}

impl Server {
    /// Starts a command and waits until every port answers; `say` is told what for, if
    /// it takes longer than a second. Who is confined is watched from the start.
    ///
    /// # Errors
    /// If something listens there already, the command can't be started, or ends, or
    /// does not listen in time: in words, with what was waited for and what it said.
    pub fn start(
        command: &[String],
        endpoints: &[Endpoint],
        patience: Duration,
        confines: Option<Confines>,
        say: impl Fn(&str),
    ) -> Result<Server, String> {
        for endpoint in endpoints {
            if endpoint.connect(Duration::from_secs(1)).is_ok() {
                let name = &endpoint.name;
                return Err(format!(
                    "something listens on {name} already: stop it first"
                ));
            }
        }
        let (program, arguments) =
            command.split_first().ok_or("there is no command")?;
        // Held until the group is known: a signal that ends us must end it.
        let mut group = running();
        let child = with_usual_descriptors(|| {
            Command::new(program)
                .args(arguments)
                // A group of its own, so that its children can be ended with it.
                .process_group(0)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(|error| format!("cannot start {program}: {error}"))
        })?;
        let mut server = Server {
            child,
            said: Arc::default(),
            verdict: Arc::default(),
            _watch: None,
        };
        group.extend(server.group());
        drop(group);
        server.listen_to_what_it_says();
        server._watch = confines.map(|it| server.confine(it));
        server.listens(endpoints, patience, say)?;
        Ok(server)
    }

    /// Holds it to what it may use, for as long as what is returned is there.
    fn confine(&self, confines: Confines) -> Sender<()> {
        if let Some(pid) = self.group() {
            Confines::impose(pid);
        }
        let (sender, end) = channel();
        let verdict = self.verdict.clone();
        thread::spawn(move || confines.watch(&end, &verdict));
        sender
    }

    /// Why we have ended it, if it used too much.
    pub fn verdict(&self) -> Option<String> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it listens on every port.
    fn listens(
        &mut self,
        endpoints: &[Endpoint],
        patience: Duration,
        say: impl Fn(&str),
    ) -> Result<(), String> {
        let begun = Instant::now();
        let mut told = None;
        for endpoint in endpoints {
            let name = &endpoint.name;
            while endpoint.connect(Duration::from_millis(250)).is_err() {
                if let Ok(Some(status)) = self.child.try_wait() {
                    let said = self.said();
                    let what = format!("before anything listened on {name}");
                    return Err(format!(
                        "the server ended {what}, with {status}{said}"
                    ));
                }
                let waited = begun.elapsed();
                if waited > patience {
                    let (time, said) = (patience.as_secs_f64(), self.said());
                    return Err(format!(
                        "after {time} s (--start-timeout) nothing listens on {name}{said}"
                    ));
                }
                if waited > SOON && told != Some(name) {
                    let time = patience.as_secs_f64();
                    say(&format!(
                        "waiting for the server to listen on {name}, for {time} s at most"
                    ));
                    told = Some(name);
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Its process group.
    pub fn group(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id().try_into().ok()?)
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it said last, as the end of a message, if it has ended, or does so within
    /// the time that a process takes to go when its sockets are gone already.
    pub fn last_words(&mut self) -> Option<String> {
        let deadline = Instant::now() + GOING;
        while self.is_alive() {
            if Instant::now() > deadline {
                return None;
            }
            thread::sleep(Duration::from_millis(10));
        }
        Some(self.said())
    }

    /// The last of what it said, as the end of a message.
    pub fn said(&self) -> String {
        // What it said last may still be on its way through the pipe.
        thread::sleep(Duration::from_millis(20));
        if let Some(verdict) = self.verdict() {
            return format!("; proctor ended it: {verdict}");
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.trim_ascii() {
            [] => String::new(),
            said => format!(
                "; it said:\n{}",
                crate::report::visible(said).replace("\\n\n", "\n")
            ),
        }
    }

    fn listen_to_what_it_says(&mut self) {
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            self.child.stdout.take().map(|it| Box::new(it) as _),
            self.child.stderr.take().map(|it| Box::new(it) as _),
        ];
        for mut output in outputs.into_iter().flatten() {
            let said = self.said.clone();
            thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(count @ 1..) = output.read(&mut buffer) {
                    let mut said =
                        said.lock().unwrap_or_else(PoisonError::into_inner);
                    said.extend(&buffer[..count]);
                    let over = said.len().saturating_sub(TAIL);
                    said.drain(..over);
                }
            });
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(group) = self.group() else { return };
        let _ = kill_process_group(group, Signal::TERM);
        let deadline = Instant::now() + END;
        while self.is_alive() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        // Its children may have outlived it.
        let _ = kill_process_group(group, Signal::KILL);
        running().retain(|&it| it != group);
        let _ = self.child.wait();
        end_descendants();
        bury_orphans();
    }
}

/// Starts something that is given as many descriptors as is usual, however many we have: a
/// child has the limits of its parent.
fn with_usual_descriptors<T>(start: impl FnOnce() -> T) -> T {
    let ours = getrlimit(Resource::Nofile);
    let current = ours.current.unwrap_or(u64::MAX).min(DESCRIPTORS);
    let usual = Rlimit { current: Some(current), ..ours };
    let _ = setrlimit(Resource::Nofile, usual);
    let started = start();
    let _ = setrlimit(Resource::Nofile, ours);
    started
}

/// Makes this process the parent of all who lose theirs, of those that descend from it, and
/// takes all of those for the server's: who leaves its group, as a daemon does, is found
/// and ended all the same. Where the system has no such thing, that is, on anything but
/// Linux, nothing happens.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        let this = rustix::process::getpid();
        let adopts = rustix::process::set_child_subreaper(Some(this)).is_ok();
        ADOPTS.store(adopts, Ordering::Relaxed);
    }
}

static ADOPTS: AtomicBool = AtomicBool::new(false);

/// Ends all that descends from us, if all of that is the server's.
pub(crate) fn end_descendants() {
    let deadline = Instant::now() + END;
    while ADOPTS.load(Ordering::Relaxed) && Instant::now() < deadline {
        let alive = usage::descendants().into_iter().filter(|it| !it.is_over);
        let alive: Vec<usage::Process> = alive.collect();
        if alive.is_empty() {
            return;
        }
        for it in alive {
            // A group goes at once, whatever its members start meanwhile.
            let _ = match it.group.filter(|&group| group != getpgrp()) {
                Some(group) => kill_process_group(group, Signal::KILL),
                None => kill_process(it.pid, Signal::KILL),
            };
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Takes note of orphans that have ended, as nobody else will.
fn bury_orphans() {
    if ADOPTS.load(Ordering::Relaxed) {
        for it in usage::descendants().iter().filter(|it| it.is_over) {
            let _ = waitpid(Some(it.pid), WaitOptions::NOHANG);
        }
    }
}

/// The groups of processes that are running, to be ended with us.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

pub(crate) fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on INT, TERM and HUP end what is running, by a signal, and then us.
///
/// # Errors
/// If the signals can't be caught.
pub fn end_together(by: Signal) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end, so that no other is started.
            let groups = running();
            for &group in groups.iter() {
                let _ = kill_process_group(group, by);
            }
            end_descendants();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}
