fn main() {
    use std::io::Read;

    use bytes::{Buf, Bytes};
    use rohttp::h1::chunked;
    use rohttp::h1::receiving::{Received, Receiving};

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let (mut rest, mut receiving) = (&input[..], Receiving::default());
    let mut output = rohttp::io::output::Output::default();
    loop {
        let (next, taken, received) = match receiving.receive(rest, &limits) {
            Ok(step) => step,
            Err(broken) => return println!("{broken:?}"),
        };
        (receiving, rest) = (next, &rest[taken..]);
        match received {
            Some(Received::Head(_)) => {}
            Some(Received::Data(data)) => {
                chunked::chunk(&mut output, Bytes::copy_from_slice(data));
            }
            Some(Received::End(_)) => {
                output.push(Bytes::from_static(chunked::LAST_CHUNK));
            }
            None => break,
        }
    }
    std::io::copy(&mut output.reader(), &mut std::io::stdout())
        .expect("a pipe takes it");
}
