use std::io::{self, Write};

use rohttp::h1::{Persistence, encode};

fn main() -> io::Result<()> {
    use rohttp::message::{Response, Status};

    let response = Response::text(Status::BAD_REQUEST, "say that again");
    let mut bytes = Vec::new();
    encode::head(&mut bytes, &response, Persistence::Close);
    io::stdout().write_all(&bytes)
}
