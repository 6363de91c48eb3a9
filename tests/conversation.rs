//! A conversation over a stream in memory, on a clock that the test winds.

use std::net::Ipv4Addr;
use std::time::Duration;

use rohttp::close::LINGER;
use rohttp::conversation::{Caller, HEAD_DEADLINE, WRITE_DEADLINE};
use rohttp::message::Scheme;
use rohttp::signals::{self, Ending, Guest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::support::{GET, visible};

/// A conversation with room for so many bytes on their way in each direction, in a
/// server that does not end as long as the last of these is held.
fn start(room: usize) -> (DuplexStream, JoinHandle<()>, Ending) {
    let (ending, guest) = signals::ending();
    let (client, task) = converse(room, guest);
    (client, task, ending)
}

fn converse(room: usize, guest: Guest) -> (DuplexStream, JoinHandle<()>) {
    let (ours, theirs) = duplex(room);
    let peer = (Ipv4Addr::LOCALHOST, 5000).into();
    let caller = Caller { peer, port: 1337, scheme: Scheme::Http, guest };
    (ours, tokio::spawn(caller.converse(theirs)))
}

async fn read_to_end(stream: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_left_at_the_head_deadline_without_a_word() {
    let (mut client, task, _ending) = start(4096);
    let started = Instant::now();
    assert_eq!(read_to_end(&mut client).await, "");
    assert_eq!(started.elapsed().as_secs(), HEAD_DEADLINE.as_secs());
    drop(client);
    task.await.unwrap();
}

/// Old clients send a line end behind a body.
#[tokio::test(start_paused = true)]
async fn a_line_end_is_no_request_that_could_be_late() {
    let (mut client, _task, _ending) = start(4096);
    client.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n\r\n").await.unwrap();
    let answers = read_to_end(&mut client).await;
    assert!(answers.starts_with("HTTP/1.1 405 "), "{answers}");
    assert!(!answers.contains(" 408 "), "{answers}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_in_is_timed_out_as_a_whole() {
    let (mut client, task, _ending) = start(4096);
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
    let (mut client, _task, _ending) = start(4096);
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
    let (mut client, task, _ending) = start(64);
    let started = Instant::now();
    client.write_all(GET).await.unwrap();
    task.await.unwrap();
    assert_eq!(started.elapsed().as_secs(), WRITE_DEADLINE.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_hangs_up_is_left_after_the_linger() {
    let (mut client, task, _ending) = start(4096);
    client.write_all(GET).await.unwrap();
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    let started = Instant::now();
    task.await.unwrap();
    assert_eq!(started.elapsed().as_secs(), LINGER.as_secs());
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_answer_is_read_and_thrown_away() {
    let (mut client, task, _ending) = start(256);
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

#[tokio::test(start_paused = true)]
async fn the_end_sends_idle_clients_away_and_waits_for_those_that_began() {
    let (ending, guest) = signals::ending();
    let (mut idle, idle_task) = converse(4096, guest.clone());
    let (mut begun, begun_task) = converse(4096, guest);
    begun.write_all(&GET[..5]).await.unwrap();
    sleep(Duration::from_secs(1)).await;

    let mut signals = signals::Signals::catch().unwrap();
    let drain = tokio::spawn(async move { ending.drain(&mut signals).await });
    let told = Instant::now();
    assert_eq!(read_to_end(&mut idle).await, "");
    drop(idle);
    idle_task.await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());

    sleep(Duration::from_secs(1)).await;
    begun.write_all(&GET[5..]).await.unwrap();
    assert!(read_to_end(&mut begun).await.starts_with("HTTP/1.1 200 OK\r\n"));
    drop(begun);
    assert!(drain.await.unwrap(), "all went");
    begun_task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_end_does_not_wait_for_ever() {
    let (ending, guest) = signals::ending();
    let mut signals = signals::Signals::catch().unwrap();
    let started = Instant::now();
    assert!(!ending.drain(&mut signals).await, "one stayed");
    assert_eq!(started.elapsed(), signals::DRAIN);
    drop(guest);
}
