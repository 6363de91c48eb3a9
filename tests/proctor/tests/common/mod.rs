//! What the tests of the program have in common.

#![allow(dead_code, reason = "each of the tests uses some of it")]

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// The program, in a folder.
pub fn proctor(folder: &Path) -> Command {
    let mut command = Command::new(built("proctor"));
    command.current_dir(folder).env_remove("NO_COLOR");
    command
}

/// A program that cargo has built beside this test, wherever that has been moved to.
pub fn built(program: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(program);
    assert!(program.exists(), "{} is not built", program.display());
    program
}

/// The server of `examples/verse.rs`.
pub fn verse() -> PathBuf {
    built("examples/verse")
}

/// A folder for a test, with nothing in it.
pub fn folder(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(3).unwrap().join("tmp").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

/// A port that nobody has.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A server within the test, which says this to everyone.
pub fn server(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(says);
        }
    });
    address
}

/// Whether a process is no more, or will be as soon as somebody looks.
pub fn is_gone(pid: &str) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output();
        let state = text(&state.unwrap().stdout);
        if state.trim().is_empty() || state.trim().starts_with('Z') {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// Sends a signal to a program, and waits for its end.
pub fn end(child: &mut Child, signal: &str) {
    let pid = child.id().to_string();
    Command::new("kill").args([signal, &pid]).status().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until there is something.
pub fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(it) = look() {
            return it;
        }
        assert!(Instant::now() < deadline, "it does not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}
