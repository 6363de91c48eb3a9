//! A whole connection: any bytes in any pieces, read in any pieces, on a clock that is
//! wound. It ends, nothing panics, and what comes back are responses.

#![no_main]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use rohttp::drive::Server;
use rohttp::io::arrival::Arrival;
use rohttp::limits::Limits;
use rohttp::message::Scheme;
use rohttp::net::serve::ServeConnection;
use rohttp::process::shutdown;
use rohttp::service::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};

/// What a client does next.
fn steps(mut input: &[u8]) -> Vec<(u8, &[u8])> {
    let mut steps = Vec::new();
    while let [kind, length, rest @ ..] = input {
        // Most pieces are short, and some long.
        let length = usize::from(*length) * if kind & 0x80 == 0 { 1 } else { 64 };
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        steps.push((*kind, piece));
        input = rest;
    }
    steps
}

async fn client(mut stream: DuplexStream, input: &[u8]) -> Vec<u8> {
    let (mut received, mut room) = (Vec::new(), [0; 512]);
    for (kind, piece) in steps(input) {
        match kind % 8 {
            0 => sleep(Duration::from_secs(piece.len() as u64)).await,
            1 => {
                let most = room.len().min(piece.len());
                let read = stream.read(&mut room[..most]);
                if let Ok(Ok(count)) = timeout(Duration::from_secs(1), read).await {
                    received.extend_from_slice(&room[..count]);
                }
            }
            _ => {
                let written = stream.write_all(piece);
                let _ = timeout(Duration::from_secs(1), written).await;
            }
        }
    }
    let _ = stream.shutdown().await;
    let _ = stream.read_to_end(&mut received).await;
    received
}

/// Responses, of which the last may have been cut off.
fn responses(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut fields);
        let status = response.parse(bytes).expect("a response begins here");
        let httparse::Status::Complete(head) = status else { return };
        let code = response.code.expect("it has a status");
        bytes = &bytes[head..];
        let find = |name: &str| {
            let mut all = response.headers.iter();
            all.find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| it.value)
        };
        let length = find("Content-Length").map_or(0, |value| {
            std::str::from_utf8(value).unwrap().parse::<usize>().unwrap()
        });
        if code == 100 || code == 204 || code == 304 {
            assert!(code == 304 || length == 0);
            continue;
        }
        if find("Transfer-Encoding").is_some() {
            // Chunks of an echo, which may hold anything.
            return;
        }
        // An answer to HEAD has none of what it announces.
        if !bytes.starts_with(b"HTTP/1.") {
            bytes = bytes.get(length..).unwrap_or_default();
        }
    }
}

fuzz_target!(|case: (u16, &[u8])| {
    let (room, input) = case;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let received = runtime.block_on(async {
        let (_trigger, shutdown) = shutdown::channel();
        let (ours, theirs) = duplex(usize::from(room) + 1);
        let peer = (Ipv4Addr::LOCALHOST, 5000).into();
        let local = (Ipv4Addr::LOCALHOST, 1337).into();
        let arrival = Arrival { peer, local, scheme: Scheme::Http, protocol: None };
        let server = Server {
            service: Arc::new(Service::default()),
            limits: Arc::new(Limits::default()),
        };
        let served = tokio::spawn(server.serve_connection(theirs, arrival, shutdown));
        let received = client(ours, input).await;
        // More than all deadlines together: the clock is wound when all wait.
        let ended = timeout(Duration::from_secs(3600), served).await;
        ended.expect("it ends").expect("it does not panic");
        received
    });
    responses(&received);
});
