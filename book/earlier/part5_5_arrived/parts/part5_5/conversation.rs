/// A stream, and how it came in.
pub struct Conversation<S> {
    pub stream: S,
    pub arrival: Arrival,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    /// Reads the next head, takes it out of `input`, and makes up the reply; none
    /// if the client has nothing to say.
    async fn read(
        &mut self,
        input: &mut Vec<u8>,
    ) -> io::Result<Option<(Option<Target>, Reply)>> {
        let limits = HeadLimits::default();
        let mut parser = h1::Parser::default();
        let reply = timeout(HEAD_DEADLINE, async {
            loop {
                match parser.parse(input, &limits) {
                    Ok(Some(head)) => {
                        input.drain(..head.length);
                        let reply = Reply::to(&head, self.arrival.scheme);
                        return Ok(Some((
                            Some(head.request.target.clone()),
                            reply,
                        )));
                    }
                    Ok(None) => input.reserve(READ),
                    Err(error) => {
                        let response = error.response();
                        let reply = Reply::refusal(parser.method(), response);
                        return Ok(Some((None, reply)));
                    }
                }
                if self.stream.read_buf(input).await? == 0 {
                    return Ok(None);
                }
            }
        });
        match reply.await {
            Ok(reply) => reply,
            Err(_) if h1::is_blank(input) => Ok(None),
            Err(_) => {
                let response = Response::timed_out();
                Ok(Some((None, Reply::refusal(parser.method(), response))))
            }
        }
    }
}
