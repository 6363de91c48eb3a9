use crate::message::{Method, Response};

/// What comes next.
enum Next {
    Request(Head),
    /// Something that is none, with what to say to it.
    Refusal(Option<Method>, Response),
    /// The client has ended its side.
    End,
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers request after request, for as long as both sides want to: how long is
    /// lingered then.
    async fn run(&mut self) -> Result<Linger, Failure> {
        let limits = &self.server.limits;
        while self.connection.is_open() && !self.shutdown.is_requested() {
            match self.next_request().await? {
                Next::Request(head) => self.answer(head).await?,
                Next::Refusal(method, response) => {
                    self.refuse(method, response).await?;
                }
                Next::End => break,
            }
        }
        self.io.flush(limits.write).await?;
        Ok(limits.linger)
    }

    /// Reads the next head, and past what is in front of it. Responses leave when there
    /// is none to be read yet: those to requests that came together leave together.
    async fn next_request(&mut self) -> Result<Next, Failure> {
        let limits = &self.server.limits;
        loop {
            match self.connection.receive(self.io.input(), limits) {
                Ok((taken, Some(Received::Head(head)))) => {
                    self.io.consume(taken);
                    return Ok(Next::Request(head));
                }
                Ok((taken, Some(_))) => self.io.consume(taken),
                Ok((taken, None)) => {
                    self.io.consume(taken);
                    let came = self.io.flush(limits.write).await?;
                    if came == 0 && self.io.fill(HEAD_ROOM).await? == 0 {
                        return Ok(Next::End);
                    }
                }
                Err(Broken { error, method }) => {
                    return Ok(Next::Refusal(method, error.response()));
                }
            }
        }
    }

    /// Answers a request.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        let request = head.request;
        let response = self.server.site.answer(&request);
        let stay = Persistence::KeepAlive;
        self.respond(Some(&request.method), response, stay).await
    }

    /// Says what is wrong with something that was no request.
    async fn refuse(
        &mut self,
        method: Option<Method>,
        response: Response,
    ) -> Result<(), Failure> {
        self.connection.expect_refusal();
        let response = response.map(Content::from);
        self.respond(method.as_ref(), response, Persistence::Close).await
    }
}
