fn main() -> Result<(), rohttp::h1::sending::Misuse> {
    use std::io::Read;

    use bytes::{Buf, Bytes};
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::{Broken, Received};
    use rohttp::h1::{BodyLength, Persistence};
    use rohttp::message::request::Expectation;
    use rohttp::message::{Response, Status};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut connection) = (&input[..], Connection::default());
    let mut output = rohttp::io::output::Output::default();
    loop {
        let (taken, received) = match connection.receive(rest, &limits) {
            Ok(step) => step,
            Err(Broken { error, method }) => {
                let text = error.response().map(|it| Bytes::from(it.into_owned()));
                let length = |text: &Bytes| Some(text.len() as u64);
                let now = rohttp::date::now();
                let refusal = text.finish(method.as_ref(), length, &now);
                connection.expect_refusal();
                let close = Persistence::Close;
                let content =
                    connection.respond(&mut output, refusal, length, close)?;
                if let Some(text) = content {
                    connection.data(&mut output, text)?;
                }
                continue;
            }
        };
        rest = &rest[taken..];
        match received {
            Some(Received::Head(_)) if !connection.is_open() => break,
            Some(Received::Head(head)) => {
                connection.expect_response(&head)?;
                if head.request.expectation() == Expectation::Continue {
                    connection.send_continue(&mut output)?;
                }
                let verse = Bytes::from_static(rohttp::verse::VERSE.as_bytes());
                let response = Response::new(Status::OK, verse);
                let is_echo = head.body != BodyLength::None;
                let length =
                    |verse: &Bytes| (!is_echo).then_some(verse.len() as u64);
                let (method, now) = (&head.request.method, rohttp::date::now());
                let response = response.finish(Some(method), length, &now);
                let stay = Persistence::KeepAlive;
                let content =
                    connection.respond(&mut output, response, length, stay)?;
                if let (Some(verse), false) = (content, is_echo) {
                    connection.data(&mut output, verse)?;
                }
            }
            Some(Received::Data(data)) => {
                connection.data(&mut output, Bytes::copy_from_slice(data))?;
            }
            Some(Received::End(_)) => connection.end(&mut output)?,
            None => break,
        }
    }
    eprintln!("the first piece has {} bytes", output.chunk().len());
    std::io::copy(&mut output.reader(), &mut std::io::stdout())
        .expect("a pipe takes it");
    Ok(())
}
