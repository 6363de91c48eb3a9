//! A stream, what has come from it and was not read, and what is to go out over it.

use std::cell::RefCell;
use std::future::{self, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::output::Output;

/// How many segments leave in one write.
const SEGMENTS: usize = 16;
/// How much is read ahead while what is written makes no progress.
const READ_AHEAD: usize = 2 * 1024;

/// How much memory a thread has to lend to whoever is writing, in bytes. It fits into
/// what a core has near it.
pub const LENT: usize = 256 * 1024;

thread_local! {
    static TO_LEND: RefCell<Vec<u8>> = RefCell::new(vec![0; LENT]);
}

/// A stream with buffers on both sides.
pub struct Buffered<S> {
    stream: S,
    input: BytesMut,
    output: Output,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Buffered<S> {
    /// A stream over which nothing has gone.
    pub fn new(stream: S) -> Buffered<S> {
        let (input, output) = (BytesMut::new(), Output::default());
        Buffered { stream, input, output }
    }

    /// What has come and was not taken.
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// Takes so many bytes of the input away.
    pub fn consume(&mut self, count: usize) {
        self.input.advance(count);
    }

    /// Takes so many bytes of the input, to be shared.
    pub fn take(&mut self, count: usize) -> Bytes {
        self.input.split_to(count).freeze()
    }

    /// What is to go out.
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Waits for more to come in, with room for so many bytes: how many came; 0 at
    /// the end of the stream.
    ///
    /// # Errors
    /// If the stream breaks.
    pub async fn fill(&mut self, room: usize) -> io::Result<usize> {
        if self.input.is_empty() && room <= READ_AHEAD {
            // Who has nothing under way holds no buffer.
            self.input = BytesMut::new();
            return poll_fn(|context| self.poll_first(context)).await;
        }
        self.input.reserve(room);
        self.stream.read_buf(&mut self.input).await
    }

    /// Reads what has come by now, through memory that is not the connection's.
    fn poll_first(&mut self, context: &mut Context) -> Poll<io::Result<usize>> {
        let mut bytes = [0; READ_AHEAD];
        let mut room = ReadBuf::new(&mut bytes);
        if Pin::new(&mut self.stream).poll_read(context, &mut room)?.is_pending() {
            self.output.rest();
            return Poll::Pending;
        }
        self.input.extend_from_slice(room.filled());
        Poll::Ready(Ok(room.filled().len()))
    }

    /// The stream itself.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream, when all has been said.
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Lets out what is to go out, as fast as the peer makes room: how many bytes have
    /// come in meanwhile.
    ///
    /// # Errors
    /// If the stream breaks, or the peer makes no room for as long as `patience`.
    pub async fn flush(&mut self, patience: Duration) -> io::Result<usize> {
        if self.output.is_empty() {
            return Ok(0);
        }
        let before = self.input.len();
        while !self.output.is_empty() {
            with_timeout(poll_fn(|context| self.poll_write(context)), patience)
                .await?;
        }
        with_timeout(self.stream.flush(), patience).await?;
        Ok(self.input.len() - before)
    }

    /// Writes what there is room for. Meanwhile some of what comes is read, so that a
    /// peer who sends before it reads does not wait for ever.
    fn poll_write(&mut self, context: &mut Context) -> Poll<io::Result<()>> {
        let stream = Pin::new(&mut self.stream);
        let mut slices = [IoSlice::new(&[]); SEGMENTS];
        let count = self.output.chunks_vectored(&mut slices);
        let written = match slices.get(..count) {
            Some(slices) if count > 1 && stream.is_write_vectored() => {
                stream.poll_write_vectored(context, slices)
            }
            _ => stream.poll_write(context, self.output.chunk()),
        };
        match written {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(Ok(count)) => {
                self.output.advance(count);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.poll_read_ahead(context);
                Poll::Pending
            }
        }
    }

    /// Writes what `read` puts into memory that is lent to it, `most` bytes of it or
    /// fewer, when there is room at the peer's: how many the peer took; nothing if
    /// `read` has none. What is to go out by way of the output must have gone.
    ///
    /// # Errors
    /// If the stream breaks, or the peer makes no room for as long as `patience`.
    pub async fn pass(
        &mut self,
        most: usize,
        read: impl Fn(&mut [u8]) -> Option<usize>,
        patience: Duration,
    ) -> io::Result<Option<usize>> {
        let pass = poll_fn(|context| self.poll_pass(context, most, &read));
        let passed = with_timeout(pass, patience).await?;
        with_timeout(self.stream.flush(), patience).await?;
        Ok(passed)
    }

    fn poll_pass(
        &mut self,
        context: &mut Context,
        most: usize,
        read: impl Fn(&mut [u8]) -> Option<usize>,
    ) -> Poll<io::Result<Option<usize>>> {
        TO_LEND.with_borrow_mut(|lent| {
            let Some(count) = read(&mut lent[..most]) else {
                return Poll::Ready(Ok(None));
            };
            match Pin::new(&mut self.stream).poll_write(context, &lent[..count]) {
                Poll::Ready(Ok(0)) => {
                    Poll::Ready(Err(io::ErrorKind::WriteZero.into()))
                }
                Poll::Ready(written) => Poll::Ready(written.map(Some)),
                Poll::Pending => {
                    self.poll_read_ahead(context);
                    Poll::Pending
                }
            }
        })
    }

    /// Reads some of what has come. Whatever is wrong with that, the next [`fill`]
    /// finds it too.
    ///
    /// [`fill`]: Buffered::fill
    fn poll_read_ahead(&mut self, context: &mut Context) {
        while self.input.len() < READ_AHEAD {
            let mut bytes = [0; READ_AHEAD];
            let mut room = ReadBuf::new(&mut bytes);
            let stream = Pin::new(&mut self.stream);
            match stream.poll_read(context, &mut room) {
                Poll::Ready(Ok(())) if !room.filled().is_empty() => {
                    self.input.extend_from_slice(room.filled());
                }
                _ => return,
            }
        }
    }
}

/// Does something that waits for the peer to make room, or gives up.
async fn with_timeout<T>(
    work: impl Future<Output = io::Result<T>>,
    patience: Duration,
) -> io::Result<T> {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        done = &mut work => done,
        // Mostly there is room, and no clock is needed to see it.
        () = future::ready(()) => timeout(patience, work).await?,
    }
}
