/// Why a connection breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The client went, or made no room.
    #[error(transparent)]
    Client(#[from] io::Error),
    /// The client did not keep to the rules when a response had begun.
    #[error(transparent)]
    Refused(BodyError),
    /// What is to be sent can't be had.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// We have lost the thread.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends content.
    async fn send(&mut self, mut content: Content) -> Result<(), Failure> {
        while let Some(piece) = content.next(CONTENT_ROOM) {
            match piece {
                Piece::Bytes(bytes) => self.data(bytes).await?,
                Piece::File(file, range) => {
                    let bytes = content::read(&file, range)?;
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
