impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends content. Files are read where that makes nobody else wait.
    async fn send(&mut self, mut content: Content) -> Result<(), Failure> {
        while let Some(piece) = content.next(CONTENT_ROOM) {
            match piece {
                Piece::Bytes(bytes) => self.data(bytes).await?,
                Piece::File(file, range) => {
                    let bytes = match content::read_at_once(&file, &range) {
                        Some(bytes) => bytes,
                        None => {
                            let read = move || content::read(&file, range);
                            self.server.service.disk.run(read).await??
                        }
                    };
                    self.data(bytes).await?;
                }
                Piece::Request(_) => {
                    while let Some(bytes) = self.next().await? {
                        self.data(bytes).await?;
                    }
                }
            }
        }
        self.connection.end(self.io.output())?;
        Ok(())
    }
}
