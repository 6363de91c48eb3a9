fn main() -> io::Result<()> {
    let limits = HeadLimits::default();
    let (mut parser, mut input) = (h1::Parser::default(), Vec::new());
    for byte in io::stdin().bytes() {
        input.push(byte?);
        match parser.parse(&input, &limits) {
            Ok(None) => continue,
            Ok(Some(head)) => println!("{:?}", head.persistence),
            Err(error) => println!("{error}"),
        }
        break;
    }
    println!("bytes read: {}", input.len());
    Ok(())
}
