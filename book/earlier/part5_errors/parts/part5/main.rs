use rohttp::h1::{self, Persistence, encode};

fn main() -> io::Result<()> {
    let response = h1::Error::UnsupportedVersion.response();
    let (ends, now) = (Persistence::Close, rohttp::date::now());
    io::stdout().write_all(&encode::whole(response, None, ends, &now))
}
