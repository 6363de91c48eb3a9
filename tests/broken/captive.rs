//! Goes where a server goes that serves ROOT and writes LOG, and tries what somebody
//! would try who had taken that server over.

use std::env;
use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use rohttp::process::sandbox::{Needs, Sandbox};

fn main() {
    let [root, log] = [1, 2].map(|it| PathBuf::from(env::args().nth(it).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut needs = Needs::default();
    needs.tree(&root);
    needs.log(&log);
    let sandbox = Sandbox::enter(&needs).unwrap();
    if let Some(lacks) = &sandbox.lacks {
        println!("{lacks}");
    }
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
    };
    // A thread has what the one had that started it.
    thread::spawn(attempts).join().unwrap();
}

fn tell<T: Debug>(attempt: &str, outcome: io::Result<T>) {
    match outcome {
        Ok(_) => println!("{attempt}: yes"),
        Err(error) => println!("{attempt}: no ({:?})", error.kind()),
    }
}
