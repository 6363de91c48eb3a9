fn main() -> Result<(), rohttp::h1::sending::Misuse> {
    use std::io::Read;

    use bytes::{Buf, Bytes};
    use rohttp::h1::Persistence;
    use rohttp::h1::receiving::{Received, Receiving};
    use rohttp::h1::sending::Sending;
    use rohttp::message::{Response, Status};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut receiving) = (&input[..], Receiving::default());
    let mut output = rohttp::io::output::Output::default();
    let mut sending = Sending::Idle;
    while sending != Sending::Closed {
        let (next, taken, received) = match receiving.receive(rest, &limits) {
            Ok(step) => step,
            Err(broken) => return Ok(println!("{broken:?}")),
        };
        (receiving, rest) = (next, &rest[taken..]);
        match received {
            Some(Received::Head(head)) => {
                sending = sending.expect_response(&head)?;
                let verse = Bytes::from_static(rohttp::verse::VERSE.as_bytes());
                let response = Response::new(Status::OK, verse);
                let length = |verse: &Bytes| verse.len() as u64;
                let (method, now) = (&head.request.method, rohttp::date::now());
                let response =
                    response.finish(Some(method), |it| Some(length(it)), &now);
                let stay = Persistence::KeepAlive;
                (sending, _) =
                    sending.respond(&mut output, response, length, stay)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    std::io::copy(&mut output.reader(), &mut std::io::stdout())
        .expect("a pipe takes it");
    Ok(())
}
