use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// The options that say who can reach the server.
#[derive(Debug, Default, clap::Args)]
pub struct Hosts {
    /// An address to listen on, may be repeated: 0.0.0.0 and :: are all of
    /// this machine's addresses [default: 127.0.0.1 and ::1, this machine alone]
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<IpAddr>,
}

impl Hosts {
    /// Opens a socket for each address, on a port (0: any that is free, another
    /// for each). Without `--host`, loopback.
    ///
    /// # Errors
    /// If an address can't be resolved or bound.
    pub fn bind(&self, port: u16) -> Result<Vec<TcpListener>, ListenError> {
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let hosts = if self.hosts.is_empty() { &loopback[..] } else { &self.hosts };
        hosts.iter().map(|&host| bind((host, port).into())).collect()
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let of = |error| ListenError { address: address.to_string(), error };
    TcpListener::bind(address).map_err(of)
}
