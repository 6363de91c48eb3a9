//! Two servers on one port, the old and the new, each with a queue of its own
//! (`SO_REUSEPORT`). The old one goes: says how many in ten callers go with it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use socket2::{Domain, Socket, Type};

const CALLERS: usize = 4000;

fn main() -> io::Result<()> {
    rohttp::process::descriptors::raise();
    let old = listen(0)?;
    let address = old.local_addr()?;
    let new = listen(address.port())?;
    let callers: io::Result<Vec<TcpStream>> =
        (0..CALLERS).map(|_| TcpStream::connect(address)).collect();
    drop(old);
    new.set_nonblocking(true)?;
    while let Ok((mut caller, _)) = new.accept() {
        caller.write_all(b"welcome\n")?;
    }
    let is_lost = |caller: &mut TcpStream| caller.read(&mut [0; 8]).is_err();
    let lost = callers?.iter_mut().map(is_lost).filter(|it| *it).count();
    let in_ten = 10.0 * lost as f64 / CALLERS as f64;
    println!("{in_ten:.0} of 10 callers were lost");
    Ok(())
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(i32::from(u16::MAX))?;
    Ok(socket.into())
}
