//! Clients who are slow, and those who only say so, from part 7 on: on a clock of the
//! test's own.

use std::io;
use std::net::Ipv4Addr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use rohttp::drive::Server as Driver;
use rohttp::io::arrival::Arrival;
use rohttp::io::stream::{SendFile, Stream};
use rohttp::limits::{Limits, Pace};
use rohttp::message::Scheme;
use rohttp::net::pace::{Brisk, Pacer};
use rohttp::net::serve::ServeConnection;
use rohttp::process::shutdown::{self, Shutdown, Trigger};
use rohttp::service::Service;
use rohttp::verse::VERSE;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf,
    duplex,
};
use tokio::time::{Instant, advance, interval, sleep, timeout};

use crate::support::GET;

/// However slow, by then it is over.
const ENOUGH: Duration = Duration::from_secs(90);
const UPLOAD: usize = 200_000;

/// A conversation in memory, with room for so many bytes on their way each way.
fn start(room: usize) -> (DuplexStream, Trigger) {
    let (trigger, shutdown) = shutdown::channel();
    let (ours, theirs) = duplex(room);
    let local = (Ipv4Addr::LOCALHOST, 1337).into();
    let (scheme, protocol) = (Scheme::Http, None);
    let arrival = Arrival { peer: local, local, scheme, protocol };
    let limits = Limits { write: Duration::from_secs(60), ..Limits::default() };
    let service = Arc::new(Service::default());
    let server = Driver { service, limits: Arc::new(limits) };
    let pacer = Pacer::new(Pace::default());
    tokio::spawn(pacer.clone().keep());
    let server = Brisk { server, pacer };
    tokio::spawn(server.serve_connection(theirs, arrival, shutdown));
    (ours, trigger)
}

/// Says something byte by byte, with a pause before each: for how long that goes well.
async fn drip(
    client: &mut DuplexStream,
    bytes: &[u8],
    pause: Duration,
) -> Duration {
    let begun = Instant::now();
    for byte in bytes {
        sleep(pause).await;
        if client.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    begun.elapsed()
}

/// A client who has more of a head there whenever somebody looks, and each look takes a
/// second.
struct Ready {
    looks: usize,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl SendFile for Ready {}

impl AsyncRead for Ready {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        room: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        // It sets the clock, and then waits for others, of whom there are none.
        let second = pin!(advance(Duration::from_secs(1)));
        let _ = second.poll(context);
        self.looks += 1;
        match self.looks {
            1 => room.put_slice(b"GET / HTTP/1.1\r\nHost: a\r\nX: "),
            2..=60 => room.put_slice(b"x"),
            _ => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Ready {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard.lock().unwrap().extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: Pin<&mut Self>,
        _: &mut Context,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Whoever has something there whenever we look never has us wait, and a deadline is
/// about waiting.
#[tokio::test(start_paused = true)]
async fn a_head_has_its_time_though_there_is_always_more_of_it() {
    let (_trigger, shutdown) = shutdown::channel();
    let heard = Arc::new(Mutex::default());
    let local = (Ipv4Addr::LOCALHOST, 1337).into();
    let (scheme, protocol) = (Scheme::Http, None);
    let arrival = Arrival { peer: local, local, scheme, protocol };
    let server = Driver { service: Arc::default(), limits: Arc::default() };
    let stream = Ready { looks: 0, heard: heard.clone() };
    server.serve_connection(stream, arrival, shutdown).await;
    let heard = String::from_utf8(heard.lock().unwrap().clone()).unwrap();
    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_broken_off() {
    let kinds = [
        ("POST /echo", "Content-Length: 65535\r\n\r\n"),
        ("GET /", "Content-Length: 65535\r\n\r\n"),
        ("POST /echo", "Transfer-Encoding: chunked\r\n\r\nffff\r\n"),
    ];
    for (asked, then) in kinds {
        for pause in [1, 29].map(Duration::from_secs) {
            let (mut client, _trigger) = start(4096);
            let head = format!("{asked} HTTP/1.1\r\nHost: a\r\n{then}");
            client.write_all(head.as_bytes()).await.unwrap();
            let lasted = drip(&mut client, &[b'x'; 1000], pause).await;
            assert!(lasted < ENOUGH, "{asked} lasts for {lasted:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_drips_is_broken_off() {
    for pause in [1, 29].map(Duration::from_secs) {
        let (mut client, _trigger) = start(64);
        let (begun, mut count) = (Instant::now(), 0);
        client.write_all(GET).await.unwrap();
        while client.read_u8().await.is_ok() {
            sleep(pause).await;
            count += 1;
        }
        // What had been let out before can still be read.
        let lasted = begun.elapsed() - pause * 64;
        assert!(lasted < ENOUGH, "it lasts for {lasted:?}");
        assert!(count < VERSE.len(), "it gets {count} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_broken_off() {
    let (mut client, _trigger) = start(4096);
    let lasted = drip(&mut client, &[b'x'; 1000], Duration::from_secs(1)).await;
    assert!(lasted < ENOUGH, "it lasts for {lasted:?}");
}

/// An echo, so that it is slow in both directions.
#[tokio::test(start_paused = true)]
async fn two_hundred_kilobytes_at_twenty_a_second_are_served() {
    let (client, _trigger) = start(4096);
    let (mut reader, mut writer) = tokio::io::split(client);
    let reader = tokio::spawn(async move {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await.unwrap();
        bytes.iter().filter(|byte| **byte == b'x').count()
    });
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Length: {UPLOAD}\r\n\r\n"
    );
    writer.write_all(head.as_bytes()).await.unwrap();
    for piece in [b'x'; UPLOAD].chunks(20_000) {
        sleep(Duration::from_secs(1)).await;
        writer.write_all(piece).await.unwrap();
    }
    assert_eq!(reader.await.unwrap(), UPLOAD);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_pauses_and_a_slow_typist_are_served() {
    let (mut client, _trigger) = start(64);
    // A head over eight seconds.
    let pause = Duration::from_secs(8) / GET.len() as u32;
    drip(&mut client, GET, pause).await;
    let mut answer = vec![0; 200];
    client.read_exact(&mut answer).await.unwrap();
    sleep(Duration::from_secs(35)).await;
    while !answer.ends_with(VERSE.as_bytes()) {
        answer.push(client.read_u8().await.unwrap());
    }
}

/// Thinking is not dawdling: it has its own deadline, and costs nothing afterwards.
#[tokio::test(start_paused = true)]
async fn who_is_idle_between_requests_has_all_the_time_for_the_next() {
    let (mut client, _trigger) = start(1 << 16);
    for _ in 0..3 {
        client.write_all(GET).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(VERSE.as_bytes()) {
            answer.push(client.read_u8().await.unwrap());
        }
        sleep(Duration::from_secs(55)).await;
    }
    let post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na";
    client.write_all(post).await.unwrap();
    sleep(Duration::from_secs(25)).await;
    client.write_all(b"b").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nab") {
        answer.push(client.read_u8().await.unwrap());
    }
}

/// A server that says only that it sends.
#[derive(Clone)]
struct Sender {
    /// How many bytes it has sent past the stream, each second.
    rate: u64,
}

impl<P: Shutdown> ServeConnection<P> for Sender {
    async fn serve_connection<S: Stream>(self, mut stream: S, _: Arrival, _: P) {
        let mut ticks = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                written = stream.write_all(&[b'x'; 1000]) => {
                    if written.is_err() {
                        return;
                    }
                }
                _ = ticks.tick() => stream.sent(self.rate),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_past_a_stream_buys_time_as_well() {
    for (rate, is_enough) in [(0, false), (100, false), (100_000, true)] {
        let (_ours, theirs) = duplex(10);
        let local = (Ipv4Addr::LOCALHOST, 1337).into();
        let (scheme, protocol) = (Scheme::Http, None);
        let arrival = Arrival { peer: local, local, scheme, protocol };
        let pacer = Pacer::new(Pace::default());
        tokio::spawn(pacer.clone().keep());
        let server = Brisk { server: Sender { rate }, pacer };
        let (_trigger, shutdown) = shutdown::channel();
        let served = server.serve_connection(theirs, arrival, shutdown);
        let is_over = timeout(2 * ENOUGH, served).await.is_ok();
        assert_eq!(is_over, !is_enough, "{rate} bytes a second");
    }
}
