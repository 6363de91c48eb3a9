use crate::message::{Method, Response};
use crate::resource::content::{self, Content, Piece};

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends a response.
    pub(super) async fn respond(
        &mut self,
        method: Option<&Method>,
        response: Response<Content>,
        persistence: Persistence,
    ) -> io::Result<()> {
        let now = crate::date::now();
        let response = response.finish(method, Content::length, &now);
        let content = self.connection.respond(
            self.io.output(),
            response,
            Content::length,
            persistence,
        );
        match content.map_err(io::Error::other)? {
            Some(content) => self.send(content).await,
            None => Ok(()),
        }
    }

    /// Sends content.
    async fn send(&mut self, mut content: Content) -> io::Result<()> {
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
        self.connection.end(self.io.output()).map_err(io::Error::other)
    }

    async fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        let sent = self.connection.data(self.io.output(), bytes);
        sent.map_err(io::Error::other)?;
        self.io.flush(self.server.limits.write).await?;
        Ok(())
    }
}
