//! What else might pay in Part 8: the same program with one thing changed each, and the
//! floor on another kernel interface.
//!
//! Two of them are made by hand. `cargo build --release --manifest-path
//! tests/figures/uring/Cargo.toml --target-dir target` makes the floor on `io_uring`.
//! And a compiler that is guided by a profile takes the tools that `rustup component
//! add llvm-tools` brings: see `tests/figures/guide`.

use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::floor;
use crate::server::{Server, path_of};
use crate::whole::{Measured, SETTLED, requests};
use crate::{Effort, others};

/// What is served.
const FILES: [&str; 2] = ["--root", "html"];

/// Listens on two ports that wake nobody until a caller has said something, and becomes
/// the program that it is told, which finds them as descriptors 3 and 4.
const DEFERRED: &str = "
import os, socket, sys
ports = [socket.socket() for _ in range(2)]
for port in ports:
    port.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
    port.bind(('127.0.0.1', 0))
    port.listen(1024)
for number, port in enumerate(ports, 3):
    os.dup2(port.fileno(), number)
    os.set_inheritable(number, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='2')
os.execv(sys.argv[1], sys.argv[1:])
";

/// Measures each trial beside Part 8 as it is, and the floor.
pub fn measure(folder: &Path, effort: Effort) -> io::Result<Vec<Measured>> {
    let mut servers = vec![Server::part("part8", folder, &FILES)?];
    servers.extend(others([
        ("jemalloc", preloading("jemalloc", folder)),
        ("mimalloc", preloading("mimalloc", folder)),
        ("large pages", large_pages(folder)),
        ("deferred", deferred(folder)),
        ("guided", guided(folder)),
        ("io_uring", uring(folder)),
    ]));
    servers.push(Server::floor(folder)?);
    thread::sleep(SETTLED);
    Ok(requests(&servers, effort))
}

/// With another allocator.
fn preloading(allocator: &'static str, folder: &Path) -> io::Result<Server> {
    let library = format!("lib{allocator}.so.2");
    let mut command = Command::new(path_of("part8"));
    command.env("LD_PRELOAD", &library);
    let server = Server::started("part8", command, folder, &FILES)?;
    // One that is not there is a warning to the program, and no more.
    match server.has_loaded(&library) {
        true => Ok(server.named(allocator)),
        false => Err(io::Error::other(format!("{library} is not loaded"))),
    }
}

/// With pages of 2 MiB where the kernel has any.
fn large_pages(folder: &Path) -> io::Result<Server> {
    let mut command = Command::new(path_of("part8"));
    command.env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    Ok(Server::started("part8", command, folder, &FILES)?.named("large pages"))
}

/// On ports that wake nobody too early.
fn deferred(folder: &Path) -> io::Result<Server> {
    let mut command = Command::new("python3");
    command.args(["-c", DEFERRED]).arg(path_of("part8"));
    Ok(Server::started("part8", command, folder, &FILES)?.named("deferred"))
}

/// As a compiler makes it that has seen it run.
fn guided(folder: &Path) -> io::Result<Server> {
    let path = path_of("part8").with_file_name("part8-guided");
    Ok(Server::started("part8", Command::new(path), folder, &FILES)?
        .named("guided"))
}

/// The floor on another interface of the kernel.
fn uring(folder: &Path) -> io::Result<Server> {
    let mut command = Command::new(path_of("uring"));
    command.arg(String::from_utf8_lossy(&floor::answer()).as_ref());
    Server::greeted("io_uring", &mut command, folder, false)
}
