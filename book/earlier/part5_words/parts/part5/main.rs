fn main() -> io::Result<()> {
    let (mut parser, mut input) = (h1::Parser::default(), Vec::new());
    for byte in io::stdin().bytes() {
        input.push(byte?);
        match parser.parse(&input) {
            Ok(None) => continue,
            Ok(Some(words)) => println!("{words:?}"),
            Err(error) => println!("{error}"),
        }
        break;
    }
    println!("bytes read: {}", input.len());
    Ok(())
}
