use std::io::{self, Read};

use rohttp::h1;

fn main() -> io::Result<()> {
    let (mut parser, mut input) = (h1::Parser::default(), Vec::new());
    for byte in io::stdin().bytes() {
        input.push(byte?);
        match parser.parse(&input) {
            Ok(None) => continue,
            Ok(Some(word)) => println!("a word: {}", word.escape_ascii()),
            Err(error) => println!("{error}"),
        }
        break;
    }
    println!("bytes read: {}", input.len());
    Ok(())
}
