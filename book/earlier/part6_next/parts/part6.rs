fn main() {
    use std::io::Read;

    let (limits, mut input) = (Limits::default(), Vec::new());
    std::io::stdin().read_to_end(&mut input).expect("a pipe can be read");
    let mut rest = &input[..];
    loop {
        match rohttp::h1::Parser::default().parse(rest, &limits.head) {
            Ok(Some(head)) => {
                println!("{} {}", head.request.method, head.request.target);
                rest = &rest[head.length..];
            }
            Ok(None) => return,
            Err(error) => return println!("wrong: {error}"),
        }
    }
}
