use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

impl<S: AsyncRead + AsyncWrite + Unpin> Buffered<S> {
    /// Waits for more to come in: how many bytes came; 0 at the end of the stream.
    pub async fn fill(&mut self, room: usize) -> io::Result<usize> {
        self.input.reserve(room);
        self.stream.read_buf(&mut self.input).await
    }

    /// Lets out what is to go out.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all_buf(&mut self.output).await?;
        self.stream.flush().await
    }
}
