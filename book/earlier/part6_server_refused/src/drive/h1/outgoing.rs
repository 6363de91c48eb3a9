/// Why a connection breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The client went, or made no room.
    #[error(transparent)]
    Client(#[from] io::Error),
    /// We have lost the thread.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends a response.
    pub(super) async fn respond(
        &mut self,
        method: Option<&Method>,
        response: Response<Content>,
        persistence: Persistence,
    ) -> Result<(), Failure> {
        let now = crate::date::now();
        let response = response.finish(method, Content::length, &now);
        let content = self.connection.respond(
            self.io.output(),
            response,
            Content::length,
            persistence,
        )?;
        match content {
            Some(content) => self.send(content).await,
            None => Ok(()),
        }
    }

    /// Sends content.
    async fn send(&mut self, mut content: Content) -> Result<(), Failure> {
        while let Some(piece) = content.next(CONTENT_ROOM) {
            match piece {
                Piece::Bytes(bytes) => self.data(bytes).await?,
                Piece::File(file, range) => {
                    let bytes = content::read(&file, range);
                    self.data(bytes.map_err(io::Error::other)?).await?;
                }
                Piece::Request(_) => break,
            }
        }
        self.connection.end(self.io.output())?;
        Ok(())
    }

    async fn data(&mut self, bytes: Bytes) -> Result<(), Failure> {
        self.connection.data(self.io.output(), bytes)?;
        self.io.flush(self.server.limits.write).await?;
        Ok(())
    }
}
