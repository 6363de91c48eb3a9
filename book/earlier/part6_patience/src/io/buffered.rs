impl<S: AsyncRead + AsyncWrite + Unpin> Buffered<S> {
    /// Lets out what is to go out, as fast as the peer makes room.
    ///
    /// # Errors
    /// If the stream breaks, or the peer makes no room for as long as `patience`.
    pub async fn flush(&mut self, patience: Duration) -> io::Result<()> {
        while !self.output.is_empty() {
            with_timeout(poll_fn(|context| self.poll_write(context)), patience)
                .await?;
        }
        with_timeout(self.stream.flush(), patience).await
    }

    /// Writes what there is room for.
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
            Poll::Pending => Poll::Pending,
        }
    }
}
