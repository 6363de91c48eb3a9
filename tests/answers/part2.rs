//! Answers to the exercises of Part 2.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rohttp::listen::{self, Backoff};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// 2.4: serves everyone, and no more than `most` at once.
pub async fn serve<F>(
    listener: TcpListener,
    most: usize,
    converse: impl Fn(TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let seats = Arc::new(Semaphore::new(most));
    let mut backoff = Backoff::default();
    loop {
        let seat = seats.clone().acquire_owned().await.expect("it is never closed");
        let (stream, _) = listen::accept(&listener, &mut backoff).await;
        let conversation = converse(stream);
        tokio::spawn(async move {
            conversation.await;
            drop(seat);
        });
    }
}

#[tokio::test]
async fn no_more_than_so_many_are_served_at_once_and_all_in_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (now, most) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let server = tokio::spawn(serve(listener, 3, move |mut stream| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            let together = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(together, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            stream.write_all(b"here").await.unwrap();
            now.fetch_sub(1, Ordering::SeqCst);
        }
    }));
    let mut callers = Vec::new();
    for _ in 0..20 {
        callers.push(TcpStream::connect(address).await.unwrap());
    }
    for mut caller in callers {
        let mut said = String::new();
        caller.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "here");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3);
    server.abort();
}
