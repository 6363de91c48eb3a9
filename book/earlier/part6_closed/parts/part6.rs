fn main() {
    use std::io::Read;

    use rohttp::h1::receiving::{Received, Receiving};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut receiving) = (&input[..], Receiving::default());
    loop {
        let (next, taken, received) = match receiving.receive(rest, &limits) {
            Ok(step) => step,
            Err(error) => return println!("wrong: {error}"),
        };
        (receiving, rest) = (next, &rest[taken..]);
        match received {
            Some(Received::Head(head)) => {
                println!("{} {}", head.request.method, head.request.target);
            }
            None => return println!("{} bytes left", rest.len()),
        }
    }
}
