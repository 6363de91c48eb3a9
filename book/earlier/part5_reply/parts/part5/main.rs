fn main() -> io::Result<()> {
    let limits = HeadLimits::default();
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    loop {
        let mut parser = h1::Parser::default();
        let reply = match parser.parse(&input, &limits) {
            Ok(None) => return Ok(()),
            Ok(Some(head)) => {
                input.drain(..head.length);
                Reply::to(&head, Scheme::Http)
            }
            Err(error) => Reply::refusal(parser.method(), error.response()),
        };
        let persistence = reply.persistence;
        io::stdout().write_all(&reply.encode())?;
        if persistence == Persistence::Close {
            return Ok(());
        }
    }
}
