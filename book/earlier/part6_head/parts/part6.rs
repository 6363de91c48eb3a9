fn main() {
    use std::io::Read;

    use bytes::Buf;
    use rohttp::h1::receiving::{Received, Receiving};
    use rohttp::h1::sending::Sending;
    use rohttp::message::{Response, Status};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut receiving) = (&input[..], Receiving::default());
    let mut output = rohttp::io::output::Output::default();
    let mut sending = Sending::Idle;
    while sending == Sending::Idle {
        let (next, taken, received) = match receiving.receive(rest, &limits) {
            Ok(step) => step,
            Err(broken) => return println!("{broken:?}"),
        };
        (receiving, rest) = (next, &rest[taken..]);
        match received {
            Some(Received::Head(head)) => {
                let response = Response::new(Status::NO_CONTENT, ());
                sending = sending.expect_response(&head);
                sending = sending.respond(&mut output, &response);
            }
            Some(_) => {}
            None => break,
        }
    }
    std::io::copy(&mut output.reader(), &mut std::io::stdout())
        .expect("a pipe takes it");
}
