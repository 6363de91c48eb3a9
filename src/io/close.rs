//! The end of a connection, without losing what was said last.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long a connection may linger after its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linger {
    /// The time between one read and the next. A caller that is there hangs up within
    /// a round trip; nginx allows 5 s.
    pub pause: Duration,
    /// The time in all, for a caller who is still sending and has not looked yet. As
    /// nginx.
    pub total: Duration,
}

impl Default for Linger {
    fn default() -> Linger {
        Linger { pause: Duration::from_secs(2), total: Duration::from_secs(30) }
    }
}

impl Linger {
    /// Not at all, where the peer has had all that was said and has asked for nothing
    /// since.
    pub const NONE: Linger =
        Linger { pause: Duration::ZERO, total: Duration::ZERO };
}

/// Closes in stages (RFC 9112 section 9.6): says that nothing more will come, then
/// reads, and throws away, until the peer closes, pauses or goes on for too long.
///
/// A socket that is closed with bytes unread is reset, and a reset can destroy
/// the response before the peer has read it.
///
/// Over TLS, saying that nothing more will come includes the close_notify alert
/// (RFC 8446 section 6.1).
pub async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    linger: Linger,
) {
    let _ = timeout(linger.total, async {
        timeout(linger.pause, stream.shutdown()).await??;
        let mut unwanted = [0; 1024];
        while timeout(linger.pause, stream.read(&mut unwanted)).await?? > 0 {}
        std::io::Result::Ok(())
    })
    .await;
}
