//! A conversation over a stream in memory, on a clock that the test winds.

use std::net::Ipv4Addr;
use std::time::Duration;

use rohttp::io::arrival::Arrival;
use rohttp::io::close::Linger;
use rohttp::message::Scheme;
use rohttp::net::serve::ServeConnection;
use rohttp::process::shutdown::{self, Drained, ServerShutdown, Trigger};
use rohttp::process::signals::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use self::talk::{HEAD_DEADLINE, Verse, WRITE_DEADLINE};
use crate::support::{GET, visible};

#[path = "../parts/part5/answer.rs"]
pub mod answer;
#[path = "../parts/part5_5/conversation.rs"]
pub mod talk;

/// How long a server is given to end.
const DRAIN: Duration = Duration::from_secs(5);

/// A conversation with room for so many bytes on their way in each direction, in a
/// server that does not end as long as the last of these is held.
fn start(room: usize) -> (DuplexStream, JoinHandle<()>, Trigger) {
    let (trigger, shutdown) = shutdown::channel();
    let (client, task) = converse(room, shutdown);
    (client, task, trigger)
}

fn converse(
    room: usize,
    shutdown: ServerShutdown,
) -> (DuplexStream, JoinHandle<()>) {
    let (ours, theirs) = duplex(room);
    let peer = (Ipv4Addr::LOCALHOST, 5000).into();
    let local = (Ipv4Addr::LOCALHOST, 1337).into();
    let arrival = Arrival { peer, local, scheme: Scheme::Http, protocol: None };
    (ours, tokio::spawn(Verse.serve_connection(theirs, arrival, shutdown)))
}

async fn read_to_end(stream: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_left_at_the_head_deadline_without_a_word() {
    let (mut client, task, _trigger) = start(4096);
    let started = Instant::now();
    assert_eq!(read_to_end(&mut client).await, "");
    assert_eq!(started.elapsed().as_secs(), HEAD_DEADLINE.as_secs());
    drop(client);
    task.await.unwrap();
}

/// Old clients send a line end behind a body.
#[tokio::test(start_paused = true)]
async fn a_line_end_is_no_request_that_could_be_late() {
    let (mut client, _task, _trigger) = start(4096);
    client.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n\r\n").await.unwrap();
    let answers = read_to_end(&mut client).await;
    assert!(answers.starts_with("HTTP/1.1 405 "), "{answers}");
    assert!(!answers.contains(" 408 "), "{answers}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_in_is_timed_out_as_a_whole() {
    let (mut client, task, _trigger) = start(4096);
    let started = Instant::now();
    for byte in &GET[..9] {
        client.write_all(&[*byte]).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(started.elapsed().as_secs(), HEAD_DEADLINE.as_secs());
    drop(client);
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_refusal_starts_the_head_deadline_anew() {
    let (mut client, _task, _trigger) = start(4096);
    for _ in 0..3 {
        sleep(HEAD_DEADLINE - Duration::from_secs(1)).await;
        client.write_all(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    }
    sleep(HEAD_DEADLINE - Duration::from_secs(1)).await;
    client.write_all(GET).await.unwrap();
    let answers = read_to_end(&mut client).await;
    assert_eq!(answers.matches("HTTP/1.1 405 ").count(), 3);
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_left_at_the_write_deadline() {
    let (mut client, task, _trigger) = start(64);
    let started = Instant::now();
    client.write_all(GET).await.unwrap();
    task.await.unwrap();
    assert_eq!(started.elapsed().as_secs(), WRITE_DEADLINE.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_hangs_up_is_left_after_the_linger() {
    let (mut client, task, _trigger) = start(4096);
    client.write_all(GET).await.unwrap();
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    let started = Instant::now();
    task.await.unwrap();
    assert_eq!(started.elapsed().as_secs(), Linger::default().pause.as_secs());
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_answer_is_read_and_thrown_away() {
    let (mut client, task, _trigger) = start(256);
    let upload = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    client.write_all(upload.as_bytes()).await.unwrap();
    let answer = visible(read_to_end(&mut client).await.as_bytes());
    assert!(
        answer.starts_with("HTTP/1.1 405 Method Not Allowed\\r\\n"),
        "{answer}"
    );
    client.write_all(&[b'x'; 100_000]).await.unwrap();
    drop(client);
    task.await.unwrap();
}

/// A client that goes on sending is listened to for a while, though not for ever.
#[tokio::test(start_paused = true)]
async fn an_upload_that_goes_on_is_not_cut_off_before_its_time() {
    let (mut client, task, _trigger) = start(4096);
    let upload = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    client.write_all(upload.as_bytes()).await.unwrap();
    let started = Instant::now();
    while client.write_all(b"x").await.is_ok() {
        sleep(Duration::from_secs(1)).await;
    }
    let total = Linger::default().total.as_secs();
    let lasted = started.elapsed().as_secs();
    assert!((total..=total + 1).contains(&lasted), "{lasted}");
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_end_sends_idle_clients_away_and_waits_for_those_that_began() {
    let (trigger, shutdown) = shutdown::channel();
    let (mut idle, idle_task) = converse(4096, shutdown.clone());
    let (mut begun, begun_task) = converse(4096, shutdown);
    begun.write_all(&GET[..5]).await.unwrap();
    sleep(Duration::from_secs(1)).await;

    let (sender, mut signals) = unbounded_channel();
    let drain =
        tokio::spawn(async move { trigger.drain(DRAIN, &mut signals).await });
    let told = Instant::now();
    assert_eq!(read_to_end(&mut idle).await, "");
    drop(idle);
    idle_task.await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());

    // A log that is rotated meanwhile cuts nobody off.
    sender.send(Signal::Hangup).unwrap();
    sleep(Duration::from_secs(1)).await;
    begun.write_all(&GET[5..]).await.unwrap();
    assert!(read_to_end(&mut begun).await.starts_with("HTTP/1.1 200 OK\r\n"));
    drop(begun);
    assert_eq!(drain.await.unwrap(), Drained::Whole);
    begun_task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_its_time_or_for_a_second_signal() {
    for (signal, patience) in [
        (None, DRAIN),
        (Some(Signal::Hangup), DRAIN),
        (Some(Signal::Terminate), Duration::ZERO),
        (Some(Signal::Interrupt), Duration::ZERO),
    ] {
        let (trigger, shutdown) = shutdown::channel();
        let (sender, mut signals) = unbounded_channel();
        if let Some(signal) = signal {
            sender.send(signal).unwrap();
        }
        let started = Instant::now();
        assert_eq!(trigger.drain(DRAIN, &mut signals).await, Drained::Cut);
        assert_eq!(started.elapsed(), patience, "{signal:?}");
        drop(shutdown);
    }
}

/// Whoever is in a hurry says it twice. Nobody was cut off by that who was not there.
#[tokio::test(start_paused = true)]
async fn where_nobody_is_left_a_second_signal_cuts_nobody_off() {
    // Of two things that are there at once, either may be seen first.
    for _ in 0..100 {
        let (trigger, shutdown) = shutdown::channel();
        let (sender, mut signals) = unbounded_channel();
        sender.send(Signal::Terminate).unwrap();
        drop(shutdown);
        assert_eq!(trigger.drain(DRAIN, &mut signals).await, Drained::Whole);
    }
}
