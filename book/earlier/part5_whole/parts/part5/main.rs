fn main() -> io::Result<()> {
    use rohttp::message::{Method, Response, Status};

    let asked = std::env::args().nth(1).unwrap_or_default();
    let method = Method::parse(asked.as_bytes());
    let response = Response::text(Status::OK, rohttp::verse::VERSE);
    let (ends, now) = (Persistence::Close, rohttp::date::now());
    let bytes = encode::whole(response, method.as_ref(), ends, &now);
    io::stdout().write_all(&bytes)
}
