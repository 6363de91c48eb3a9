use rohttp::message::{Method, Response, Scheme, Target};
use tracing::info;

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    /// Answers requests until one gets the verse, or cannot be followed by another.
    pub async fn exchange(&mut self) -> io::Result<()> {
        let mut input = Vec::new();
        for strike in 1..=LAST_STRIKE {
            let Some((target, mut reply)) = self.read(&mut input).await? else {
                break;
            };
            let started = Instant::now();
            if strike == LAST_STRIKE {
                reply.persistence = Persistence::Close;
            }
            let persistence = reply.persistence;
            self.write(target, reply, started).await?;
            if persistence == Persistence::Close {
                break;
            }
        }
        Ok(())
    }

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
                        let reply = Reply::to(&head, Scheme::Http);
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

    /// Sends a reply, and says in one line what has been asked and answered.
    async fn write(
        &mut self,
        target: Option<Target>,
        reply: Reply,
        started: Instant,
    ) -> io::Result<()> {
        let (method, status) = (reply.method.clone(), reply.response.status);
        let length = match method {
            Some(Method::Head) => 0,
            _ => reply.response.body.len(),
        };
        let bytes = reply.encode();
        let write = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        timeout(WRITE_DEADLINE, write).await??;
        info!(
            method = %method.as_ref().map_or("-", Method::as_str),
            target = %target.map_or("-".into(), |target| target.to_string()),
            status = status.code(),
            bytes = length,
            time = ?started.elapsed(),
        );
        Ok(())
    }
}
