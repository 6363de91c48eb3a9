//! Goes where a server goes that serves ROOT and writes LOG, and tries what somebody
//! would try who had taken that server over.

use std::env;
use std::fmt::Debug;
use std::fs::{self, File, Permissions};
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use rohttp::process::sandbox::{Needs, Sandbox};

fn main() {
    let [root, log] = [1, 2].map(|it| PathBuf::from(env::args().nth(it).unwrap()));
    // Somebody to call, in each of three ways.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _listens = UnixListener::bind(&path).unwrap();
    let mut needs = Needs::default();
    needs.tree(&root);
    needs.log(&log);
    let address = listener.local_addr().unwrap();
    let to = datagrams.local_addr().unwrap();
    let attempts = move || {
        let append = || File::options().append(true).create(true).open(&log);
        tell("read a page", fs::read(root.join("page")));
        tell("write a page", fs::write(root.join("page"), "pwned"));
        tell("read /etc/passwd", fs::read("/etc/passwd"));
        tell("read it by a link in the root", fs::read(root.join("link")));
        tell("append to the log", append());
        tell("empty the log", File::create(&log));
        tell("remove the log", fs::remove_file(&log));
        tell("run a program", Command::new("/bin/true").status());
        tell("call somebody", TcpStream::connect(address));
        tell("listen to somebody", TcpListener::bind("127.0.0.1:0"));
        // Of these Landlock knows nothing.
        let send = || UdpSocket::bind("127.0.0.1:0")?.send_to(b"hi", to);
        tell("send a datagram", send());
        tell("call by a path", UnixStream::connect(path));
        let mode = Permissions::from_mode(0o600);
        tell("change a mode", fs::set_permissions(root.join("page"), mode));
    };
    let captive = thread::spawn(move || {
        let sandbox = Sandbox::enter(&needs).unwrap();
        if let Some(lacks) = &sandbox.lacks {
            println!("{lacks}");
        }
        // A thread has what the one had that started it.
        thread::spawn(attempts).join().unwrap();
    });
    captive.join().unwrap();
}

fn tell<T: Debug>(attempt: &str, outcome: io::Result<T>) {
    match outcome {
        Ok(_) => println!("{attempt}: yes"),
        Err(error) => println!("{attempt}: no ({:?})", error.kind()),
    }
}
