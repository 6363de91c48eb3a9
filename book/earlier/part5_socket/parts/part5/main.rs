/// Answers requests until one gets the verse, or cannot be followed by another.
async fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    loop {
        let Some(reply) = read(stream, &mut input).await? else {
            return Ok(());
        };
        let persistence = reply.persistence;
        stream.write_all(&reply.encode()).await?;
        if persistence == Persistence::Close {
            return Ok(());
        }
    }
}

/// Reads the next head, takes it out of `input`, and makes up the reply; none if the
/// stream ends.
async fn read(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> io::Result<Option<Reply>> {
    let limits = HeadLimits::default();
    let mut parser = h1::Parser::default();
    loop {
        match parser.parse(input, &limits) {
            Ok(Some(head)) => {
                input.drain(..head.length);
                return Ok(Some(Reply::to(&head, Scheme::Http)));
            }
            Ok(None) => input.reserve(READ),
            Err(error) => {
                let response = error.response();
                return Ok(Some(Reply::refusal(parser.method(), response)));
            }
        }
        if stream.read_buf(input).await? == 0 {
            return Ok(None);
        }
    }
}
