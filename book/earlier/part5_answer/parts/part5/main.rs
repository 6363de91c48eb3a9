use std::io::{self, Read, Write};

use rohttp::h1::{self, Persistence, encode};
use rohttp::message::Scheme;

fn main() -> io::Result<()> {
    let limits = HeadLimits::default();
    let (mut parser, mut input) = (h1::Parser::default(), Vec::new());
    io::stdin().read_to_end(&mut input)?;
    let response = match parser.parse(&input, &limits) {
        Ok(None) => return Ok(()),
        Ok(Some(head)) => answer::answer(&head.request, Scheme::Http),
        Err(error) => error.response(),
    };
    let (ends, now) = (Persistence::Close, rohttp::date::now());
    io::stdout().write_all(&encode::whole(response, parser.method(), ends, &now))
}
