//! A service manager in forty lines: `keeper part7 --root .` listens on both ports, hands
//! its sockets to the program, and starts it again, a second later, whenever it ends.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};

fn main() -> std::io::Result<()> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().unwrap_or("part7".into());
    let arguments: Vec<_> = words.collect();
    let sockets = [
        TcpListener::bind(("127.0.0.1", 1337))?,
        TcpListener::bind(("127.0.0.1", 1972))?,
    ];
    loop {
        let mut command = Command::new(&program);
        command.args(&arguments);
        command.envs([("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "http:https")]);
        command.fd_mappings(mappings(&sockets)?).map_err(std::io::Error::other)?;
        command.status()?;
        sleep(Duration::from_secs(1));
    }
}

/// The sockets as the first two descriptors after those that every process has.
fn mappings(sockets: &[TcpListener]) -> std::io::Result<Vec<FdMapping>> {
    let mapping = |(socket, child_fd): (&TcpListener, i32)| {
        let parent_fd = OwnedFd::from(socket.try_clone()?);
        Ok(FdMapping { parent_fd, child_fd })
    };
    sockets.iter().zip(3..).map(mapping).collect()
}
