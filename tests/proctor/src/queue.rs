//! What a server has not read yet: bytes are sent apart only if it reads them apart.

use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the queue is looked at.
const OFTEN: Duration = Duration::from_millis(2);

/// How long a server may take to read: most do at once, and one that has answered and
/// does not read on is not waited for any longer.
const LONGEST: Duration = Duration::from_millis(200);

/// How long is waited where the queue can't be seen, on another machine or system.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until the other side has read all that was sent, as far as can be told.
pub fn wait(socket: &TcpStream) {
    let deadline = Instant::now() + LONGEST;
    loop {
        match unread(socket) {
            None => return sleep(PAUSE),
            Some(0) => return,
            Some(_) if Instant::now() > deadline => return,
            Some(_) => sleep(OFTEN),
        }
    }
}

/// How many bytes lie in the queue of the socket at the other end, if that is on this
/// machine and the kernel tells.
#[cfg(not(target_os = "linux"))]
fn unread(_: &TcpStream) -> Option<usize> {
    None
}

#[cfg(target_os = "linux")]
use linux::unread;

#[cfg(target_os = "linux")]
mod linux {
    use std::net::{IpAddr, SocketAddr, TcpStream};

    use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto,
        socket_with,
    };

    /// How many bytes lie in the queue of the socket at the other end, if that is on
    /// this machine and the kernel tells: sock_diag(7).
    pub fn unread(socket: &TcpStream) -> Option<usize> {
        let (local, peer) = (socket.local_addr().ok()?, socket.peer_addr().ok()?);
        let flags = SocketFlags::CLOEXEC;
        let kind = SocketType::DGRAM;
        let kernel =
            socket_with(AddressFamily::NETLINK, kind, flags, Some(SOCK_DIAG))
                .ok()?;
        let question = question(peer, local);
        let to = SocketAddrNetlink::new(0, 0);
        sendto(&kernel, &question, SendFlags::empty(), &to).ok()?;
        let mut answer = [0; 512];
        let (length, _) =
            recv(&kernel, &mut answer[..], RecvFlags::DONTWAIT).ok()?;
        queue(&answer[..length])
    }

    /// The type of the question, and of its answer: <linux/sock_diag.h>.
    const SOCK_DIAG_BY_FAMILY: u16 = 20;

    /// Asks for the socket on an address that is connected to another: a `nlmsghdr` and
    /// an `inet_diag_req_v2`, whose ports and addresses are as in a packet.
    fn question(address: SocketAddr, to: SocketAddr) -> Vec<u8> {
        const LENGTH: u32 = 72;
        const NLM_F_REQUEST: u16 = 1;
        const IPPROTO_TCP: u8 = 6;
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let mut bytes = Vec::new();
        bytes.extend(LENGTH.to_ne_bytes());
        bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        bytes.extend(NLM_F_REQUEST.to_ne_bytes());
        bytes.extend([0; 8]);
        // The family fits: there are fewer than 256.
        bytes.extend([family.as_raw() as u8, IPPROTO_TCP, 0, 0]);
        bytes.extend(u32::MAX.to_ne_bytes());
        bytes.extend(address.port().to_be_bytes());
        bytes.extend(to.port().to_be_bytes());
        bytes.extend(sixteen(address.ip()));
        bytes.extend(sixteen(to.ip()));
        // Any interface, any cookie.
        bytes.extend(0u32.to_ne_bytes());
        bytes.extend([0xff; 8]);
        bytes
    }

    fn sixteen(address: IpAddr) -> [u8; 16] {
        match address {
            IpAddr::V4(address) => {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&address.octets());
                bytes
            }
            IpAddr::V6(address) => address.octets(),
        }
    }

    /// The queue of what was received, in an answer: a `nlmsghdr` and an
    /// `inet_diag_msg`.
    fn queue(answer: &[u8]) -> Option<usize> {
        let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
        let queue = u32::from_ne_bytes(answer.get(72..76)?.try_into().ok()?);
        (kind == SOCK_DIAG_BY_FAMILY).then(|| usize::try_from(queue).ok())?
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

    use super::unread;

    #[test]
    fn what_was_read_is_in_no_queue() {
        let four = (Ipv4Addr::LOCALHOST, 0).into();
        let six = (Ipv6Addr::LOCALHOST, 0).into();
        for address in [four, six] {
            let address: std::net::SocketAddr = address;
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let address = listener.local_addr().unwrap();
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(b"hello").unwrap();
            assert_eq!(unread(&client), Some(5), "{address}");
            let (mut server, _) = listener.accept().unwrap();
            server.read_exact(&mut [0; 5]).unwrap();
            assert_eq!(unread(&client), Some(0), "{address}");
        }
    }
}
