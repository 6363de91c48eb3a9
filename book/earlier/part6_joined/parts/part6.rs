fn main() -> Result<(), rohttp::h1::sending::Misuse> {
    use std::io::Read;

    use bytes::{Buf, Bytes};
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::Received;
    use rohttp::h1::{BodyLength, Persistence};
    use rohttp::message::{Response, Status};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut connection) = (&input[..], Connection::default());
    let mut output = rohttp::io::output::Output::default();
    loop {
        let (taken, received) = match connection.receive(rest, &limits) {
            Ok(step) => step,
            Err(broken) => return Ok(println!("{broken:?}")),
        };
        rest = &rest[taken..];
        match received {
            Some(Received::Head(_)) if !connection.is_open() => break,
            Some(Received::Head(head)) => {
                connection.expect_response(&head)?;
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
    std::io::copy(&mut output.reader(), &mut std::io::stdout())
        .expect("a pipe takes it");
    Ok(())
}
