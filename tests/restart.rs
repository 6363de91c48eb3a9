//! Sockets that somebody else holds, and who is told how the server is, from part 7 on.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use command_fds::{CommandFdExt, FdMapping};
use rohttp::verse::VERSE;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::{Client, PATIENCE, Server, often, tls_config, weathered};

/// How often the server ends and begins while it is asked.
const RESTARTS: usize = 30;

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// Hands descriptors to a command, from 3 on.
fn hand_over(command: &mut Command, handed: Vec<OwnedFd>, names: &str) {
    let count = handed.len().to_string();
    let mapping = |(parent_fd, child_fd)| FdMapping { parent_fd, child_fd };
    let mappings = handed.into_iter().zip(3..).map(mapping);
    command.fd_mappings(mappings.collect()).unwrap();
    command.env("LISTEN_FDS", count);
    if !names.is_empty() {
        command.env("LISTEN_FDNAMES", names);
    }
}

/// A part 7 on sockets that are not its own.
fn start(sockets: &[&TcpListener], names: &str, certs: Option<&Path>) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1"]);
    if let Some(certs) = certs {
        command.arg("--cert").arg(certs.join("cert.pem"));
        command.arg("--key").arg(certs.join("key.pem"));
    }
    let handed = sockets.iter().map(|it| it.try_clone().unwrap().into());
    hand_over(&mut command, handed.collect(), names);
    Server::spawn(command, folder)
}

#[test]
fn sockets_that_are_handed_over_are_served_by_their_names() {
    let [one, other] = [listener(), listener()];
    let address = |it: &TcpListener| it.local_addr().unwrap();
    for names in ["", "http:https"] {
        let server = start(&[&one, &other], names, None);
        assert_eq!(server.addresses, [address(&one), address(&other)]);
        for client in Client::of_each_port(&server) {
            assert!(client.ask(GET_AND_GO).ends_with(VERSE.as_bytes()));
        }
    }
    let server = start(&[&one, &other], "https:http", None);
    assert_eq!(server.addresses, [address(&other), address(&one)]);
    let server = start(&[&one, &other], "http:metrics", None);
    assert_eq!(server.addresses[0], address(&one));
    assert_eq!(server.addresses[2], address(&other));
    let health = b"GET /healthz HTTP/1.0\r\n\r\n";
    let answer = Client::clear(server.addresses[2]).ask(health);
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    let server = start(&[&one], "https", None);
    assert_eq!(server.addresses[1], address(&one));
    assert_ne!(
        server.addresses[0],
        address(&other),
        "that one it has bound itself"
    );
}

const GET_AND_GO: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn what_is_no_socket_to_serve_is_refused() {
    let connected = || {
        let listener = listener();
        std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap()
    };
    let datagrams = || UdpSocket::bind("127.0.0.1:0").unwrap();
    let cases: [(OwnedFd, &str, &str); 4] = [
        (
            datagrams().into(),
            "http",
            "what was handed over is no socket to listen on",
        ),
        (connected().into(), "http", "descriptor 3 was handed over, and does not"),
        (
            listener().into(),
            "gopher",
            "is called \"gopher\", not http, https or metrics",
        ),
        (tempfile::tempfile().unwrap().into(), "", "is no socket to listen on"),
    ];
    for (handed, names, says) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Server::command(&weathered(), folder.path());
        hand_over(&mut command, vec![handed], names);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(says), "{says}: {said}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn while_a_server_is_replaced_again_and_again_no_request_is_lost() {
    let sockets = [listener(), listener()];
    let sockets = sockets.each_ref();
    let certs: TempDir = tempfile::tempdir().unwrap();
    let first = start(&sockets, "http:https", None);
    for name in ["cert.pem", "key.pem"] {
        let from = first.folder.path().join("certs").join(name);
        std::fs::copy(from, certs.path().join(name)).unwrap();
    }
    let config = tls_config(&first.root(), ALL_VERSIONS);
    let [clear, secure] = sockets.map(|it| it.local_addr().unwrap());
    let is_over = AtomicBool::new(false);
    let ask = |through: &dyn Fn() -> Result<Client, std::io::Error>| {
        let mut asked = 0;
        while !is_over.load(Ordering::Relaxed) {
            let answer = through().unwrap().ask(GET_AND_GO);
            assert!(answer.ends_with(VERSE.as_bytes()), "request {asked} is lost");
            asked += 1;
        }
        asked
    };
    let asked: usize = thread::scope(|scope| {
        let in_clear = || ask(&|| Ok(Client::clear(clear)));
        let in_tls = || ask(&|| Client::tls(secure, &config));
        let askers = [scope.spawn(in_clear), scope.spawn(in_tls)];
        let mut server = first;
        for _ in 0..often(RESTARTS) {
            server.signal(Signal::TERM);
            assert_eq!(server.wait().code(), Some(0));
            server = start(&sockets, "http:https", Some(certs.path()));
        }
        is_over.store(true, Ordering::Relaxed);
        askers.map(|it| it.join().unwrap()).iter().sum()
    });
    assert!(asked > RESTARTS, "{asked} requests are too few to tell");
}

/// What a service manager is told next.
fn told(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 1024];
    let count = socket.recv(&mut bytes).unwrap();
    String::from_utf8(bytes[..count].to_vec()).unwrap()
}

#[test]
fn a_service_manager_is_told_how_the_server_is() {
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1"]);
    command.env("NOTIFY_SOCKET", folder.path().join("notify"));
    let mut server = Server::spawn(command, folder);
    assert_eq!(told(&socket), "READY=1\n");
    server.signal(Signal::HUP);
    let reloading = told(&socket);
    let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    assert!(time.is_some_and(|it| it.trim().parse::<u64>().is_ok()), "{reloading}");
    assert_eq!(told(&socket), "READY=1\n");
    server.signal(Signal::TERM);
    assert_eq!(told(&socket), "STOPPING=1\n");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_sign_of_life_is_given_twice_as_often_as_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.env("NOTIFY_SOCKET", folder.path().join("notify"));
    command.env("WATCHDOG_USEC", "100000");
    let _server = Server::spawn(command, folder);
    assert_eq!(told(&socket), "READY=1\n");
    for _ in 0..5 {
        assert_eq!(told(&socket), "WATCHDOG=1\n");
    }
}

/// A manager that is gone is no reason to go as well.
#[test]
fn a_service_manager_that_does_not_listen_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1"]).env("NOTIFY_SOCKET", "/nowhere");
    let server = Server::spawn(command, folder);
    server.wait_for(|said| said.contains("the service manager can't be told"));
    let address: SocketAddr = server.addresses[0];
    assert!(Client::clear(address).ask(GET_AND_GO).ends_with(VERSE.as_bytes()));
}

/// One that is there and never reads is none, either: what it is told finds no room.
#[test]
fn a_service_manager_that_does_not_read_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let _unread = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1"]);
    command.env("NOTIFY_SOCKET", folder.path().join("notify"));
    command.env("WATCHDOG_USEC", "2000");
    let mut server = Server::spawn(command, folder);
    server.wait_for(|said| said.contains("the service manager can't be told"));
    let address: SocketAddr = server.addresses[0];
    assert!(Client::clear(address).ask(GET_AND_GO).ends_with(VERSE.as_bytes()));
    server.signal(Signal::HUP);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
}
