//! Listening sockets, and where they are bound.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use rustix::io::Errno;
use socket2::{Domain, Socket, Type};

/// How many callers may wait to be accepted. The kernel caps it at its own
/// limit (net.core.somaxconn, 4096 on Linux); a caller past it tries again after
/// a second, which is what a thousand at once would notice.
const BACKLOG: i32 = 1024;

/// How many bytes may wait in the kernel to be sent before there is no more room: a
/// client that takes 20 KB a second makes room every few seconds.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 * 1024;

/// A socket that could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}")]
pub struct ListenError {
    /// What was asked for.
    pub address: String,
    /// What the system says.
    pub error: io::Error,
}

/// The options that say who can reach the server.
#[derive(Debug, Default, clap::Args)]
pub struct Hosts {
    /// An address or name to listen on, may be repeated: 0.0.0.0 and :: are all of
    /// this machine's addresses [default: 127.0.0.1 and ::1, this machine alone]
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
}

impl Hosts {
    /// Opens a socket for each address, on a port (0: any that is free, another
    /// for each). Without `--host`, loopback; a machine without IPv6 does without.
    ///
    /// # Errors
    /// If an address can't be resolved or bound.
    pub fn bind(&self, port: u16) -> Result<Vec<TcpListener>, ListenError> {
        if self.hosts.is_empty() {
            let v4 = bind((Ipv4Addr::LOCALHOST, port).into())?;
            return match bind((Ipv6Addr::LOCALHOST, port).into()) {
                Ok(v6) => Ok(vec![v4, v6]),
                Err(error) if no_such_family(&error.error) => Ok(vec![v4]),
                Err(error) => Err(error),
            };
        }
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for host in &self.hosts {
            for address in resolve(host, port)? {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
        addresses.into_iter().map(bind).collect()
    }
}

fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ListenError> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match (bare.unwrap_or(host), port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(ListenError { address: host.to_owned(), error }),
    }
}

fn no_such_family(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable
        || error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error())
}

fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // Without it, a port is refused for a minute after its last caller.
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            // One family a socket, so that `::` and `0.0.0.0` can both be had.
            socket.set_only_v6(true)?;
        }
        // On Linux the kernel would take megabytes for a client who reads slowly, and
        // say that there is room again once most of that has gone.
        #[cfg(target_os = "linux")]
        socket.set_tcp_notsent_lowat(UNSENT)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    open().map_err(|error| ListenError { address: address.to_string(), error })
}

/// One line a socket, for people and for programs that wait for us.
///
/// # Errors
/// If the system does not say where a socket is bound.
pub fn greeting(scheme: &str, listeners: &[TcpListener]) -> io::Result<String> {
    let line = |listener: &TcpListener| {
        Ok(format!("listening on {scheme}://{}\n", listener.local_addr()?))
    };
    listeners.iter().map(line).collect()
}

/// Hands a bound listener to the runtime.
///
/// # Errors
/// If the runtime can't have it.
pub fn into_tokio(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
