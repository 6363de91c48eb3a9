//! Answers to the exercises of Part 2.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, Shutdown};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rohttp::io::close::Linger;
use rohttp::net::accept::Backoff;
use rohttp::verse::VERSE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// 2.4: serves everyone who calls one of the server's sockets, and at all of them together
/// no more at once than there are seats.
pub async fn serve<F>(
    listener: TcpListener,
    seats: Arc<Semaphore>,
    converse: impl Fn(TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::default();
    loop {
        let seat = seats.clone().acquire_owned().await.expect("it is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                backoff.reset();
                let conversation = converse(stream);
                tokio::spawn(async move {
                    conversation.await;
                    drop(seat);
                });
            }
            Err(error) => sleep(backoff.after(&error)).await,
        }
    }
}

/// 2.1: with two workers, one blocked task is survived, and two are not.
#[test]
fn a_task_that_blocks_takes_a_worker_along() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).build().unwrap();
    let lock = Arc::new(Mutex::new(()));
    let (sender, receiver) = std::sync::mpsc::channel();
    let block = || {
        let (lock, sender) = (lock.clone(), sender.clone());
        runtime.spawn(async move {
            sender.send("blocks").unwrap();
            // Where tokio's own lock would wait in sight of the runtime.
            drop(lock.lock());
        });
    };
    let greet = || {
        let sender = sender.clone();
        runtime.spawn(async move { sender.send("hello").unwrap() });
    };
    let held = lock.lock();
    block();
    greet();
    let mut said = [receiver.recv().unwrap(), receiver.recv().unwrap()];
    said.sort();
    assert_eq!(said, ["blocks", "hello"]);
    block();
    assert_eq!(receiver.recv(), Ok("blocks"));
    greet();
    let patience = Duration::from_millis(100);
    assert!(receiver.recv_timeout(patience).is_err(), "there is nobody to say it");
    drop(held);
    assert_eq!(receiver.recv(), Ok("hello"));
}

/// 2.3: how many attempts fail in a shortage of some length, and how long after its
/// end the next is made.
pub fn shortage(
    first: Duration,
    longest: Duration,
    length: Duration,
) -> (usize, Duration) {
    let (mut attempts, mut now, mut wait) = (0, Duration::ZERO, first);
    while now < length {
        attempts += 1;
        now += wait;
        wait = (wait * 2).min(longest);
    }
    (attempts, now - length)
}

#[test]
fn short_waits_are_for_short_shortages() {
    let ms = Duration::from_millis;
    let ours = |length| shortage(ms(5), ms(1000), length);
    let yours = |length| shortage(ms(1000), ms(60_000), length);
    assert_eq!(ours(ms(12)), (2, ms(3)));
    assert_eq!(yours(ms(12)), (1, ms(988)));
    let ten_minutes = ms(600_000);
    assert_eq!(ours(ten_minutes), (607, ms(275)));
    assert_eq!(yours(ten_minutes), (15, ms(3000)));
}

#[tokio::test]
async fn no_more_than_so_many_are_served_at_once_and_all_in_the_end() {
    let (now, most) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seats = Arc::new(Semaphore::new(3));
    let mut addresses = Vec::new();
    let mut servers = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(listener.local_addr().unwrap());
        let (now, most) = (now.clone(), most.clone());
        servers.spawn(serve(listener, seats.clone(), move |mut stream| {
            let (now, most) = (now.clone(), most.clone());
            async move {
                let together = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(together, Ordering::SeqCst);
                sleep(Duration::from_millis(10)).await;
                stream.write_all(b"here").await.unwrap();
                now.fetch_sub(1, Ordering::SeqCst);
            }
        }));
    }
    let mut callers = Vec::new();
    for number in 0..20 {
        callers.push(TcpStream::connect(addresses[number % 2]).await.unwrap());
    }
    for mut caller in callers {
        let mut said = String::new();
        caller.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "here");
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

/// 2.5: a caller who is served without a task or a thread.
pub struct Caller {
    stream: net::TcpStream,
    state: State,
    /// When we have had enough of it.
    deadline: Instant,
}

/// 2.5: what a caller's stream is waited for.
enum State {
    /// For room for the rest of the verse.
    Writing(&'static [u8]),
    /// For its end.
    Lingering,
}

impl Caller {
    fn new(stream: net::TcpStream) -> io::Result<Caller> {
        stream.set_nonblocking(true)?;
        let deadline = Instant::now() + Duration::from_secs(30);
        Ok(Caller { stream, state: State::Writing(VERSE.as_bytes()), deadline })
    }

    fn waits_for(&self) -> PollFlags {
        match self.state {
            State::Writing(_) => PollFlags::OUT,
            State::Lingering => PollFlags::IN,
        }
    }

    /// Takes it one step further; whether there is another.
    fn step(&mut self) -> io::Result<bool> {
        match &mut self.state {
            State::Writing(rest) => {
                let count = self.stream.write(rest)?;
                *rest = &rest[count..];
                if rest.is_empty() {
                    self.stream.shutdown(Shutdown::Write)?;
                    self.state = State::Lingering;
                    self.deadline = Instant::now() + Linger::default().pause;
                }
                Ok(true)
            }
            State::Lingering => Ok(self.stream.read(&mut [0; 1024])? > 0),
        }
    }
}

/// 2.5: serves everyone, in one thread. The listeners must not block.
pub fn serve_without_a_runtime(
    listeners: &[net::TcpListener],
) -> io::Result<Infallible> {
    let mut callers: Vec<Caller> = Vec::new();
    let mut open = Instant::now();
    loop {
        // While there are no descriptors to be had, nobody stands at the doors.
        let doors = if Instant::now() < open { &[] } else { listeners };
        let mut waits: Vec<PollFd> = Vec::new();
        waits.extend(doors.iter().map(|door| PollFd::new(door, PollFlags::IN)));
        waits.extend(
            callers.iter().map(|it| PollFd::new(&it.stream, it.waits_for())),
        );
        let opening = doors.is_empty().then_some(open);
        let next =
            callers.iter().map(|caller| caller.deadline).chain(opening).min();
        let time = next.map(|next| next.saturating_duration_since(Instant::now()));
        let time = time.map(|time| Timespec::try_from(time).expect("it is short"));
        poll(&mut waits, time.as_ref())?;
        let ready: Vec<bool> =
            waits.iter().map(|wait| !wait.revents().is_empty()).collect();

        let (at_doors, at_callers) = ready.split_at(doors.len());
        let (now, mut at_callers) = (Instant::now(), at_callers.iter());
        callers.retain_mut(|caller| {
            let goes_on = match at_callers.next() {
                Some(true) => caller.step(),
                _ => Ok(true),
            };
            let goes_on = goes_on
                .unwrap_or_else(|error| error.kind() == ErrorKind::WouldBlock);
            goes_on && now < caller.deadline
        });
        for (door, _) in doors.iter().zip(at_doors).filter(|(_, ready)| **ready) {
            match door.accept().and_then(|(stream, _)| Caller::new(stream)) {
                Ok(caller) => callers.push(caller),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => open = now + Duration::from_millis(50),
            }
        }
    }
}

#[test]
fn four_hundred_are_served_by_one_thread_and_none_waits_for_another() {
    let doors = ["127.0.0.1:0", "[::1]:0"].map(|address| {
        let door = net::TcpListener::bind(address).unwrap();
        door.set_nonblocking(true).unwrap();
        door
    });
    let addresses = doors.each_ref().map(|door| door.local_addr().unwrap());
    std::thread::spawn(move || serve_without_a_runtime(&doors));
    // None of them leaves, or says anything, before all have their verse.
    let mut crowd: Vec<net::TcpStream> = (0..400)
        .map(|n| net::TcpStream::connect(addresses[n % 2]).unwrap())
        .collect();
    for caller in crowd.iter_mut().rev() {
        let mut said = String::new();
        caller.read_to_string(&mut said).unwrap();
        assert_eq!(said, VERSE);
    }
}
