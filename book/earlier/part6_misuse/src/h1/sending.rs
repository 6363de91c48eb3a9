use crate::message::{Response, Version};

/// What is written next.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Nothing: there is no request without its response.
    #[default]
    Idle,
    /// The response to a request.
    Response(Pending),
    /// So many bytes of content; and what then becomes of the connection.
    Length(u64, Persistence),
    /// Nothing any more.
    Closed,
}

impl Sending {
    /// Writes the response's head. Afterwards the connection closes if either side
    /// wants it to.
    ///
    /// # Errors
    /// If no response is expected.
    pub fn respond<B>(
        self,
        output: &mut Output,
        response: Response<Option<B>>,
        length: impl FnOnce(&B) -> u64,
        persistence: Persistence,
    ) -> Result<(Sending, Option<B>), Misuse> {
        let Sending::Response(pending) = self else {
            return Err(self.misuse("a response"));
        };
        let then = pending.persistence.and(persistence);
        let next = match response.body.as_ref().map(length) {
            None | Some(0) => Sending::after(then),
            Some(length) => Sending::Length(length, then),
        };
        output.write(|buffer| encode::head(buffer, &response, then));
        Ok((next, response.body))
    }
}
